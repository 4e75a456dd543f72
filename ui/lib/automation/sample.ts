import type { Definition } from '#schemas/automation/definition.ts'

/** A small automation for tests: start → read → ask → (yes) each customer → done, with a step in the loop. */
export const sample = (): Definition => ({
  format: 1,
  name: 'Sample',
  nodes: [
    { id: 'start', kind: 'start', at: { x: 0, y: 0 } },
    { id: 'read', kind: 'http', title: 'Read', with: { url: 'https://example.com' }, at: { x: 0, y: 104 } },
    {
      id: 'ask',
      kind: 'decision',
      with: { cases: [{ port: 'yes', when: { cel: 'steps.read.status == 200 && steps["read"].body != null' } }] },
      at: { x: 0, y: 208 },
    },
    { id: 'every', kind: 'loop', with: { over: 'items', items: { cel: 'steps.read.body' } }, at: { x: -160, y: 336 } },
    {
      id: 'tell',
      kind: 'http',
      with: { url: { text: 'https://example.com/{{ item.id }}/{{ steps.read.status }}' } },
      within: 'every',
      at: { x: 24, y: 96 },
    },
    { id: 'done', kind: 'end', at: { x: 160, y: 592 } },
  ],
  edges: [
    { from: 'start', to: 'read' },
    { from: 'read', to: 'ask' },
    { from: 'ask', port: 'yes', to: 'every' },
    { from: 'every', port: 'each', to: 'tell' },
    { from: 'every', to: 'done' },
    { from: 'ask', port: 'else', to: 'done' },
  ],
  output: { status: { cel: 'steps.read.status' } },
})
