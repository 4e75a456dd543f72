import { Fault, type Issue } from '#schemas/errors.ts'
import type { Note } from './lead.ts'

const maxNotes = 50

/** 1-based line and column of an offset in UTF-16 units. */
export const placeOf = (source: string, offset: number): { line: number; column: number } => {
  let line = 1
  let start = 0
  for (let at = source.indexOf('\n'); at !== -1 && at < offset; at = source.indexOf('\n', start)) {
    line += 1
    start = at + 1
  }
  return { line, column: offset - start + 1 }
}

/** Collects what was forgiven while one document is read; `at` is an offset in `source`, null where none fits. */
export class Notebook {
  readonly notes: Note[] = []
  source: string

  constructor(source: string) {
    this.source = source
  }

  add(code: string, message: string, at: number | null): void {
    if (this.notes.length >= maxNotes) return
    const place = at === null ? { line: null, column: null } : placeOf(this.source, at)
    this.notes.push({ code, message, ...place })
  }

  /** The refusal of a document, with the place where reading stopped. */
  refuse(sentence: string, at: number | null, issues: Issue[] = []): Fault {
    return new Fault('lead_malformed', sentence, { issues, position: at === null ? null : placeOf(this.source, at) })
  }
}
