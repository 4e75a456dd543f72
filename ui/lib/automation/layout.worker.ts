import type { Definition } from '#schemas/automation/definition.ts'
import { layout } from './layout.ts'

addEventListener('message', ({ data }: MessageEvent<Definition>) => postMessage(layout(data)))
