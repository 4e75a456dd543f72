import { html, raw } from 'hono/html'

type Json = Record<string, unknown>
type Operation = {
  operationId: string
  summary: string
  parameters: { name: string; in: string; required: boolean }[]
  requestBody?: Json
  responses: Json
  'x-scope'?: string
}

/** A page of the API reference, made of the OpenAPI document; it needs no script and no other site. */
export const docsPage = (document: Json) => {
  const paths = Object.entries(document['paths'] as Record<string, Record<string, Operation>>)
  const entries = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const groups = Map.groupBy(entries, ({ path }) => path.split('/')[path.startsWith('/v1') ? 2 : 1] ?? '')
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Auterity API</title>
        <style>
          ${raw(style)}
        </style>
      </head>
      <body>
        <header>
          <h1>Auterity API</h1>
          <p>
            Send <code>Authorization: Bearer aut_…</code>. The machine-readable form is
            <a href="/v1/openapi.json">/v1/openapi.json</a> (OpenAPI 3.1).
          </p>
        </header>
        <nav aria-label="Sections">${[...groups.keys()].map((name) => html`<a href="#${name}">${name}</a> `)}</nav>
        <main>
          ${[...groups].map(
            ([name, list]) =>
              html`<section id="${name}">
                <h2>${name}</h2>
                ${list.map(
                  ({ path, method, operation }) =>
                    html`<details id="${operation.operationId}">
                      <summary>
                        <b class="${method}">${method.toUpperCase()}</b> <code>${path}</code>
                        <span>${operation.summary}</span>
                      </summary>
                      ${operation['x-scope'] === undefined ? '' : html`<p>Scope <code>${operation['x-scope']}</code></p>`}
                      ${part('Parameters', operation.parameters)} ${part('Body', operation.requestBody)}
                      ${part('Answers', operation.responses)}
                    </details>`,
                )}
              </section>`,
          )}
        </main>
      </body>
    </html>`
}

const part = (title: string, value: unknown) =>
  value === undefined || (Array.isArray(value) && value.length === 0)
    ? ''
    : html`<h3>${title}</h3>
        <pre tabindex="0">${JSON.stringify(value, null, 2)}</pre>`

const style = `
:root { color-scheme: light dark; --line: light-dark(#dcdfe4, #30343b); --soft: light-dark(#f5f6f8, #17191d); --dim: light-dark(#55606e, #9aa4b2) }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 2rem 1rem; background: light-dark(#fff, #0f1114); color: light-dark(#15181d, #e8eaed) }
nav { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0 } a { color: light-dark(#1d4ed8, #8ab4ff) }
h2 { margin: 2rem 0 .5rem; font-size: 1.1rem } h3 { font-size: .85rem; color: var(--dim); margin: .75rem 0 .25rem }
details { border: 1px solid var(--line); border-radius: 8px; margin: .4rem 0; padding: .5rem .75rem } summary { cursor: pointer; overflow-wrap: anywhere }
summary b { display: inline-block; min-width: 4rem; font-size: .8rem } summary span { color: var(--dim) }
pre { background: var(--soft); padding: .75rem; border-radius: 6px; overflow: auto; font-size: 12.5px }`
