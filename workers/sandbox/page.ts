import { Hono } from 'hono'
import { html } from 'hono/html'
import { System } from '#schemas/sandbox.ts'
import type { Database } from './state.ts'
import type { SwitchBoard } from './switches.ts'
import type { Source } from './trickle.ts'
import { allMails } from './truth.ts'

const SHOWN = 100

const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, CanvasText 15%, Canvas); --soft: color-mix(in srgb, CanvasText 62%, Canvas) }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem } h2 { font-size: 1.05rem; margin-top: 2rem } p, dd { color: var(--soft) }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line) }
th { font-weight: 600 } td { font-variant-numeric: tabular-nums }
details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; padding: .6rem .9rem } summary { cursor: pointer }
summary span { color: var(--soft) } pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit }
.wide { overflow-x: auto }`

/** The inbox of the mail sink and the state of the systems, for people. Every value is escaped by the template. */
export const createPage = (db: Database, board: SwitchBoard, source: Source): Hono => {
  const app = new Hono()
  app.get('/', (c) => {
    c.header(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'",
    )
    const states = board.state()
    const mails = allMails(db)
    const { on, everySeconds, made, waiting, delivered } = source.state()
    const rows = System.options.map((system) => {
      const { switches, requests, errors } = states[system]
      return html`<tr>
        <th scope="row">${system}</th>
        <td>${switches.outage === 'none' ? 'up' : `down (${switches.outage})`}</td>
        <td>${switches.latencyMs} ms</td>
        <td>
          ${switches.errorRate === 0 ? 'none' : `${Math.round(switches.errorRate * 100)} %, ${switches.fault} the work`}
        </td>
        <td>${requests}</td>
        <td>${errors}</td>
      </tr>`
    })
    const inbox = mails
      .slice(-SHOWN)
      .toReversed()
      .map(
        (mail) =>
          html`<details>
            <summary><b>${mail.subject}</b> <span>to ${mail.to.join(', ')}, ${mail.createdAt}</span></summary>
            <p>From ${mail.from}${mail.lead === null ? '' : ` · lead ${mail.lead}`}</p>
            <pre>${mail.text ?? mail.html ?? ''}</pre>
          </details>`,
      )
    return c.html(
      html`<!doctype html>
        <html lang="en">
          <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <title>Sandbox dealership</title>
            <style>
              ${STYLE}
            </style>
          </head>
          <body>
            <main>
              <h1>Sandbox dealership</h1>
              <p>Pretend CRM, DMS, mail and model. No mail leaves this machine and nobody gets one.</p>
              <h2>Systems</h2>
              <div class="wide">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">System</th>
                      <th scope="col">State</th>
                      <th scope="col">Latency</th>
                      <th scope="col">Errors on purpose</th>
                      <th scope="col">Requests</th>
                      <th scope="col">Failed</th>
                    </tr>
                  </thead>
                  <tbody>
                    ${rows}
                  </tbody>
                </table>
              </div>
              <h2>Leads</h2>
              <p>
                ${on ? `One every ${everySeconds} s` : 'None on their own'} · ${made} made · ${delivered} delivered ·
                ${waiting} waiting
              </p>
              <h2>Inbox (${mails.length})</h2>
              ${inbox.length > 0 ? inbox : html`<p>No mail yet. Replies that are approved arrive here.</p>`}
            </main>
          </body>
        </html>`,
    )
  })
  return app
}
