/** The canvas takes the whole page, edge to edge. */
export const load = () => ({ whole: true })
