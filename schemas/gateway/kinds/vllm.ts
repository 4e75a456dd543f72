import * as chat from '../wires/chat/index.ts'
import { compatible, texts } from './compatible.ts'
import type { ProviderKind } from './kind.ts'

export const vllm: ProviderKind = {
  ...compatible,
  title: 'vLLM',
  about: 'Open models on GPUs of your own.',
  paths: { ...texts, transcriptions: '/audio/transcriptions', translations: '/audio/translations' },
  write: (dialogue) => chat.writeRequest(dialogue, chat.chatQuirks.vllm),
}
