import { html, raw } from 'hono/html'
import { curlOf } from './curl.ts'
import { style } from './style.ts'

type Json = Record<string, unknown>
type Schema = { type?: string; enum?: unknown[]; format?: string; maxLength?: number; default?: unknown }
type Content = Record<string, { example?: unknown }>
type Answer = { description: string; content?: Content }
export type Operation = {
  operationId: string
  summary: string
  description?: string
  parameters: { name: string; in: string; required: boolean; description?: string; schema?: Schema }[]
  requestBody?: { content: Content }
  responses: Record<string, Answer>
  security?: unknown[]
  'x-scope'?: string
}
export type Entry = { path: string; method: string; operation: Operation }

/** A page of the API reference, made of the OpenAPI document; it needs no script and no other site. */
export const docsPage = (document: Json) => {
  const url = (document['servers'] as { url: string }[])[0]?.url ?? ''
  const paths = Object.entries(document['paths'] as Record<string, Record<string, Operation>>)
  const entries = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Entry => ({ path, method, operation })),
  )
  const groups = [...Map.groupBy(entries, ({ path }) => path.split('/')[path.startsWith('/v1') ? 2 : 1] ?? '')]
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>API reference · Auterity</title>
        <style>
          ${raw(style)}
        </style>
      </head>
      <body>
        <nav aria-label="Sections">
          <a class="home" href="/">Auterity</a>
          <ul>
            ${groups.map(
              ([name, list]) =>
                html`<li>
                  <a href="#${name}">${name}<small>${list.length}</small></a>
                </li>`,
            )}
          </ul>
        </nav>
        <main>
          <h1>API reference</h1>
          <p>
            Base address <code>${url}</code>. Make a key under Settings and send it with each request:
            <code>Authorization: Bearer aut_…</code>. For tools there is
            <a href="/v1/openapi.json">openapi.json</a> (OpenAPI 3.1).
          </p>
          <p>
            What is refused is answered with a problem document (RFC 9457): its <code>code</code> says why. Lists give
            <code>next</code>; send it as <code>cursor</code> for the page after.
          </p>
          <p>Who builds screens finds <a href="/settings/parts">every part of them</a> in all its states.</p>
          ${groups.map(
            ([name, list]) =>
              html`<section id="${name}" aria-labelledby="title-${name}">
                <h2 id="title-${name}">${name}</h2>
                ${list.map((entry) => operationOf(url, entry))}
              </section>`,
          )}
        </main>
      </body>
    </html>`
}

/** Descriptions are CommonMark; all that ours use of it is code between backticks. */
const prose = (text: string) => text.split('`').map((part, n) => (n % 2 === 1 ? html`<code>${part}</code>` : part))

const operationOf = (url: string, entry: Entry) => {
  const { path, method, operation } = entry
  const isPublic = operation.security?.length === 0
  const scope = operation['x-scope']
  return html`<details id="${operation.operationId}">
    <summary>
      <b class="${method}">${method.toUpperCase()}</b>
      <span class="what"><code>${path}</code> <span>${operation.summary}</span></span>
    </summary>
    ${operation.description === undefined ? '' : html`<p>${prose(operation.description)}</p>`}
    <p class="scope">
      ${scope === undefined ? (isPublic ? 'Needs no key.' : 'Any key or signed-in person.') : html`Scope <code>${scope}</code>`}
      · <a href="#${operation.operationId}">Link to this</a>
    </p>
    <h3>Request</h3>
    <pre tabindex="0" aria-label="Request"><code>${curlOf(url, entry)}</code></pre>
    ${operation.parameters.length === 0 ? '' : parametersOf(operation)}
    <h3>Answers</h3>
    ${Object.entries(operation.responses).map(([status, answer]) => answerOf(status, answer))}
  </details>`
}

const parametersOf = ({ parameters }: Operation) =>
  html`<h3>Parameters</h3>
    <div class="wide" tabindex="0" role="group" aria-label="Parameters">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">In</th>
            <th scope="col">Takes</th>
          </tr>
        </thead>
        <tbody>
          ${parameters.map(
            (one) =>
              html`<tr>
                <th scope="row"><code>${one.name}</code>${one.required ? '' : html` <small>optional</small>`}</th>
                <td>${one.in}</td>
                <td>${one.description === undefined ? takes(one.schema) : prose(one.description)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`

const takes = (schema: Schema = {}): string => {
  const kind = schema.enum === undefined ? (schema.format ?? schema.type ?? 'text') : schema.enum.join(' | ')
  const bound = schema.maxLength === undefined ? '' : `, at most ${schema.maxLength} characters`
  return `${kind}${bound}${schema.default === undefined ? '' : `, else ${JSON.stringify(schema.default)}`}`
}

const answerOf = (status: string, { description, content }: Answer) => {
  const example = Object.values(content ?? {})[0]?.example
  const text = typeof example === 'string' ? example : JSON.stringify(example, null, 2)
  const line = html`<b class="${Number(status) < 400 ? 'good' : 'bad'}">${status}</b>
    <span>${prose(description)}</span>`
  return example === undefined
    ? html`<p class="answer">${line}</p>`
    : html`<details class="answer" ${Number(status) < 400 ? 'open' : ''}>
        <summary>${line}</summary>
        <pre tabindex="0" aria-label="Example of ${status}"><code>${text}</code></pre>
      </details>`
}
