/** What pages are called by who guesses their address, and where they are. */
const pages: Readonly<Record<string, string>> = {
  automations: '/automation',
  workflow: '/automation',
  workflows: '/automation',
  run: '/runs',
  approval: '/approvals',
  template: '/templates',
  batches: '/runs/batches',
  leads: '/ingress',
  receipts: '/ingress',
  models: '/gateway',
  overview: '/',
  home: '/',
}

/** The address that was probably meant by one that leads nowhere. */
export const meantBy = (path: string): string | undefined => {
  const [, first = '', ...rest] = path.split('/')
  const page = Object.hasOwn(pages, first) ? pages[first] : undefined
  return page === undefined ? undefined : [page === '/' ? '' : page, ...rest].join('/') || '/'
}
