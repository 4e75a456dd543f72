import { asyncLocalStorage as activity } from '@temporalio/activity'
import { systemsOf } from '#activities/connectors/connect.ts'
import { sendMail } from '#activities/connectors/mail.ts'
import { workflowContext } from '#activities/context.ts'
import { storable, withTenant } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import type { CallScope } from '#schemas/automation/call.ts'
import { errors, Fault, isFault } from '#schemas/errors.ts'
import { findLetter, noteLetters, type Letter, type Lost, type Occasion } from './store-letters.ts'

/** A mail system that is away holds up no decision: after so many tries the run goes on without the letters. */
const mostTries = 5

/**
 * Writes to each person whom the approval of a step waits for, or would once it is handed up. The same step of a run
 * writes to each once, however often it is tried; an address that refuses mail keeps no other from getting theirs. Who
 * is not reached in the end stands at the approval.
 */
export const createLetters =
  ({ db, connectors, url }: Pick<Deps, 'db' | 'connectors' | 'url'>) =>
  async (of: CallScope, occasion: Occasion): Promise<void> => {
    if (of.test && connectors.rehearsal === null) return
    const letter = await withTenant(db, of, (tx) => findLetter(tx, workflowContext(of), of, occasion))
    if (letter === null || letter.to.length === 0) return
    const { mail } = systemsOf(connectors, of)
    const words = wordsOf(letter, occasion, url)
    const sent = await Promise.allSettled(
      letter.to.map(({ id, email }) =>
        sendMail(mail, {
          ...words,
          to: email,
          tag: { name: 'approval', value: letter.approval },
          idempotencyKey: [letter.approval, of.part ?? 'told', id].join(':'),
        }),
      ),
    )
    const attempt = activity.getStore()?.info.attempt ?? 1
    if (attempt < mostTries && sent.some((one) => one.status === 'rejected' && mayPass(one.reason)))
      // without the pause that the mail system asks for: a decision may wait behind it
      throw new Fault('connector_unavailable', 'The mail system does not answer.')
    const lost = letter.to.flatMap((one, at): Lost[] => {
      const how = sent[at]
      return how?.status === 'rejected' ? [{ ...one, ...whyNot(how.reason) }] : []
    })
    await withTenant(db, of, (tx) => noteLetters(tx, workflowContext(of), of.run, letter, storable(lost)))
  }

const mayPass = (error: unknown): boolean => !isFault(error) || errors[error.code].retryable

const whyNot = (error: unknown): Pick<Lost, 'why' | 'code'> =>
  isFault(error)
    ? { why: error.message.slice(0, 300), code: error.code }
    : { why: 'Something went wrong on our side.', code: 'internal' }

const wordsOf = ({ approval, title, by }: Letter, occasion: Occasion, url: string | undefined) => {
  const short = Array.from(title.replaceAll(/\s+/g, ' ').trim()).slice(0, 120).join('')
  const where =
    url === undefined ? 'It is under Approvals.' : `See it and decide: ${url.replace(/\/+$/, '')}/approvals/${approval}`
  const said = (subject: string, sentence: string) => ({
    subject: `${subject}: ${short}`,
    text: `${sentence}\n\n${where}`,
  })
  if (occasion === 'handed_up')
    return said('Overdue', `“${title}” was to be decided by now, and nobody has. It is with you.`)
  if (occasion === 'reminded') return said('Still waiting for you', `“${title}” still waits for your decision.`)
  if (occasion === 'opened') return said('Waiting for you', `“${title}” waits for your decision.`)
  return said('Passed on to you', `${by ?? 'Somebody'} passed “${title}” on to you. It waits for your decision.`)
}
