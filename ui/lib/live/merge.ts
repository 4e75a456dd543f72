type Row = { id: string }

/**
 * The pages of a list with the live rows laid over them: a live row is newer than the same row of a page, leaves
 * the list when it no longer passes the filter, and enters it when it does.
 *
 * @param pages newest first, as the API gave them, filtered by it
 * @param complete false while there are older pages to load: a live row below the last one loaded waits for its page
 * @param compare order of the list
 */
export const mergeLive = <R extends Row>(
  pages: readonly R[],
  live: readonly R[],
  passes: (row: R) => boolean,
  compare: (a: R, b: R) => number,
  complete: boolean,
): R[] => {
  const byId = new Map(pages.map((row) => [row.id, row]))
  const last = pages.at(-1)
  for (const row of live) {
    if (!passes(row)) byId.delete(row.id)
    else if (byId.has(row.id) || complete || last === undefined || compare(row, last) < 0) byId.set(row.id, row)
  }
  return [...byId.values()].sort(compare)
}

/** Ids sort by time of making, so the newest are the greatest. */
export const byNewestId = (a: Row, b: Row): number => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)

/**
 * Splits what came since the reader began to look further down from what was there then, so that nothing moves
 * under their eyes. `top` is the id of the row that was first then; undefined holds nothing back.
 */
export const holdNew = <R extends Row>(rows: readonly R[], top: string | undefined): { rows: R[]; held: number } => {
  const shown = top === undefined ? [...rows] : rows.filter((row) => row.id <= top)
  return { rows: shown, held: rows.length - shown.length }
}
