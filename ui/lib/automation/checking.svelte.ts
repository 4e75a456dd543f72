import { calledAs, callsOf, type Called } from '#schemas/automation/called.ts'
import { validate, type About } from '#schemas/automation/validate.ts'
import { operations } from '#schemas/connectors/operations.ts'
import { call } from '#ui/lib/call.ts'
import { knownCredentials } from '#ui/lib/credentials/known.svelte.ts'
import { mayI } from '#ui/lib/may.ts'
import type { Editor } from './editor.svelte.ts'
import type { Automations } from './form/form.ts'

/** A hand that rests for so long (ms) is told what is wrong: quick for the eye, and not for every letter. */
const restMs = 120

/** Keeps the problems of a document up to date while it is edited. Made while a component is. */
export function keepChecking(editor: Editor, automations: Automations): void {
  let names = $state.raw<readonly string[]>()
  let people = $state.raw<readonly string[]>()
  let called = $state.raw<Readonly<Record<string, Called | null>>>({})
  const asked = new Set<string>()
  $effect(() => {
    const now = editor.definition
    const { items: credentials } = knownCredentials
    const around: About = {
      operations,
      called,
      ...(names === undefined ? {} : { automations: names }),
      ...(credentials === undefined ? {} : { credentials }),
      ...(people === undefined ? {} : { people }),
    }
    const timer = setTimeout(() => {
      editor.problems = validate(now, around)
    }, restMs)
    return () => clearTimeout(timer)
  })
  $effect(() => {
    for (const one of callsOf(editor.definition)) {
      const name = calledAs(one)
      if (asked.has(name)) continue
      asked.add(name)
      automations.called(one).then((found) => (called = { ...called, [name]: found }), nothing)
    }
  })
  // hints only: what cannot be had is not checked here; publishing checks it
  knownCredentials.load().catch(nothing)
  if (mayI('approvals:read'))
    call('GET /v1/approvals/deciders', {}).then(({ items }) => (people = items.map(({ id }) => id)), nothing)
  automations.list().then((known) => (names = known.flatMap((one) => [one.id, one.handle])), nothing)
}

const nothing = () => {}
