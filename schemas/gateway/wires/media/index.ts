import type { Usage } from '../dialogue.ts'
import { known, type Members } from '../members.ts'

/** What a second of sound comes to in tokens, about: what is billed by its length has a number of them too. */
export const tokensPerSecond = 10

const some = (count: number | undefined): number | undefined => (count === undefined || count === 0 ? undefined : count)

/**
 * What images and sound used, as of the OpenAI API reference: "Images", "Create transcription" and "Create speech"; and of
 * Mistral's "Transcriptions". The last two tell either tokens, or how long the sound is.
 */
export const readUsage = (usage: Members): Partial<Usage> => {
  const before = usage.members('input_tokens_details') ?? usage.members('input_token_details')
  const after = usage.members('output_tokens_details')
  const seconds = usage.number('seconds') ?? usage.number('prompt_audio_seconds')
  const heard = seconds === undefined ? undefined : Math.ceil(seconds * tokensPerSecond)
  return known({
    input: Math.max(usage.number('input_tokens') ?? usage.number('prompt_tokens') ?? 0, heard ?? 0),
    output: usage.number('output_tokens') ?? usage.number('completion_tokens') ?? 0,
    audioInput: heard ?? some(before?.number('audio_tokens')),
    imageInput: some(before?.number('image_tokens')),
    imageOutput: some(after?.number('image_tokens')),
    seconds,
  })
}

/** The same of images: what is not said to be text is one. */
export const readImageUsage = (usage: Members): Partial<Usage> => {
  const told = readUsage(usage)
  return { ...told, imageOutput: told.imageOutput ?? told.output ?? 0 }
}

/** The same of what was spoken. */
export const readSpeechUsage = (usage: Members): Partial<Usage> => {
  const told = readUsage(usage)
  return { ...told, audioOutput: told.output ?? 0 }
}

/** When the last words of subtitles are over, in seconds: `00:01:02,500 --> 00:01:04,000`, with a dot and without hours in WebVTT. */
export const lastsFor = (subtitles: string): number | undefined => {
  const last = [...subtitles.matchAll(/--> *(?:(\d+):)?(\d{2}):(\d{2})[.,](\d{3})/g)].at(-1)
  if (last === undefined) return undefined
  const [, hours = '0', minutes, seconds, ms] = last
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(ms) / 1000
}
