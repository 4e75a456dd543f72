import * as wire from '../wires/gemini/index.ts'
import type { ProviderKind } from './kind.ts'

/** As of the Gemini API reference: "Generating content". */
export const gemini: ProviderKind = {
  title: 'Google Gemini',
  about: 'Gemini models of Google, by a key of AI Studio.',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  address: null,
  key: 'needed',
  aboutKey: null,
  headers: (key) => ({ 'x-goog-api-key': key ?? '' }),
  paths: {},
  wire: 'gemini',
  path: ({ model, stream }) =>
    `/models/${encodeURIComponent(model)}:${stream === true ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  write: (dialogue) => wire.writeRequest(dialogue),
  flex: null,
  probe: '/models',
  prices: 'google',
}
