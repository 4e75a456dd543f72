/** Rows `from` up to but not `to` are drawn: what is in sight and some on either side. All in px and row counts. */
export const windowOf = (
  rows: number,
  rowHeight: number,
  scrollTop: number,
  viewHeight: number,
  spare = 8,
): { from: number; to: number } => {
  const first = Math.floor(scrollTop / rowHeight) - spare
  const last = Math.ceil((scrollTop + viewHeight) / rowHeight) + spare
  return { from: Math.max(0, Math.min(first, rows)), to: Math.max(0, Math.min(last, rows)) }
}

/** Where to scroll so that a row is wholly in sight; the same place if it is. */
export const scrollTo = (row: number, rowHeight: number, scrollTop: number, viewHeight: number): number =>
  Math.min(row * rowHeight, Math.max(scrollTop, (row + 1) * rowHeight - viewHeight))
