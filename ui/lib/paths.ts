/** Every address inside the app. Nobody writes one by hand. */
export const to = {
  overview: () => '/',
  runs: (filter: { state?: string; text?: string; workflow?: string; batch?: string } = {}) =>
    withQuery('/runs', filter),
  run: (run: string, step?: string, view?: 'canvas') => withQuery(`/runs/${encodeURIComponent(run)}`, { view, step }),
  batches: () => '/runs/batches',
  batch: (batch: string, only?: string) => withQuery(`/runs/batches/${encodeURIComponent(batch)}`, { only }),
  automations: (filter: { text?: string } = {}) => withQuery('/automation', filter),
  automation: (automation: string) => `/automation/${encodeURIComponent(automation)}`,
  templates: () => '/templates',
  template: (template: string) => `/templates/${encodeURIComponent(template)}`,
  approvals: () => '/approvals',
  approval: (approval: string) => `/approvals/${encodeURIComponent(approval)}`,
  ingress: (filter: { status?: string } = {}) => withQuery('/ingress', filter),
  receipt: (receipt: string) => `/ingress/${encodeURIComponent(receipt)}`,
  models: (
    part?:
      | 'routes'
      | 'providers'
      | 'keys'
      | 'budgets'
      | 'cache'
      | 'levers'
      | 'prices'
      | 'costs'
      | 'guardrails'
      | 'batches'
      | 'recording',
  ) => (part === undefined ? '/gateway' : `/gateway/${part}`),
  playground: (playground?: string) =>
    playground === undefined ? '/gateway/playground' : `/gateway/playground/${encodeURIComponent(playground)}`,
  classifier: () => '/gateway/levers/classifier',
  quality: () => '/gateway/levers/quality',
  modelRequests: (
    filter: { outcome?: string; key?: string; run?: string; model?: string; cache?: string; guardrail?: string } = {},
  ) => withQuery('/gateway', filter),
  guardrail: (guardrail: string) => withQuery('/gateway/guardrails', { guardrail }),
  budget: (budget: string) => withQuery('/gateway/budgets', { budget }),
  modelRequest: (request: string) => `/gateway/requests/${encodeURIComponent(request)}`,
  modelBatch: (batch: string) => `/gateway/batches/${encodeURIComponent(batch)}`,
  steering: () => '/gateway/steering',
  policy: (policy: string, view?: 'text' | 'test' | 'replay' | 'versions') =>
    withQuery(`/gateway/steering/${encodeURIComponent(policy)}`, { view }),
  sandbox: () => '/sandbox',
  system: () => '/system',
  settings: (part: 'people' | 'keys' | 'credentials' | 'webhooks' | 'sessions' | 'password' | 'audit' = 'people') =>
    `/settings/${part}`,
  signIn: (next?: string) => withQuery('/sign-in', { next: next === '/' ? undefined : next }),
  setup: () => '/setup',
}

function withQuery(path: string, query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}

/** Where to go after sign-in: only a path of this site, else the overview. */
export const safeNext = (next: string | null): string =>
  next !== null && /^\/(?![/\\])/.test(next) ? next : to.overview()
