/**
 * The names that conditions see, with their types and what they hold: the one list from which the expression language,
 * completion and fast conditions are made. `optional` ones may be absent; a condition that reads one does not hold then.
 */
export type Field = { type: FieldType; about: string; optional?: true }
export type FieldType = 'string' | 'double' | 'bool' | 'list<string>' | 'google.protobuf.Timestamp' | 'Budget'
export type Struct = { about: string; fields: Record<string, Field> }

const field = (type: FieldType, about: string): Field => ({ type, about })
const maybe = (type: FieldType, about: string): Field => ({ type, about, optional: true })

const budget = {
  used: field('double', 'The share that is used: 0 nothing, 1 all of it.'),
  remaining: field('double', 'What is left, in the money of the tenant.'),
}

export const structs = {
  request: {
    about: 'What is asked for.',
    fields: {
      model: field('string', 'The model or alias that is asked for.'),
      kind: field('string', 'chat, completion, embedding, image, audio or moderation.'),
      wire: field('string', 'openai or anthropic.'),
      stream: field('bool', 'Whether the answer is to come in pieces.'),
      maxTokens: maybe('double', 'The most tokens of the answer, where the request says so.'),
      temperature: maybe('double', 'Where the request says so.'),
      tools: field('list<string>', 'The names of the tools that the model may call.'),
      images: field('bool', 'Whether it has images.'),
      audio: field('bool', 'Whether it has audio.'),
      files: field('bool', 'Whether it has files.'),
      structured: field('bool', 'Whether the answer has to fit a schema.'),
    },
  },
  prompt: {
    about: 'What was said.',
    fields: {
      text: field('string', 'The end of the conversation, 16000 characters at most.'),
      last: field('string', 'What the user said last, 16000 characters at most.'),
      lastCharacters: field('double', 'How long that is.'),
      characters: field('double', 'How long everything is, instructions too.'),
      systemCharacters: field('double', 'How long the instructions to the model are.'),
      tokens: field('double', 'An estimate of the tokens of everything.'),
      turns: field('double', 'How many messages there are.'),
      code: field('bool', 'Whether what the user said last looks like code.'),
      language: field('string', 'A guess at the language of what the user said last, as en or de.'),
      easy: maybe('double', 'How likely the cheap model does as well, by the classifier that is in force.'),
      suffices: maybe('bool', 'Whether that is likely enough to keep the quality that is asked of the classifier.'),
    },
  },
  tenant: { about: 'The tenant.', fields: { id: field('string', 'Its id.'), name: field('string', 'Its name.') } },
  key: {
    about: 'The virtual key that asks.',
    fields: {
      id: field('string', 'Its id.'),
      name: field('string', 'Its name.'),
      tags: field('list<string>', 'Its tags.'),
    },
  },
  user: {
    about: 'The person behind the key; empty texts where there is none.',
    fields: { id: field('string', 'Their id.'), email: field('string', 'Their e-mail address.') },
  },
  team: {
    about: 'The team behind the key; empty texts where there is none.',
    fields: { id: field('string', 'Its id.'), name: field('string', 'Its name.') },
  },
  budget: {
    about: 'The tightest budget that counts for the request.',
    fields: {
      ...budget,
      tenant: field('Budget', 'The tightest of the tenant.'),
      team: field('Budget', 'The tightest of the team.'),
      user: field('Budget', 'The tightest of the person.'),
      key: field('Budget', 'The tightest of the key.'),
      model: field('Budget', 'The tightest of the model.'),
      tag: field('Budget', 'The tightest of a tag.'),
    },
  },
  now: {
    about: 'What the clocks of the tenant show; now.zoned("Europe/Berlin") is what those of another zone do.',
    fields: {
      hour: field('double', '0 to 23.'),
      minute: field('double', '0 to 59.'),
      weekday: field('double', '1 is Monday, 7 is Sunday.'),
      workday: field('bool', 'Whether it is Monday to Friday.'),
      clock: field('string', 'As 08:30; compares as it reads.'),
      date: field('string', 'As 2027-01-31; compares as it reads.'),
      day: field('double', '1 to 31.'),
      month: field('double', '1 to 12.'),
      year: field('double', 'As 2027.'),
      time: field('google.protobuf.Timestamp', 'The point in time.'),
    },
  },
} as const satisfies Record<string, Struct>

export const budgetStruct: Struct = { about: 'A budget.', fields: budget }

/** Names that are no structs. */
export const plainVariables = {
  tags: { type: 'list<string>', about: 'Tags of the request and of its key.' },
  headers: { type: 'map<string, string>', about: 'Headers of the request, by their names in small letters.' },
} as const

export type Root = keyof typeof structs | keyof typeof plainVariables
export const roots = [...Object.keys(structs), ...Object.keys(plainVariables)] as Root[]
