import { expect, test } from 'vitest'
import { classifierActivities } from '#activities/gateway/classifiers.ts'
import { createSeal } from '#activities/seal.ts'
import { readJudge } from '#activities/gateway/store-judges.ts'
import type { Classifier } from '#schemas/gateway/classifiers.ts'
import { testKey } from '#test/harness/database.ts'
import { csvOf, drawnOutcomes } from '#test/harness/outcomes.ts'
import { ownApi } from '#test/harness/own-api.ts'
import { withKey } from '#test/harness/people.ts'

const api = ownApi()
const { send } = api
const seal = createSeal([testKey])
const rows = csvOf(drawnOutcomes(1200, 5))

const tenant = async () => {
  const { authorization, ctx } = await withKey(api.db)
  const ask = (route: string, body?: unknown) => send(route, body, { authorization })
  const give = async (outcomes = rows): Promise<Classifier> =>
    (await ask('POST /v1/gateway/classifiers', { outcomes, notes: 'Spring.' })).body as Classifier
  const train = (id: string) => classifierActivities({ db: api.db, seal }).trainClassifier({ classifier: id, ...ctx })
  const trained = async () => {
    const { id } = await give()
    await train(id)
    return id
  }
  const judge = () => readJudge(api.db.system, ctx.tenant)
  return { ctx, ask, give, train, trained, judge }
}

test('a classifier is given outcomes, is trained, and tells what it has learnt; what it was given is gone then', async () => {
  const { ask, give, train } = await tenant()
  const made = await give()
  expect(made).toMatchObject({ number: 1, state: 'training', notes: 'Spring.', rows: 1200, found: null, inForce: null })
  const kept = () =>
    api.db.system.selectFrom('gateway_classifier').select(['outcomes']).where('id', '=', made.id).executeTakeFirst()
  expect((await kept())!.outcomes!.toString('latin1')).not.toContain('strong_ok')
  await train(made.id)
  expect((await kept())!.outcomes).toBeNull()
  const { body } = await ask(`GET /v1/gateway/classifiers/${made.id}`)
  expect(body).toMatchObject({ state: 'ready', closedAt: expect.any(String) as string, failure: null })
  expect(body.found.calibration).toHaveLength(10)
  expect(body.found.kept).toHaveLength(101)
  expect(body.found.choices).toHaveLength(6)
  // another try of the same changes nothing
  await train(made.id)
  expect((await ask(`GET /v1/gateway/classifiers/${made.id}`)).body).toEqual(body)
  expect((await ask('GET /v1/gateway/classifiers')).body.items).toEqual([body])
})

const line = (text: string) => `domain,prompt,strong_ok,weak_ok\n${text}`
test.each([
  ['', 'is empty'],
  [line('a,b,1,1\n'), 'has 1 rows, and 200 are the fewest to learn from'],
  ['domain,prompt,strong_ok\na,b,1\n', 'Line 1: There is no column weak_ok.'],
  [line('a,b,1,1\na,b,1,yes\n'), 'Line 3: weak_ok is “yes”, and has to be a number from 0 to 1.'],
  [line('a,"b,1,1\n'), 'Line 2: A text in quotation marks does not end.'],
  [line(`a,${'b'.repeat(8 * 1024 * 1024)},1,1\n`), 'has more than 8 MiB'],
])('a table that cannot be learnt from is refused, with where it is wrong: %.40j', async (outcomes, message) => {
  const { ask } = await tenant()
  const refused = await ask('POST /v1/gateway/classifiers', { outcomes })
  expect(refused).toMatchObject({ status: 422, body: { issues: [{ path: '/body/outcomes', message }] } })
  expect((await ask('GET /v1/gateway/classifiers')).body.items).toEqual([])
})

test('one is in force at a time, with what is asked of it; each step is in the audit log', async () => {
  const { ask, trained, judge } = await tenant()
  const [first, second] = [await trained(), await trained()]
  expect(await judge()).toBeNull()
  const put = await ask(`POST /v1/gateway/classifiers/${first}/publish`, { retained: 0.95 })
  expect(put.body.inForce).toMatchObject({ retained: 0.95, threshold: expect.any(Number) as number })
  const at95 = (await judge())!
  const { threshold } = put.body.inForce
  for (const prompt of ['hello thanks friendly reply', 'add the numbers prove exactly']) {
    const { body } = await ask(`POST /v1/gateway/classifiers/${first}/score`, { prompt, task: 'greetings' })
    expect(body).toEqual({ easy: at95(() => prompt, 'greetings').easy, suffices: body.easy >= threshold })
  }
  await ask(`POST /v1/gateway/classifiers/${first}/publish`, { retained: 0.999 })
  expect((await judge())!).not.toBe(at95)
  await ask(`POST /v1/gateway/classifiers/${second}/publish`, {})
  const { items } = (await ask('GET /v1/gateway/classifiers')).body as { items: Classifier[] }
  expect(items.map(({ id, inForce }) => [id, inForce?.retained ?? null])).toEqual([
    [second, 0.98],
    [first, null],
  ])
  expect(await ask(`DELETE /v1/gateway/classifiers/${second}`)).toMatchObject({
    status: 409,
    body: { detail: 'It is in force. Take it out of force first.' },
  })
  expect((await ask(`POST /v1/gateway/classifiers/${second}/withdraw`)).body.inForce).toBeNull()
  expect(await judge()).toBeNull()
  expect((await ask(`POST /v1/gateway/classifiers/${second}/withdraw`)).status).toBe(409)
  expect((await ask(`DELETE /v1/gateway/classifiers/${second}`)).status).toBe(204)
  expect((await ask(`GET /v1/gateway/classifiers/${second}`)).status).toBe(404)
  const events = (await ask('GET /v1/events')).body.items as { type: string; subject: string }[]
  expect(events.filter(({ subject }) => subject === second).map(({ type }) => type)).toEqual([
    'classifier_deleted',
    'classifier_withdrawn',
    'classifier_published',
    'classifier_trained',
    'classifier_requested',
  ])
})

test('two that are put in force at once: one is, in the end', async () => {
  const { ask, trained } = await tenant()
  const ids = [await trained(), await trained()]
  const put = await Promise.all(ids.map((id) => ask(`POST /v1/gateway/classifiers/${id}/publish`, {})))
  expect(put.map(({ status }) => status)).toEqual([200, 200])
  const { items } = (await ask('GET /v1/gateway/classifiers')).body as { items: Classifier[] }
  expect(items.filter(({ inForce }) => inForce !== null)).toHaveLength(1)
})

test('what is not ready is not put in force; what is deleted while it is trained is let go', async () => {
  const { ask, give, train } = await tenant()
  const { id } = await give()
  expect(await ask(`POST /v1/gateway/classifiers/${id}/publish`, {})).toMatchObject({
    status: 409,
    body: { detail: 'It is being trained.' },
  })
  expect((await ask(`POST /v1/gateway/classifiers/${id}/score`, { prompt: 'a' })).status).toBe(409)
  const training = train(id)
  expect((await ask(`DELETE /v1/gateway/classifiers/${id}`)).status).toBe(204)
  await training
  expect((await ask('GET /v1/gateway/classifiers')).body.items).toEqual([])
})

test('what was written down and cannot be learnt from fails with why, and nobody waits for it', async () => {
  const { ask, ctx, train } = await tenant()
  const { id } = (await ask('POST /v1/gateway/classifiers', { outcomes: rows })).body as Classifier
  const outcomes = seal.close('nonsense', `outcomes ${ctx.tenant} ${id}`)
  await api.db.system.updateTable('gateway_classifier').set({ outcomes }).where('id', '=', id).execute()
  await train(id)
  const failure = 'Line 1: There is no column domain, prompt, strong_ok, weak_ok.'
  expect((await ask(`GET /v1/gateway/classifiers/${id}`)).body).toMatchObject({ state: 'failed', failure })
  expect((await ask(`POST /v1/gateway/classifiers/${id}/publish`, {})).body.detail).toContain(failure)
})

test('classifiers that are given at once are numbered one after the other; who may only read gives none', async () => {
  const { ask } = await tenant()
  const made = await Promise.all([1, 2, 3].map(() => ask('POST /v1/gateway/classifiers', { outcomes: rows })))
  expect(made.map(({ body }) => (body as Classifier).number).toSorted((a, b) => a - b)).toEqual([1, 2, 3])
  const viewer = await api.as('viewer')
  expect((await viewer('GET /v1/gateway/classifiers')).status).toBe(200)
  expect((await viewer('POST /v1/gateway/classifiers', { outcomes: rows })).status).toBe(403)
})
