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
