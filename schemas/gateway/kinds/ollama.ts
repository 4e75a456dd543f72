import * as chat from '../wires/chat/index.ts'
import { compatible, texts } from './compatible.ts'
import type { ProviderKind } from './kind.ts'

export const ollama: ProviderKind = {
  ...compatible,
  title: 'Ollama',
  about: 'Open models on a machine of your own.',
  paths: texts,
  address: 'http://workstation:11434/v1',
  write: (dialogue) => chat.writeRequest(dialogue, chat.chatQuirks.ollama),
}
