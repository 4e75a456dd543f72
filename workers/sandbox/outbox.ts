import type { SQLOutputValue } from 'node:sqlite'
import type { Delivery, Hook } from '#schemas/sandbox.ts'
import type { Database } from './state.ts'
import { post } from './webhook.ts'

/** A lead on its way; without a hook of its own it goes to the trickle's, wherever that points by then. */
type Outgoing = { id: string; lead: string; contentType: string; body: string; hook: Hook | undefined }
type Added = Outgoing & { trickle: boolean }

const FIRST_WAIT = 1000
const LONGEST_WAIT = 60_000
const AT_ONCE = 8

export type Outbox = {
  /** Stores a lead; from now on it is tried until a receiver answers 2xx, over restarts. */
  add: (message: Added) => void
  /** Tries one stored lead now. */
  deliver: (id: string) => Promise<Delivery>
  /** Tries all that are due; resolves when each has had its try. */
  deliverDue: () => Promise<void>
  counts: () => { waiting: number; delivered: number }
  /** Whether the trickle sent the lead of this receipt. */
  isTrickled: (receipt: string) => boolean
}

const toMessage = (row: Record<string, SQLOutputValue>): Outgoing => ({
  id: String(row['id']),
  lead: String(row['lead']),
  contentType: String(row['content_type']),
  body: String(row['body']),
  hook: row['url'] === null ? undefined : { url: String(row['url']), secret: String(row['secret']) },
})

/**
 * The stored leads not yet taken by a receiver. Waits double from one second to one minute between tries.
 * @param fallback the hook for leads that have none of their own
 */
export const createOutbox = (db: Database, fallback: () => Hook | undefined, stop: AbortSignal): Outbox => {
  const insert = db.prepare(
    'insert into outbox (id, lead, content_type, body, url, secret, due) values (?, ?, ?, ?, ?, ?, ?)',
  )
  const find = db.prepare('select * from outbox where id = ?')
  const due = db.prepare('select id from outbox where delivered is null and due <= ? order by due limit ?')
  const record = db.prepare(
    'update outbox set attempts = attempts + 1, status = ?, due = ?, delivered = coalesce(delivered, ?) where id = ?',
  )
  const count = db.prepare('select count(*) - count(delivered) as waiting, count(delivered) as delivered from outbox')
  const markTrickled = db.prepare('insert into trickled (message) values (?)')
  const noteReceipt = db.prepare('update trickled set receipt = ? where message = ?')
  const findTrickled = db.prepare('select 1 from trickled where receipt = ?')
  const flying = new Set<string>()

  const deliver = async (id: string): Promise<Delivery> => {
    const row = find.get(id)
    if (row === undefined) throw new RangeError(`no lead ${id} in the outbox`)
    const message = toMessage(row)
    const told = { lead: message.lead, webhookId: id }
    const hook = message.hook ?? fallback()
    if (hook === undefined) return { ...told, status: null, answer: 'no hook is set', delivered: false }
    flying.add(id)
    const { status, answer } = await post(hook, message, stop)
    flying.delete(id)
    const delivered = status !== null && status >= 200 && status < 300
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(Number(row['attempts']), 10))
    if (!stop.aborted) {
      if (delivered) noteReceipt.run(receiptIn(answer), id)
      record.run(status, Date.now() + wait, delivered ? new Date().toISOString() : null, id)
    }
    return { ...told, status, answer, delivered }
  }

  return {
    add: ({ id, lead, contentType, body, hook, trickle }) => {
      insert.run(id, lead, contentType, body, hook?.url ?? null, hook?.secret ?? null, Date.now())
      if (trickle) markTrickled.run(id)
    },
    deliver,
    deliverDue: async () => {
      const ids = due.all(Date.now(), AT_ONCE + flying.size).map((row) => String(row['id']))
      await Promise.all(
        ids
          .filter((id) => !flying.has(id))
          .slice(0, AT_ONCE)
          .map(deliver),
      )
    },
    counts: () => {
      const row = count.get()
      return { waiting: Number(row?.['waiting'] ?? 0), delivered: Number(row?.['delivered'] ?? 0) }
    },
    isTrickled: (receipt) => findTrickled.get(receipt) !== undefined,
  }
}

/** The receipt that our own webhook answers with; others answer what they like. */
const receiptIn = (answer: string | null): string | null => /"(rct_[0-9a-z]{26})"/.exec(answer ?? '')?.[1] ?? null
