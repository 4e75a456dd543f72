import { asSubflow } from '#ui/lib/automation/subflow.ts'
import type { Editor } from '#ui/lib/automation/editor.svelte.ts'
import { explain } from '#ui/lib/explain.ts'
import { toasts } from '#ui/lib/parts/toasts.svelte.ts'
import { automationServer, createAutomation } from './calls.ts'

/** Makes an automation of its own of the chosen steps, and puts a call of it in their place. */
export async function takeOut(editor: Editor, mayPublish: boolean): Promise<void> {
  const name = `${editor.definition.name}, part`
  const made = asSubflow(editor.definition, editor.chosenNodes, name)
  if ('refused' in made) {
    toasts.bad('It stays part of this automation.', made.refused)
    return
  }
  try {
    const other = await createAutomation({ name, definition: made.definition })
    const { changes, id } = made.replace(other.handle)
    editor.do({ title: 'Make it an automation of its own', changes, ids: [id] })
    // what is called has to be live, so that this one runs as it did
    if (mayPublish) await automationServer(other.id).publish(other.draft.revision, '')
    toasts.good(
      `“${other.name}” is an automation of its own now.`,
      mayPublish ? 'Its first version is live.' : 'Have it published before this one runs.',
    )
  } catch (error) {
    toasts.bad(explain(error).title, explain(error).detail)
  }
}
