import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs'

/** One file of a spool: lines of JSON, appended. */
export class SpoolPart {
  readonly path: string
  readonly #file: number
  bytes = 0
  /** How many lines of it are still needed. */
  needed = 0
  /** From which byte on memory had no room for it; null where it had. */
  behindFrom: number | null = null
  isClosed = false
  /** Where its last line begins. */
  lastAt = 0
  #torn = false

  constructor(path: string) {
    this.path = path
    this.#file = openSync(path, 'a', 0o600)
  }

  /** At once; throws where the disk is full. */
  append(line: string): void {
    const bytes = Buffer.from(this.#torn ? `\n${line}\n` : `${line}\n`)
    const written = writeSync(this.#file, bytes)
    this.lastAt = this.bytes
    this.bytes += written
    // the end of a disk comes in the midst of a line
    this.#torn = written < bytes.length
    if (this.#torn) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
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
