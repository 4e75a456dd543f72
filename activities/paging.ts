import { Fault } from '#schemas/errors.ts'
import { prefixes, type IdKind } from '#schemas/ids.ts'

/** What a list is asked for: `cursor` is the `next` of the page before. */
export type PageAsked = { cursor?: string | undefined; limit: number }
export type Page<Item> = { items: Item[]; next: string | null }

type Ordered<Row> = { limit(rows: number): { execute(): Promise<Row[]> } }

/**
 * The first `limit` rows of an ordered query, and the cursor of the page after them, `null` where there is none:
 * one row more is asked for to know.
 */
export async function pageOfRows<Row>(
  ordered: Ordered<Row>,
  limit: number,
  cursorOf: (last: Row) => string,
): Promise<{ rows: Row[]; next: string | null }> {
  const found = await ordered.limit(limit + 1).execute()
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  return { rows, next: found.length > limit && last !== undefined ? cursorOf(last) : null }
}

/** A cursor that is the id of the last one of a page; what is none would give the first page again, or no end. */
export function idCursor(kind: IdKind, cursor: string): string {
  if (/^[a-z]+_[0-9a-z]{26}$/.test(cursor) && cursor.startsWith(`${prefixes[kind]}_`)) return cursor
  throw new Fault('bad_request', 'cursor: is not one that this list gave')
}
