import { validate, type About } from '#schemas/automation/validate.ts'
import { operations } from '#schemas/connectors/operations.ts'
import { knownCredentials } from '#ui/lib/credentials/known.svelte.ts'
import type { Editor } from './editor.svelte.ts'

/** A hand that rests for so long (ms) is told what is wrong: quick for the eye, and not for every letter. */
const restMs = 120

/** Keeps the problems of a document up to date while it is edited. Made while a component is. */
export function keepChecking(
  editor: Editor,
  automations: () => Promise<readonly { id: string; handle: string }[]>,
): void {
  let about = $state.raw<About>({ operations })
  $effect(() => {
    const now = editor.definition
    const { items: credentials } = knownCredentials
    const around: About = credentials === undefined ? about : { ...about, credentials }
    const timer = setTimeout(() => {
      editor.problems = validate(now, around)
    }, restMs)
    return () => clearTimeout(timer)
  })
  // a hint only: where they cannot be had, publishing checks them
  knownCredentials.load().catch(() => {})
  automations().then(
    (known) => (about = { operations, automations: known.flatMap((one) => [one.id, one.handle]) }),
    // without the list the names of other automations are not checked here; publishing checks them
    () => {},
  )
}
