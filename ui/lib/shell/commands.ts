import type { Component } from 'svelte'

/** One line of the palette. */
export type Command = { id: string; title: string; group: string; icon?: Component; keys?: string; act: () => void }

/** Asks a part of the app (runs) for lines that fit the text typed; empty text asks for the recent ones. */
export type CommandSource = (text: string, signal: AbortSignal) => Promise<readonly Command[]>

const sources = new Set<CommandSource>()

/** Adds a source for as long as it is not taken away again by what this returns. */
export const addCommandSource = (source: CommandSource): (() => void) => {
  sources.add(source)
  return () => sources.delete(source)
}

/** Lines of all sources; one that fails is left out, the rest still help. */
export const askSources = async (text: string, signal: AbortSignal): Promise<Command[]> => {
  const answers = await Promise.allSettled([...sources].map((source) => source(text, signal)))
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [...answer.value] : []))
}

/** Every word typed has to start a word of the title or the group. */
export const matches = (command: Command, text: string): boolean => {
  const words = wordsOf(`${command.group} ${command.title}`)
  return wordsOf(text).every((part) => words.some((word) => word.startsWith(part)))
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
