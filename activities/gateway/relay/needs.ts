import type { Target } from '#schemas/gateway/routes.ts'
import type { Capability } from '#schemas/steering/actions.ts'
import { spanOf, valueAt } from '#schemas/gateway/wires/splice.ts'
import type { Asked } from './asked.ts'
import { estimatedInput } from './estimate.ts'

/** Words of the wires for what goes along with a text. Within a text quotes are escaped, so that they are not found there. */
const marks: readonly [Capability, readonly string[]][] = [
  ['vision', ['"image_url"', '"input_image"', '"image"']],
  ['files', ['"file"', '"input_file"', '"document"']],
  ['audio', ['"input_audio"']],
]
const members: readonly [Capability, readonly string[]][] = [
  ['tools', ['tools', 'functions']],
  ['structured', ['response_format', 'output_format', 'output_config']],
  ['reasoning', ['reasoning', 'reasoning_effort', 'thinking']],
]

/** What a request needs beyond text; read once, and only where a target says what it is able to do. */
export class Needs {
  readonly #asked: Asked
  #capabilities: readonly Capability[] | undefined
  #tokens: number | undefined

  constructor(asked: Asked) {
    this.#asked = asked
  }

  /** Whether a target can do all that is needed, as far as it says what it can do. */
  metBy({ capabilities, context }: Target): boolean {
    if (capabilities !== undefined && !this.capabilities.every((one) => capabilities.includes(one))) return false
    return context === undefined || this.tokens <= context
  }

  get capabilities(): readonly Capability[] {
    return (this.#capabilities ??= capabilitiesFor(this.#asked))
  }

  /** About how many tokens are read. */
  get tokens(): number {
    return (this.#tokens ??= estimatedInput(this.#asked))
  }
}

const capabilitiesFor = ({ bytes, scanned, stream }: Asked): Capability[] => {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const along = marks.filter(([, words]) => words.some((word) => body.includes(word)))
  const asked = members.filter(([, keys]) =>
    keys.some((key) => isAsked(valueAt(bytes, scanned, key), spanOf(scanned, key))),
  )
  return [...[...along, ...asked].map(([capability]) => capability), ...(stream ? (['streaming'] as const) : [])]
}

const isAsked = (value: unknown, span: unknown): boolean => {
  if (span === undefined || value === null || value === undefined) return false
  if (Array.isArray(value)) return value.length > 0
  return !(typeof value === 'object' && 'type' in value && (value.type === 'text' || value.type === 'disabled'))
}
