import { asyncLocalStorage as activity } from '@temporalio/activity'
import { systemsOf } from '#activities/connectors/connect.ts'
import { sendMail } from '#activities/connectors/mail.ts'
import { workflowContext } from '#activities/context.ts'
import { withTenant } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import type { CallScope } from '#schemas/automation/call.ts'
import { errors, Fault, isFault } from '#schemas/errors.ts'
import { findLetter, type Letter } from './store-letters.ts'

/** A mail system that is away holds up no decision: after so many tries the run goes on without the letters. */
const mostTries = 5

/**
 * Writes to each person whom the approval of a step waits for, or would once it is handed up. The same step of a run
 * writes to each once, however often it is tried; an address that refuses mail keeps no other from getting theirs.
 */
export const createLetters =
  ({ db, connectors, url }: Pick<Deps, 'db' | 'connectors' | 'url'>) =>
  async (of: CallScope, handedUp: boolean): Promise<void> => {
    if (of.test && connectors.rehearsal === null) return
    const letter = await withTenant(db, of, (tx) => findLetter(tx, workflowContext(of), of, handedUp))
    if (letter === null) return
    const { mail } = systemsOf(connectors, of)
    const words = wordsOf(letter, handedUp, url)
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
  }

const mayPass = (error: unknown): boolean => !isFault(error) || errors[error.code].retryable

const wordsOf = ({ approval, title }: Letter, handedUp: boolean, url: string | undefined) => {
  const short = Array.from(title.replaceAll(/\s+/g, ' ').trim()).slice(0, 120).join('')
  const where =
    url === undefined ? 'It is under Approvals.' : `See it and decide: ${url.replace(/\/+$/, '')}/approvals/${approval}`
  return handedUp
    ? {
        subject: `Overdue: ${short}`,
        text: `“${title}” was to be decided by now, and nobody has. It is with you.\n\n${where}`,
      }
    : { subject: `Waiting for you: ${short}`, text: `“${title}” waits for your decision.\n\n${where}` }
}
