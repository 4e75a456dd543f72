import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withSystem } from '#activities/database.ts'
import { createSeal } from '#activities/seal.ts'
import { newId } from '#schemas/ids.ts'
import { testDatabase, testTenant, type TestDatabase } from '#test/harness/database.ts'
import { createAnswers, forgetModelAnswers, type Answers } from './store-answers.ts'

let database: TestDatabase
let answers: Answers
beforeAll(async () => {
  database = await testDatabase()
  answers = createAnswers(database.db, createSeal([randomBytes(32).toString('base64')]))
})
afterAll(() => database[Symbol.asyncDispose]())

const asker = async () => ({ tenant: (await testTenant(database.db)).tenant, run: newId('run'), step: 'ai#0' })

test('an answer is found by who asked and what, and by nobody else', async () => {
  const one = await asker()
  await answers.keep(one, 'What?', 'That.')
  await answers.keep(one, 'What?', 'Something else, a moment later.')
  expect(await answers.find(one, 'What?')).toBe('That.')
  expect(await answers.find(one, 'Why?')).toBeNull()
  expect(await answers.find({ ...one, step: 'ai#1' }, 'What?')).toBeNull()
  expect(await answers.find({ ...one, tenant: (await asker()).tenant }, 'What?')).toBeNull()
})

test('what is kept is sealed, and bound to its step', async () => {
  const [one, other] = [await asker(), await asker()]
  await answers.keep(one, 'What?', 'Dana Whitfield')
  const [row] = await database.db.system
    .selectFrom('gateway_answer')
    .selectAll()
    .where('run_id', '=', one.run)
    .execute()
  expect(row?.sealed.toString('latin1')).not.toContain('Dana')
  await database.db.system
    .insertInto('gateway_answer')
    .values({ ...row!, tenant_id: other.tenant, run_id: other.run })
    .execute()
  await expect(answers.find(other, 'What?')).rejects.toThrow()
})

test('a step forgets all its answers, a day forgets the old ones', async () => {
  const [one, other] = [await asker(), await asker()]
  await answers.keep(one, 'First?', '1')
  await answers.keep(one, 'Second?', '2')
  await answers.keep(other, 'First?', '1')
  await answers.forget(one)
  expect([await answers.find(one, 'First?'), await answers.find(one, 'Second?')]).toEqual([null, null])
  expect(await answers.find(other, 'First?')).toBe('1')
  const later = new Date(Date.now() + 1000)
  expect(await withSystem(database.db, (tx) => forgetModelAnswers(tx, later, 100))).toBeGreaterThan(0)
  expect(await answers.find(other, 'First?')).toBeNull()
})
