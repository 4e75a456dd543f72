import { calledAs, callsOf, type Called } from '#schemas/automation/called.ts'
import { validate, type About } from '#schemas/automation/validate.ts'
import { operations } from '#schemas/connectors/operations.ts'
import { knownCredentials } from '#ui/lib/credentials/known.svelte.ts'
import type { Editor } from './editor.svelte.ts'
import type { Automations } from './form/form.ts'

/** A hand that rests for so long (ms) is told what is wrong: quick for the eye, and not for every letter. */
const restMs = 120

/** Keeps the problems of a document up to date while it is edited. Made while a component is. */
export function keepChecking(editor: Editor, automations: Automations): void {
  let names = $state.raw<readonly string[]>()
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
    }
    const timer = setTimeout(() => {
      editor.problems = validate(now, around)
    }, restMs)
    return () => clearTimeout(timer)
  })
  $effect(() => {
    for (const call of callsOf(editor.definition)) {
      const name = calledAs(call)
      if (asked.has(name)) continue
      asked.add(name)
      automations.called(call).then((found) => (called = { ...called, [name]: found }), nothing)
    }
  })
  // hints only: what cannot be had is not checked here; publishing checks it
  knownCredentials.load().catch(nothing)
  automations.list().then((known) => (names = known.flatMap((one) => [one.id, one.handle])), nothing)
}

const nothing = () => {}
