import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Deliveries,
  type Delivery,
  type SendLeads,
  Trickle,
  type TricklePatch,
  type TrickleState,
} from '#schemas/sandbox.ts'
import { makeLead } from './leads.ts'
import { type Outbox, createOutbox } from './outbox.ts'
import { type Database, readSetting, transaction, writeSetting } from './state.ts'

const TICK = 250
const TOGETHER = 32
const off: Trickle = { on: false, everySeconds: 20 }

export type Source = {
  state: () => TrickleState
  change: (patch: TricklePatch) => TrickleState
  send: (order: SendLeads) => Promise<Deliveries>
  /** Whether the trickle sent the lead of this receipt. */
  isTrickled: (receipt: string) => boolean
  reset: () => void
  /** Sends leads until the stop signal; resolves when nothing is in the air. */
  run: () => Promise<void>
}

/** The pretend lead provider: makes leads, stores each before it is sent, and sends it until it is taken. */
export const createSource = (db: Database, stop: AbortSignal): Source => {
  let trickle = Trickle.parse(readSetting(db, 'trickle') ?? off)
  let next = Number(readSetting(db, 'trickle-next') ?? 0)
  const outbox: Outbox = createOutbox(db, () => trickle.hook, stop)
  const made = (): number => Number(readSetting(db, 'leads-made') ?? 0)

  type Order = Pick<SendLeads, 'scenario' | 'format' | 'hook' | 'trickle'>
  /** Makes so many leads and stores them together; gives their ids. */
  const make = (order: Order, count: number): string[] =>
    transaction(db, () => Array.from({ length: count }, () => makeOne(order)))

  const makeOne = (order: Order): string => {
    const serial = made() + 1
    const instance = String(readSetting(db, 'instance'))
    const lead = makeLead(`${instance}:${serial}`, {
      instance,
      serial,
      ...(order.scenario === undefined ? {} : { scenario: order.scenario }),
    })
    const json = order.format === 'json'
    const id = `msg_${lead.id}`
    writeSetting(db, 'leads-made', serial)
    outbox.add({
      id,
      lead: lead.id,
      contentType: json ? 'application/json' : 'application/xml',
      body: json ? JSON.stringify(lead.json) : lead.xml,
      hook: order.hook,
      trickle: order.trickle,
    })
    return id
  }

  const state = (): TrickleState => {
    const { on, everySeconds, hook } = trickle
    return { on, everySeconds, url: hook?.url ?? null, made: made(), ...outbox.counts() }
  }
  const store = (value: Trickle): void => {
    trickle = value
    writeSetting(db, 'trickle', value)
  }

  return {
    state,
    change: (patch) => {
      if (patch.everySeconds !== undefined || (patch.on === true && !trickle.on)) next = 0
      const hook = patch.hook === null ? undefined : (patch.hook ?? trickle.hook)
      store(Trickle.parse({ ...trickle, ...patch, hook }))
      return state()
    },
    send: async (order) => {
      const deliveries: Delivery[] = []
      for (let left = order.count; left > 0; left -= TOGETHER) {
        const round = make(order, Math.min(left, TOGETHER))
        deliveries.push(...(await Promise.all(round.map((id) => outbox.deliver(id)))))
      }
      return { deliveries }
    },
    isTrickled: outbox.isTrickled,
    reset: () => store(off),
    run: async () => {
      const flying = new Set<Promise<void>>()
      while (!stop.aborted) {
        const flows = trickle.on && trickle.hook !== undefined
        if (flows && Date.now() >= next) {
          make({ format: 'xml', trickle: true }, 1)
          next = Date.now() + trickle.everySeconds * 1000
          writeSetting(db, 'trickle-next', next)
        }
        const round = outbox.deliverDue()
        flying.add(round)
        void round.finally(() => flying.delete(round))
        const pause = flows ? Math.min(TICK, Math.max(1, next - Date.now())) : TICK
        await sleep(pause, undefined, { signal: stop }).catch(() => undefined)
      }
      await Promise.all(flying)
    },
  }
}
