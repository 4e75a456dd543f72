import { type Seal, wireNames, type WireName } from './dialogue.ts'

const foreign = /^auterity\.([a-z]+)\.([^.]*)\.(.*)$/s

/**
 * A seal where a wire has room for its own alone: one of another wire says whose it is and of which item, so that it finds its
 * way back when the client sends it again.
 */
export const sealText = (seal: Seal | undefined, own: WireName, id = ''): string =>
  seal === undefined ? '' : seal.wire === own ? seal.data : `auterity.${seal.wire}.${id}.${seal.data}`

export const sealOf = (text: string, own: WireName): { seal?: Seal; id?: string } => {
  if (text === '') return {}
  const [, wire, id = '', data = ''] = foreign.exec(text) ?? []
  const known = wireNames.find((one) => one === wire)
  if (known === undefined) return { seal: { wire: own, data: text } }
  return { seal: { wire: known, data }, ...(id === '' ? {} : { id }) }
}
