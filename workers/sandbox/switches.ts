import { setTimeout as sleep } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { MiddlewareHandler } from 'hono'
import { Switches, type SwitchesPatch, type System, type SystemState, System as SystemName } from '#schemas/sandbox.ts'
import { seeded } from './random.ts'
import { type Database, readSetting, writeSetting } from './state.ts'

const healthy: Switches = {
  latencyMs: 0,
  errorRate: 0,
  fault: 'before',
  outage: 'none',
  rateLimit: 190,
  tokenSeconds: 3600,
}

/** The body a vendor sends with an injected 500 or 503. */
export type FailureBody = (status: 500 | 503) => object

export type SwitchBoard = {
  read: (system: System) => Switches
  change: (system: System, patch: SwitchesPatch) => Switches
  state: () => Record<System, SystemState>
  reset: () => void
  /** Middleware that lets the switches of `system` act on every request behind it, and counts. */
  guard: (system: System, body: FailureBody) => MiddlewareHandler<{ Bindings: HttpBindings }>
}

/** The switches of all systems, kept in the state so that they outlive the process. */
export const createSwitchBoard = (db: Database): SwitchBoard => {
  const load = (system: System): Switches => Switches.safeParse(readSetting(db, `switches:${system}`)).data ?? healthy
  const entry = (system: System) => ({
    switches: load(system),
    requests: 0,
    errors: 0,
    random: seeded(`faults:${system}`),
  })
  const board = { crm: entry('crm'), dms: entry('dms'), mail: entry('mail'), sms: entry('sms'), model: entry('model') }
  const change = (system: System, patch: SwitchesPatch): Switches => {
    const next = Switches.parse({ ...board[system].switches, ...patch })
    writeSetting(db, `switches:${system}`, next)
    board[system].switches = next
    return next
  }

  return {
    read: (system) => board[system].switches,
    change,
    state: () => {
      const of = ({ switches, requests, errors }: SystemState): SystemState => ({ switches, requests, errors })
      return {
        crm: of(board.crm),
        dms: of(board.dms),
        mail: of(board.mail),
        sms: of(board.sms),
        model: of(board.model),
      }
    },
    reset: () => {
      for (const system of SystemName.options) {
        change(system, healthy)
        Object.assign(board[system], { requests: 0, errors: 0, random: seeded(`faults:${system}`) })
      }
    },
    guard: (system, body) => async (c, next) => {
      const own = board[system]
      const { switches } = own
      own.requests += 1
      const fail = (status: 500 | 503) => {
        own.errors += 1
        return c.json(body(status), status)
      }
      const cut = () => {
        own.errors += 1
        c.env.outgoing.destroy()
        return RESPONSE_ALREADY_SENT
      }
      // half of it there and half of it back: who is killed meanwhile may have asked already, and not heard
      const way = () => (switches.latencyMs > 0 ? sleep(switches.latencyMs / 2) : undefined)
      await way()
      if (switches.outage === 'cut') return cut()
      if (switches.outage === 'unavailable') return fail(503)
      const unlucky = switches.errorRate > 0 && own.random() < switches.errorRate
      if (unlucky && switches.fault === 'before') return fail(500)
      await next()
      await way()
      if (unlucky) {
        await c.res.body?.cancel()
        c.res = undefined
        c.res = cut()
      } else if (c.res.status >= 500) own.errors += 1
      return undefined
    },
  }
}
