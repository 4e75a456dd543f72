import { onDestroy } from 'svelte'
import { sayEvery, type Present } from '#schemas/automation/presence.ts'
import type { LiveRow } from '#schemas/live.ts'
import { call } from '../call.ts'
import { LiveRows } from '../live/feed.svelte.ts'
import type { Editor } from './editor.svelte.ts'

type PresentRow = LiveRow & Present

/** Moves from step to step are told at most this often, in ms. */
const settleMs = 250

/** Who else is at an automation, and at which step; tells them where this screen is. */
export class Presence {
  readonly #automation: string
  readonly #screen = newScreen()
  readonly #rows: LiveRows<PresentRow>
  #node: string | null = null
  #soon: ReturnType<typeof setTimeout> | undefined

  constructor(automation: string) {
    this.#automation = automation
    this.#rows = new LiveRows<PresentRow>(`presence:${automation}`, byName)
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') this.#say()
    }, sayEvery)
    this.#say()
    const leave = () => this.#say(true)
    addEventListener('pagehide', leave)
    onDestroy(() => {
      removeEventListener('pagehide', leave)
      clearInterval(timer)
      clearTimeout(this.#soon)
      leave()
    })
  }

  get others(): readonly Present[] {
    return this.#rows.rows.filter((row) => row.id !== this.#screen)
  }

  /** The step this screen is at now. */
  at(node: string | undefined): void {
    const next = node ?? null
    if (next === this.#node) return
    this.#node = next
    clearTimeout(this.#soon)
    this.#soon = setTimeout(() => this.#say(), settleMs)
  }

  #say(left = false): void {
    call(
      'POST /v1/automations/:automation/presence',
      { automation: this.#automation },
      { screen: this.#screen, node: this.#node, left },
      { keepalive: left },
    ).catch(() => {
      // it is said again soon; that nobody hears it now is no matter for who edits
    })
  }
}

const byName = (a: PresentRow, b: PresentRow): number => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1)

const newScreen = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(36).padStart(2, '0')).join('')

/** Shows on a drawing who else is at it, and tells them where this screen is. Made while a component is. */
export function shareWhere(automation: string, editor: Editor): Presence {
  const presence = new Presence(automation)
  $effect(() => presence.at(editor.chosenNodes.length === 1 ? editor.chosenNodes[0] : undefined))
  $effect(() => {
    editor.people = Map.groupBy(
      presence.others.filter((one) => one.node !== null),
      (one) => one.node ?? '',
    )
  })
  return presence
}
