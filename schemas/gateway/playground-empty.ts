import type { PlaygroundAnswer, PlaygroundContent, PlaygroundParameters } from './playgrounds.ts'

/** What the playground holds at the most: models side by side, turns, images of a turn, bytes of an image, characters. */
export const most = { models: 4, turns: 1000, images: 8, imageBytes: 4 * 1024 * 1024, text: 600_000 }

export const noParameters: PlaygroundParameters = {
  temperature: null,
  topP: null,
  maxTokens: null,
  effort: null,
  seed: null,
  stop: [],
}

/** A conversation in which nothing was said yet. */
export const emptyContent: PlaygroundContent = {
  system: '',
  models: ['default'],
  parameters: noParameters,
  tools: '',
  schema: '',
  turns: [],
}

/** An answer of a model of which nothing is known yet. */
export const emptyAnswer = (model: string, state: PlaygroundAnswer['state']): PlaygroundAnswer => ({
  model,
  state,
  text: '',
  thought: '',
  calls: [],
  error: null,
  request: null,
  provider: null,
  served: null,
  finish: null,
  firstMs: null,
  totalMs: null,
  tokens: null,
  cost: null,
  unsaid: [],
})
