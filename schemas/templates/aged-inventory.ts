import { action, end, lines, object, type Template } from './template.ts'

/** Cars that stand for long get a new price that the manager has seen, and whoever waits for one hears of it. */
export const agedInventory: Template = {
  handle: 'aged-inventory',
  title: 'Aged inventory',
  purpose: 'Proposes new prices for cars that stand too long, changes them once approved, and tells who waits.',
  category: 'stock',
  sample: {
    input: { days: 75, most: 5 },
    decisions: { approve: { decision: 'approve' } },
    expect: {
      outcome: 'repriced',
      mails: ['used.cars@northstar-motors.example'],
      tasks: ['Wholesale: 4 cars stand for over 120 days'],
    },
  },
  definition: {
    format: 1,
    name: 'Aged inventory',
    description: 'Run once a week: which cars stand, what they should cost, which go to wholesale.',
    input: object({
      days: { type: 'integer', title: 'Stands for (days)', minimum: 1, default: 60 },
      most: { type: 'integer', title: 'How many at most', minimum: 1, maximum: 100, default: 25 },
    }),
    settings: { title: 'Aged inventory', concurrency: { policy: 'skip' } },
    variables: [
      {
        name: 'manager',
        type: 'string',
        initial: 'used.cars@northstar-motors.example',
        description: 'Who gets the report.',
      },
    ],
    nodes: [
      { id: 'start', kind: 'start', title: 'Once a week' },
      {
        id: 'find',
        title: 'Which ones stand?',
        ...action('dms.find_vehicles', {
          condition: 'used',
          minDays: { cel: 'input.days' },
          most: { cel: 'input.most' },
        }),
      },
      {
        id: 'priced',
        kind: 'filter',
        title: 'With a price',
        importance: 'minor',
        with: { items: { cel: 'steps.find.vehicles' }, keep: { cel: 'item.price != null && item.days != null' } },
      },
      {
        id: 'any',
        kind: 'decision',
        title: 'Any?',
        importance: 'minor',
        with: { cases: [{ port: 'yes', title: 'Yes', when: { cel: 'size(steps.priced) > 0' } }] },
      },
      { id: 'end_none', title: 'The lot is fresh', ...end('none') },
      {
        id: 'propose',
        kind: 'map',
        title: 'Propose prices',
        with: {
          items: { cel: 'steps.priced' },
          to: {
            stock: { cel: 'item.stock' },
            title: { cel: 'item.title' },
            days: { cel: 'item.days' },
            price: { cel: 'item.price' },
            to: { cel: 'round(double(item.price) * (item.days >= 90 ? 0.95 : 0.97) / 10.0) * 10.0' },
          },
        },
      },
      {
        id: 'approve',
        kind: 'approval',
        title: 'Approve the prices',
        importance: 'major',
        with: {
          ask: { text: 'New prices for {{ size(steps.propose) }} cars?' },
          show: { cars: { cel: 'steps.propose' } },
          assignees: { role: 'manager' },
          escalateTo: { role: 'owner' },
          remindAfter: '4h',
          dueAfter: '1d',
        },
      },
      { id: 'end_rejected', title: 'Prices stay', ...end('rejected') },
      {
        id: 'each',
        kind: 'loop',
        title: 'For each car',
        with: { over: 'items', items: { cel: 'steps.propose' }, concurrency: 5, onFailure: 'stop' },
      },
      {
        id: 'cut',
        within: 'each',
        title: 'Change the price',
        ...action('dms.change_price', { stock: { cel: 'item.stock' }, price: { cel: 'item.to' } }),
        undo: {
          operation: 'dms.change_price',
          input: { stock: { cel: 'item.stock' }, price: { cel: 'item.price' } },
          title: 'Put the price back',
          after: 'begun',
        },
      },
      { id: 'keep', kind: 'compensate', title: 'The prices stay', importance: 'minor', with: { do: 'keep' } },
      {
        id: 'news',
        kind: 'loop',
        title: 'Tell who waits',
        with: { over: 'items', items: { cel: 'steps.propose' }, concurrency: 5, onFailure: 'collect' },
      },
      {
        id: 'tell',
        within: 'news',
        kind: 'subflow',
        title: 'Price-drop notice',
        with: {
          automation: 'price-drop',
          input: { stock: { cel: 'item.stock' }, was: { cel: 'item.price' } },
          wait: false,
        },
      },
      {
        id: 'old',
        kind: 'filter',
        title: 'Over 120 days',
        with: { items: { cel: 'steps.propose' }, keep: { cel: 'item.days > 120' } },
      },
      {
        id: 'names',
        kind: 'aggregate',
        title: 'Name them',
        importance: 'minor',
        with: { items: { cel: 'steps.old' }, way: 'join', of: { cel: 'item.stock + " " + item.title' }, between: '\n' },
      },
      {
        id: 'any_old',
        kind: 'decision',
        title: 'Any for wholesale?',
        importance: 'minor',
        with: { cases: [{ port: 'yes', title: 'Yes', when: { cel: 'size(steps.old) > 0' } }] },
      },
      {
        id: 'wholesale',
        title: 'Task for wholesale',
        ...action('crm.create_task', {
          priority: 'high',
          title: { text: 'Wholesale: {{ size(steps.old) }} cars stand for over 120 days' },
          text: { cel: 'steps.names' },
        }),
      },
      {
        id: 'saved',
        kind: 'aggregate',
        title: 'Sum of the cuts',
        importance: 'minor',
        with: { items: { cel: 'steps.propose' }, way: 'sum', of: { cel: 'item.price - item.to' } },
      },
      {
        id: 'report',
        title: 'Report to the manager',
        errors: ['mail_refused'],
        ...action('mail.send', {
          to: { cel: 'vars.manager' },
          subject: { text: 'Aged inventory: {{ size(steps.propose) }} cars repriced' },
          text: {
            text: 'Repriced: {{ size(steps.propose) }}\nLess in all: ${{ steps.saved }}\nOver 120 days: {{ size(steps.old) }}\n\n{{ steps.names }}',
          },
        }),
      },
      {
        id: 'end_repriced',
        title: 'Repriced',
        ...end('repriced', { cars: { cel: 'size(steps.propose)' }, less: { cel: 'steps.saved' } }),
      },
      {
        id: 'why',
        kind: 'note',
        with: {
          text: 'A price list that is changed by half is worse than none: where one change fails, all go back.',
          colour: 'blue',
          width: 240,
          height: 90,
        },
      },
    ],
    edges: lines(
      'start > find > priced > any:yes > propose > approve:approved > each > keep > news > old > names > any_old:yes > wholesale > saved > report > end_repriced',
      'any:else > end_none',
      'approve:rejected > end_rejected',
      'each:each > cut',
      'news:each > tell',
      'any_old:else > saved',
      'report:error:mail_refused > end_repriced',
    ),
  },
}
