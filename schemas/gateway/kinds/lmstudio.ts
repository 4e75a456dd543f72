import * as chat from '../wires/chat/index.ts'
import { compatible, texts } from './compatible.ts'
import type { ProviderKind } from './kind.ts'

export const lmstudio: ProviderKind = {
  ...compatible,
  title: 'LM Studio',
  about: 'Open models on a desktop.',
  paths: texts,
  address: 'http://desktop:1234/v1',
  write: (dialogue) => chat.writeRequest(dialogue, chat.chatQuirks.lmstudio),
}
