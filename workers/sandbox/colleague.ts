import { setTimeout as sleep } from 'node:timers/promises'
import { approvalRoutes, type Approval } from '#schemas/approvals.ts'
import { sisterId } from '#schemas/ids.ts'
import { Colleague, type ColleaguePatch, type ColleagueState } from '#schemas/sandbox.ts'
import { chance, pick, seeded } from './random.ts'
import { type Database, readSetting, writeSetting } from './state.ts'

/** How often the colleague looks at what is open, in ms, and how long an answer may take. */
const LOOK = 2000
const PATIENCE = 15_000

const off: Colleague = { on: false, leaves: 5, afterSeconds: 30 }
const REJECTED = 0.1
const reasons = [
  'I called instead: this one asks for a voice, not for a mail.',
  'The price is not for a mail to promise; I am asking the manager.',
  'They were here this morning and have an appointment already.',
  'Too long. I am writing this one by hand.',
]

const page = approvalRoutes['GET /v1/approvals'].reply
type Made = { decision: 'approve' } | { decision: 'reject'; note: string }
type Api = NonNullable<Colleague['api']>
type Tally = Pick<ColleagueState, 'approved' | 'rejected'>

/** Most are approved, some rejected with a reason; the same approval always gets the same answer. */
const decisionOn = (approval: string): Made => {
  const random = seeded(`decision:${approval}`)
  return chance(random, REJECTED) ? { decision: 'reject', note: pick(random, reasons) } : { decision: 'approve' }
}

/** Reading and thinking take each reply its own time: half to one and a half times as long as usual; in ms. */
const takesFor = (approval: string, seconds: number): number => seconds * 1000 * (0.5 + seeded(approval)())

export type DemoColleague = {
  state: () => ColleagueState
  change: (patch: ColleaguePatch) => ColleagueState
  reset: () => void
  /** Decides until the stop signal; resolves when nothing is under way. */
  run: () => Promise<void>
}

/**
 * The demo colleague: keeps the list of a demo that nobody looks after short, so that its runs end. Decides over the
 * public API, and only on replies to leads of our own trickle.
 * @param isTrickled whether the trickle sent the lead of a receipt
 */
export const createColleague = (
  db: Database,
  isTrickled: (receipt: string) => boolean,
  stop: AbortSignal,
): DemoColleague => {
  let colleague = Colleague.parse(readSetting(db, 'colleague') ?? off)
  let trouble: string | null = null
  const tally = (): Tally => (readSetting(db, 'colleague-tally') as Tally | undefined) ?? { approved: 0, rejected: 0 }
  const state = (): ColleagueState => {
    const { on, leaves, api } = colleague
    return { on, leaves, name: api?.name ?? null, ...tally(), trouble: on ? trouble : null }
  }
  const store = (value: Colleague): void => {
    colleague = value
    writeSetting(db, 'colleague', value)
  }

  const ask = async (api: Api, path: string, made?: Made): Promise<Response> => {
    const reply = await fetch(`${api.url}/v1/approvals${path}`, {
      ...(made !== undefined && { method: 'POST', body: JSON.stringify(made) }),
      headers: { authorization: `Bearer ${api.key}`, 'content-type': 'application/json' },
      signal: AbortSignal.any([stop, AbortSignal.timeout(PATIENCE)]),
    }).catch((error: unknown) => {
      throw new Error('The API does not answer.', { cause: error })
    })
    // 409: somebody else was first
    if (!reply.ok && reply.status !== 409) throw new Error(`The API answered ${reply.status}.`)
    return reply
  }

  /** All open approvals that ask a key among others: those of the trickle may stand behind hundreds of others. */
  const openOnes = async (api: Api): Promise<Approval[]> => {
    const open: Approval[] = []
    let next: string | null = ''
    while (next !== null) {
      const cursor = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`
      const answer = page.parse(await (await ask(api, `?state=open&asked=me&limit=200${cursor}`)).json())
      open.push(...answer.items)
      next = answer.next
    }
    return open
  }

  const decide = async (api: Api, approval: string): Promise<void> => {
    const made = decisionOn(approval)
    const reply = await ask(api, `/${approval}/decide`, made)
    if (reply.status === 409) return
    const { approved, rejected } = tally()
    const approves = made.decision === 'approve'
    writeSetting(db, 'colleague-tally', {
      approved: approved + Number(approves),
      rejected: rejected + Number(!approves),
    })
  }

  /** What waits for the colleague: of the trickle's replies all but the newest, and of those the ones thought over. */
  const due = (open: readonly Approval[]): Approval[] => {
    const { leaves, afterSeconds } = colleague
    const own = open.filter(({ run }) => isTrickled(sisterId('receipt', run)))
    const oldestFirst = own.toSorted((a, b) => Date.parse(a.openedAt) - Date.parse(b.openedAt))
    return oldestFirst
      .slice(0, Math.max(0, own.length - leaves))
      .filter(({ approval, openedAt }) => Date.now() - Date.parse(openedAt) >= takesFor(approval, afterSeconds))
  }

  const look = async (api: Api): Promise<void> => {
    for (const { approval } of due(await openOnes(api))) {
      if (!colleague.on || stop.aborted) return
      await decide(api, approval)
    }
  }

  return {
    state,
    change: (patch) => {
      const api = patch.api === null ? undefined : (patch.api ?? colleague.api)
      store(Colleague.parse({ ...colleague, ...patch, api }))
      return state()
    },
    reset: () => store({ ...off, api: colleague.api }),
    run: async () => {
      while (!stop.aborted) {
        const { on, api } = colleague
        if (on && api !== undefined)
          trouble = await look(api).then(
            () => null,
            (error: unknown) => (error instanceof Error ? error.message : String(error)),
          )
        await sleep(LOOK, undefined, { signal: stop }).catch(() => undefined)
      }
    },
  }
}
