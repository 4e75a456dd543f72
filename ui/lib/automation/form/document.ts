import type { JsonSchema } from '#schemas/automation/definition.ts'
import { setField } from '../acts.ts'
import type { Editor } from '../editor.svelte.ts'
import { scopeOf } from '../scope.ts'
import type { FormContext } from './form.ts'
import type { Told } from './told.svelte.ts'

/** The form of an automation itself: its paths are those of the document. */
export const documentForm = (editor: Editor, automations: FormContext['automations'], told: Told): FormContext => {
  const found = () => editor.problems.filter((problem) => problem.node === undefined)
  return {
    get definition() {
      return editor.definition
    },
    get readOnly() {
      return editor.readOnly
    },
    node: undefined,
    scope: () => scopeOf(editor.definition),
    problems: (path, deep = false) =>
      found().filter((problem) => problem.path === path || (deep && problem.path?.startsWith(`${path}/`) === true)),
    set: (path, value, typing = false) =>
      editor.do(setField(null, path, value, 'Edit the automation'), typing ? { together: path } : {}),
    tell: (field, some) => told.tell(field, some),
    mend: ({ title, apply }) => editor.do({ title, changes: apply }),
    pause: () => editor.pause(),
    automations,
  }
}

export const inputField: JsonSchema = {
  type: 'object',
  title: 'Input',
  description: 'What a run is given; expressions call it “input”.',
  'x-show': 'schema',
  'x-plain': true,
}
