import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { withSystem, type Databases, type Tx } from '#activities/database.ts'
import type { Seal } from '#activities/seal.ts'

/** Which step of which run asks. */
export type Asker = { tenant: string; run: string; step: string }

/** Answers that were paid for and perhaps never got to their step, since the worker died with them. */
export type Answers = {
  find(of: Asker, asked: string): Promise<string | null>
  keep(of: Asker, asked: string, answer: string): Promise<void>
  /** A step that failed asks anew when it is tried again. */
  forget(of: Asker): Promise<void>
}

const hashOf = (asked: string): string => createHash('sha256').update(asked).digest('base64url')
const aboutAnswer = ({ tenant, run, step }: Asker): string => `gateway_answer ${tenant} ${run} ${step}`

export function createAnswers(db: Databases, seal: Seal): Answers {
  return {
    async find(of, asked) {
      const row = await db.system
        .selectFrom('gateway_answer')
        .select('sealed')
        .where('tenant_id', '=', of.tenant)
        .where('run_id', '=', of.run)
        .where('step', '=', of.step)
        .where('asked', '=', hashOf(asked))
        .executeTakeFirst()
      return row === undefined ? null : seal.open(row.sealed, aboutAnswer(of))
    },
    async keep(of, asked, answer) {
      const row = { tenant_id: of.tenant, run_id: of.run, step: of.step, asked: hashOf(asked) }
      await db.system
        .insertInto('gateway_answer')
        .values({ ...row, sealed: seal.close(answer, aboutAnswer(of)) })
        .onConflict((it) => it.columns(['tenant_id', 'run_id', 'step', 'asked']).doNothing())
        .execute()
    },
    async forget(of) {
      await withSystem(db, (tx) =>
        tx
          .deleteFrom('gateway_answer')
          .where('tenant_id', '=', of.tenant)
          .where('run_id', '=', of.run)
          .where('step', '=', of.step)
          .execute(),
      )
    },
  }
}

/** Forgets answers that have long got to their step. Gives how many. */
export async function forgetModelAnswers(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from gateway_answer where ctid = any (array(
      select ctid from gateway_answer where at < ${before} limit ${limit}))`.execute(tx)
  return Number(numAffectedRows)
}
