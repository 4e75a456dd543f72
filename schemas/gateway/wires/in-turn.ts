import type { Change } from './change.ts'

type OfPart = Extract<Change, { part: number }>

/**
 * Lets one part of the first choice be open at a time, for wires that say them one after another. Parts that open meanwhile
 * wait until it is their turn: what a model says of a second tool call while the first is still open.
 */
export class InTurn {
  #open: number | undefined
  #waiting = new Map<number, OfPart[]>()

  push(change: Change): Change[] {
    if ('choice' in change && change.choice !== 0) return []
    if ('part' in change) return this.#part(change)
    return change.type === 'stop' ? [...this.#closeAll(), change] : [change]
  }

  #part(change: OfPart): Change[] {
    const { part } = change
    if (part !== this.#open) {
      if (change.type !== 'open') this.#waiting.get(part)?.push(change)
      else if (this.#open !== undefined) this.#waiting.set(part, [change])
      else {
        this.#open = part
        return [change]
      }
      return []
    }
    return change.type === 'close' ? [change, ...this.#next()] : [change]
  }

  #next(): Change[] {
    this.#open = undefined
    const said: Change[] = []
    for (const [part, changes] of this.#waiting) {
      this.#waiting.delete(part)
      said.push(...changes)
      if (changes.at(-1)?.type === 'close') continue
      this.#open = part
      break
    }
    return said
  }

  #closeAll(): Change[] {
    const said: Change[] = []
    while (this.#open !== undefined) said.push({ type: 'close', choice: 0, part: this.#open }, ...this.#next())
    return said
  }
}
