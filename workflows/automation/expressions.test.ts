import { afterAll, beforeAll, expect, test } from 'vitest'
import { evaluate } from '#schemas/automation/expression.ts'
import type { AutomationEnd } from '#schemas/automation/run.ts'
import { chain, drawing } from '#test/harness/drawn.ts'
import { openStage, type Stage } from '#test/harness/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({})
})
afterAll(() => stage[Symbol.asyncDispose]())

const input = {
  name: 'Dana Winters',
  days: 93,
  price: 24_990.5,
  tags: ['used', 'suv'],
  cars: [
    { vin: 'A', price: 1 },
    { vin: 'B', price: 2 },
  ],
  at: '2026-03-08T09:30:00Z',
}
const expressions = [
  'coalesce(null, input.name)',
  'sum(input.cars.map(car, car.price))',
  'least([3, 1, 2])',
  'greatest([3, 1, 2])',
  'round(double(input.price) * (input.days >= 90 ? 0.95 : 0.97) / 10.0) * 10.0',
  'first(input.tags)',
  'last(input.tags)',
  'json(input.cars)',
  'input.days % 7 + input.price / 2',
  'input.name.matches("^(?i)dana\\\\s+\\\\p{L}+$") && !input.name.matches("[0-9]")',
  'input.name.lowerAscii().contains("win") && input.name.startsWith("D") && input.name.endsWith("s")',
  'input.name.split(" ").map(part, part.size())',
  'input.tags.join(", ") + " " + string(input.days)',
  'input.cars.filter(car, car.price > 1).exists_one(car, car.vin == "B") && input.cars.all(car, has(car.vin))',
  '"suv" in input.tags ? {"a": [1, 2.5], "b": null} : {}',
  'timestamp(input.at).getHours("America/Chicago")',
  'timestamp(input.at) + duration("36h") > timestamp("2026-03-09T20:00:00Z")',
  'timestamp(input.at) - duration("90m")',
  'input.?missing.orValue("none")',
  'int("42") + int(2.9) == 44 && double("1.5") == 1.5 && bool("true")',
  'b"abc".size() + "äö".size()',
]

test('an expression comes to the same in a run as anywhere else, also when it is asked again', async () => {
  const output = Object.fromEntries(expressions.map((cel, at) => [`e${at}`, { cel }]))
  const definition = drawing([{ id: 'end', kind: 'end', with: { output } }], chain('start', 'end'))
  const wanted = Object.fromEntries(expressions.map((cel, at) => [`e${at}`, evaluate(cel, { input })]))
  for (const _run of [1, 2]) {
    const end: AutomationEnd = await (await stage.play(definition, { input })).result()
    expect(end).toMatchObject({ output: wanted })
  }
})
