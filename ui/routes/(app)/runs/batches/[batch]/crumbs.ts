import { to } from '#ui/lib/paths.ts'

export const crumbs = [
  { title: 'Runs', href: to.runs() },
  { title: 'Batches', href: to.batches() },
]
