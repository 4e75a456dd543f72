import { createReadStream } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Accounted } from './accounted.ts'
import { lostOf, type Begun } from './begun.ts'
import { makeSpoolFolder } from './spool-folder.ts'
import { SpoolPart } from './spool-part.ts'

/** A part is closed at so many bytes, and removed once all in it is written down. */
const partBytes = 4 * 1024 * 1024
/** So many rows are read back at once. */
const together = 500

type Line = { begun: Begun } | { over: Accounted }
/** Where a line is: from which byte of which part. */
type Place = { part: SpoolPart; at: number }
/** A line that is not on the disk yet, and where it is known by its id. */
type HeldLine = { id: string; by: Map<string, Place> }

/**
 * What this process may not forget, on disk until the database has it: each request that goes to a provider, with what
 * it may cost at most, and each that is over. Appended before a provider is asked and before who asked is told, so it is
 * there when the process is killed; not forced to the disk, so the last of it may be lost with the whole machine. What
 * comes in one turn of the event loop is appended together: appending is most of what a request costs here.
 */
export class Spool {
  readonly #home: string
  readonly #name: string
  #place: { folder: string; free: () => void } | undefined
  readonly #begun = new Map<string, Place>()
  readonly #over = new Map<string, Place>()
  readonly #parts = new Set<SpoolPart>()
  #part: SpoolPart | undefined
  #held: HeldLine[] = []
  /** Those who wait until what is held is on the disk. */
  #turn: PromiseWithResolvers<void> | undefined
  #made = 0
  #behind = 0

  /** Below `home`, under the name of the process. */
  constructor(home: string, name: string) {
    this.#home = home
    this.#name = name
  }

  /** Whether there is a row that memory had no room for. */
  get isBehind(): boolean {
    return this.#behind > 0
  }

  /** A request goes to a provider: how it is written down if nothing more is heard of it. Rejects where the disk is full. */
  begin(begun: Begun): Promise<void> {
    return this.#keep(this.#begun, begun.id, { begun })
  }

  /** It is over. Rejects where the disk is full. */
  end(over: Accounted): Promise<void> {
    return this.#keep(this.#over, over.id, { over })
  }

  /** Calls once all that began and ended so far is on the disk, or cannot be: at once where nothing waits for it. */
  kept(go: () => void): void {
    if (this.#turn === undefined) go()
    else void this.#turn.promise.then(go, go)
  }

  /** The database has it. */
  written(rows: readonly Accounted[]): void {
    for (const { id } of rows) {
      this.#free(this.#over, id)
      // where its end found no room, this is what tells of it
      this.#free(this.#begun, id)
    }
  }

  /** Memory has no room for it: it is here alone now. False where it is not here. */
  keeps({ id }: Accounted): boolean {
    this.#endTurn()
    const place = this.#over.get(id)
    if (place === undefined) return false
    const { part, at } = place
    if (part.behindFrom === null) this.#behind++
    part.behindFrom ??= at
    this.#free(this.#over, id)
    return true
  }

  /** Writes down what memory had no room for. */
  async readBack(write: (rows: Accounted[]) => Promise<void>): Promise<void> {
    // a set is walked with what is added meanwhile: what comes while it is read back is read back too
    for (const part of this.#parts) {
      if (part.behindFrom === null) continue
      if (part === this.#part) this.#close()
      await readLines(part.path, write, { from: part.behindFrom })
      part.behindFrom = null
      this.#behind--
      this.#dropIfDone(part)
    }
  }

  /** Removes what is not needed; what is stays for the next process to find. */
  async close(): Promise<void> {
    this.#close()
    if (this.#place === undefined) return
    const { folder, free } = this.#place
    const left = await partsIn(folder)
    if (left.length === 0) await rm(folder, { recursive: true, force: true })
    free()
  }

  #keep(by: Map<string, Place>, id: string, line: Line): Promise<void> {
    try {
      this.#hold(by, id, line)
    } catch (error) {
      return Promise.reject(error)
    }
    if (this.#turn === undefined) {
      this.#turn = Promise.withResolvers()
      setImmediate(() => this.#endTurn())
    }
    return this.#turn.promise
  }

  #hold(by: Map<string, Place>, id: string, line: Line): void {
    if (this.#part !== undefined && this.#part.bytes >= partBytes) this.#close()
    if (this.#part === undefined) {
      this.#place ??= makeSpoolFolder(this.#home, this.#name)
      this.#part = new SpoolPart(join(this.#place.folder, `${String(++this.#made).padStart(8, '0')}.jsonl`))
      this.#parts.add(this.#part)
    }
    const part = this.#part
    by.set(id, { part, at: part.bytes })
    part.hold(JSON.stringify(line))
    part.needed++
    this.#held.push({ id, by })
  }

  #flush(): void {
    const [held, turn] = [this.#held, this.#turn]
    if (held.length === 0) return
    this.#held = []
    this.#turn = undefined
    try {
      this.#part?.flush()
      // of what is over nobody needs to know that it began
      for (const { id, by } of held) if (by === this.#over) this.#free(this.#begun, id)
      turn?.resolve()
    } catch (error) {
      for (const { id, by } of held) this.#free(by, id)
      turn?.reject(error)
      throw error
    }
  }

  #endTurn(): void {
    try {
      this.#flush()
    } catch {
      // told to those who wait for it
    }
  }

  #free(of: Map<string, Place>, id: string): void {
    const part = of.get(id)?.part
    if (part === undefined) return
    of.delete(id)
    part.needed--
    this.#dropIfDone(part)
  }

  #dropIfDone(part: SpoolPart): void {
    if (part.dropIfDone()) this.#parts.delete(part)
  }

  #close(): void {
    this.#flush()
    const part = this.#part
    this.#part = undefined
    part?.close()
    if (part !== undefined) this.#dropIfDone(part)
  }
}

/** Gives the requests of a file that are over to `write`, many at a time; those begun are kept in `begun`, if it is given. */
async function readLines(
  path: string,
  write: (rows: Accounted[]) => Promise<void>,
  { from = 0, begun }: { from?: number; begun?: Map<string, Begun> } = {},
): Promise<void> {
  let rows: Accounted[] = []
  for await (const text of createInterface({ input: createReadStream(path, { start: from }), crlfDelay: Infinity })) {
    const line = lineOf(text)
    if (line === undefined) continue
    if ('begun' in line) begun?.set(line.begun.id, line.begun)
    else {
      begun?.delete(line.over.id)
      rows.push(line.over)
    }
    if (rows.length < together) continue
    await write(rows)
    rows = []
  }
  if (rows.length > 0) await write(rows)
}

const partsIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder))
    .filter((name) => name.endsWith('.jsonl'))
    .toSorted()
    .map((name) => join(folder, name))

const lineOf = (text: string): Line | undefined => {
  try {
    return JSON.parse(text) as Line
  } catch {
    // torn, where the disk was full
    return undefined
  }
}

/** Writes down what a process that is dead has left: what was over, and what it was in the midst of as lost. */
export async function replay(folder: string, write: (rows: Accounted[]) => Promise<void>): Promise<number> {
  const begun = new Map<string, Begun>()
  let count = 0
  const counted = async (rows: Accounted[]) => {
    await write(rows)
    count += rows.length
  }
  for (const path of await partsIn(folder)) await readLines(path, counted, { begun })
  const lost = [...begun.values()].map(lostOf)
  for (let at = 0; at < lost.length; at += together) await counted(lost.slice(at, at + together))
  await rm(folder, { recursive: true, force: true })
  return count
}
