import type { Node } from '#schemas/automation/definition.ts'

/** Fields that mean something only as another field stands, by kind. */
const only: Record<string, Record<string, { field: string; is: string; unless: string }>> = {
  wait: {
    duration: { field: 'for', is: 'duration', unless: 'duration' },
    until: { field: 'for', is: 'until', unless: 'duration' },
    cron: { field: 'for', is: 'schedule', unless: 'duration' },
    zone: { field: 'for', is: 'schedule', unless: 'duration' },
    event: { field: 'for', is: 'event', unless: 'duration' },
    key: { field: 'for', is: 'event', unless: 'duration' },
    when: { field: 'for', is: 'event', unless: 'duration' },
    earlier: { field: 'for', is: 'event', unless: 'duration' },
    most: { field: 'for', is: 'event', unless: 'duration' },
  },
  loop: {
    items: { field: 'over', is: 'items', unless: 'items' },
    concurrency: { field: 'over', is: 'items', unless: 'items' },
    while: { field: 'over', is: 'while', unless: 'items' },
    most: { field: 'over', is: 'while', unless: 'items' },
  },
  aggregate: { between: { field: 'way', is: 'join', unless: 'count' } },
  parallel: { count: { field: 'until', is: 'some', unless: 'all' } },
}

/** Whether a field of a node's form is asked for, as its other fields stand. */
export function showsField(node: Node, name: string): boolean {
  const rule = only[node.kind]?.[name]
  return rule === undefined || (node.with?.[rule.field] ?? rule.unless) === rule.is
}
