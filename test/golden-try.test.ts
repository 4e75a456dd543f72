import { expect, test } from 'vitest'
import { goldens } from './harness/golden.ts'
import { openGoldenStage } from './harness/golden-play.ts'
import { retrace } from '#temporal/retrace.ts'
import { PayloadReader } from '#temporal/payloads.ts'
import { testKey } from './harness/database.ts'
import { eventName, numbered } from '#temporal/history.ts'
test('all', { timeout: 240_000 }, async () => {
  await using stage = await openGoldenStage()
  for (const golden of goldens.filter(({name}) => name === 'http.carry-on' || name === 'action.carry-on')) {
    const events = await stage.play(golden)
    const payloads = new PayloadReader([testKey])
    const run = (await payloads.all(events[0]!.workflowExecutionStartedEventAttributes!.input)) as never
    const { end, fault, changes } = await retrace(run, golden.definition, events, payloads)
    console.log('GOLD', golden.name, JSON.stringify(end)?.slice(0, 150), fault, changes.map((c) => `${c.node}#${c.iteration} ${c.state}`).join(', '))
    for (const { event, id } of numbered(events)) console.log('EV', id, eventName(event), event.activityTaskScheduledEventAttributes?.activityId ?? '', event.activityTaskCompletedEventAttributes?.scheduledEventId ?? '')
  }
  expect(1).toBe(1)
})
