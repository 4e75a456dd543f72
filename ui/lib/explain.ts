import { isProblem } from './problem.ts'

export type Explained = { title: string; detail?: string | undefined; requestId?: string | undefined }

/** Words for the reader out of whatever was thrown. What we do not know is not shown raw. */
export const explain = (error: unknown): Explained => {
  if (isProblem(error)) return { title: error.title, detail: error.detail, requestId: error.requestId }
  return { title: 'Something went wrong on this page.', detail: 'Reload it, and tell us if it stays.' }
}
