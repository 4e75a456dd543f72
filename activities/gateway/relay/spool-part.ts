import { closeSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs'

/** One file of a spool: lines of JSON, appended. */
export class SpoolPart {
  readonly path: string
  readonly #file: number
  #held = ''
  #heldBytes = 0
  #written = 0
  /** How many lines of it are still needed. */
  needed = 0
  /** From which byte on memory had no room for it; null where it had. */
  behindFrom: number | null = null
  isClosed = false

  constructor(path: string) {
    this.path = path
    this.#file = openSync(path, 'a', 0o600)
  }

  /** How many bytes it has, with what is held. */
  get bytes(): number {
    return this.#written + this.#heldBytes
  }

  /** It is on the disk after the next `flush`. */
  hold(line: string): void {
    this.#held += `${line}\n`
    this.#heldBytes += Buffer.byteLength(line) + 1
  }

  /** All that is held, at once and whole; throws where the disk is full, and then nothing of it is there. */
  flush(): void {
    const bytes = Buffer.from(this.#held)
    this.#held = ''
    this.#heldBytes = 0
    const written = writeSync(this.#file, bytes)
    if (written < bytes.length) {
      // the end of a disk comes in the midst of a line
      ftruncateSync(this.#file, this.#written)
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    }
    this.#written += written
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    closeSync(this.#file)
  }

  /** Removes it where nothing of it is needed; tells whether it is gone. */
  dropIfDone(): boolean {
    if (!this.isClosed || this.needed > 0 || this.behindFrom !== null) return false
    unlinkSync(this.path)
    return true
  }
}
