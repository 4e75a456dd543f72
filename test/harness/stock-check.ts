import type { Definition } from '#schemas/automation/definition.ts'

/** Adds up prices, checks each car in a loop, fails at one below zero, and waits where it is dear. */
export const stockCheck = (name = 'Stock check'): Definition => ({
  format: 1,
  name,
  input: {
    type: 'object',
    properties: {
      cars: {
        type: 'array',
        title: 'Cars',
        items: {
          type: 'object',
          properties: { vin: { type: 'string', title: 'VIN' }, price: { type: 'number', title: 'Price' } },
        },
      },
    },
    required: ['cars'],
  },
  variables: [{ name: 'note', type: 'string', initial: 'nothing yet' }],
  nodes: [
    { id: 'start', kind: 'start', at: { x: 200, y: 0 } },
    {
      id: 'total',
      kind: 'aggregate',
      title: 'Add up the prices',
      with: { items: { cel: 'input.cars' }, way: 'sum', of: { cel: 'item.price' } },
      at: { x: 200, y: 104 },
    },
    {
      id: 'each',
      kind: 'loop',
      title: 'Each car',
      with: { over: 'items', items: { cel: 'input.cars' }, concurrency: 1 },
      at: { x: 60, y: 208 },
    },
    {
      id: 'check',
      kind: 'code',
      title: 'Check the car',
      within: 'each',
      with: {
        input: { car: { cel: 'item' } },
        source: 'if (input.car.price < 0) throw new Error("The price is below zero.")\nreturn { vin: input.car.vin }',
      },
      retry: { attempts: 1 },
      at: { x: 40, y: 92 },
    },
    {
      id: 'dear',
      kind: 'decision',
      title: 'Is it dear?',
      with: { cases: [{ port: 'yes', title: 'Yes', when: { cel: 'steps.total > 50000.0' } }] },
      at: { x: 200, y: 470 },
    },
    {
      id: 'hold',
      kind: 'wait',
      title: 'Sleep on it',
      with: { for: 'duration', duration: '1h' },
      at: { x: 60, y: 594 },
    },
    {
      id: 'tell',
      kind: 'set',
      title: 'Remember',
      with: { values: { note: { text: '{{ size(input.cars) }} cars' } } },
      at: { x: 340, y: 594 },
    },
    { id: 'end', kind: 'end', with: { outcome: 'done' }, at: { x: 200, y: 708 } },
  ],
  edges: [
    { from: 'start', to: 'total' },
    { from: 'total', to: 'each' },
    { from: 'each', port: 'each', to: 'check' },
    { from: 'each', to: 'dear' },
    { from: 'dear', port: 'yes', to: 'hold' },
    { from: 'dear', port: 'else', to: 'tell' },
    { from: 'hold', to: 'end' },
    { from: 'tell', to: 'end' },
  ],
})
