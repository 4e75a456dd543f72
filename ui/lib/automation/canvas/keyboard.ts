import { toasts } from '#ui/lib/parts/toasts.svelte.ts'
import { edgeId } from '#schemas/automation/definition.ts'
import { move, remove, setField, type Act } from '../acts.ts'
import { group, ungroup } from '../arrange.ts'
import type { Editor } from '../editor.svelte.ts'
import { copyPart, pastePart, readPart, sizeOfPart } from '../part.ts'
import type { Point, Size } from '../shape.ts'
import { walk } from '../walk.ts'
import { placeIn } from './drop.ts'
import { readKey, type KeyAct } from './keys.ts'

type Around = {
  editor: () => Editor
  hidden: () => ReadonlySet<string>
  goTo: (id: string, extend: boolean) => void
  show: () => void
  focus: () => void
  layOut: () => void
  /** Where something of a size is pasted: at the pointer, else in the middle. */
  spot: (size: Size) => { at: Point; within: string | undefined }
  edit: (rename: boolean) => void
  add: () => void
  connect: (node: string) => void
  find: () => void
  leave: () => void
}

/** What the keys and the clipboard do on a canvas. */
export const keyboard = (around: Around) => {
  const take = (editor: Editor, act: Act) => {
    if (act.refused !== undefined) return toasts.bad(`${act.title} is not done.`, act.refused)
    editor.do(act)
    around.focus()
  }

  const acts: { [Do in KeyAct['do']]: (editor: Editor, act: Extract<KeyAct, { do: Do }>) => void } = {
    walk: (editor, { way, extend }) => {
      const to = walk(editor.definition, editor.active, way, around.hidden())
      if (to !== undefined) around.goTo(to, extend)
    },
    nudge: (editor, { x, y }) => {
      const moves = editor.chosenNodes.flatMap((id) => {
        const node = editor.node(id)
        return node?.at === undefined ? [] : [{ id, at: { x: node.at.x + x, y: node.at.y + y }, within: node.within }]
      })
      editor.do(move(editor.definition, moves), { together: `nudge ${editor.chosen.join(' ')}` })
    },
    edit: () => around.edit(false),
    rename: () => around.edit(true),
    delete: (editor) => take(editor, remove(editor.definition, editor.chosen)),
    duplicate: (editor) => {
      const part = copyPart(editor.definition, editor.chosenNodes)
      if (part.nodes.length === 0) return
      const within = editor.node(editor.chosenNodes[0])?.within
      const beside = placeIn(editor.definition, sizeOfPart(part), within)
      take(editor, { title: 'Duplicate', ...pastePart(editor.definition, part, beside, within) })
    },
    undo: (editor) => editor.undo(),
    redo: (editor) => editor.redo(),
    all: (editor) =>
      editor.choose([...editor.definition.nodes.map((node) => node.id), ...editor.definition.edges.map(edgeId)]),
    find: () => around.find(),
    fit: () => around.show(),
    lay_out: (editor) => {
      if (!editor.readOnly) around.layOut()
    },
    add: (editor) => {
      if (!editor.readOnly) around.add()
    },
    connect: (editor) => {
      const [one, ...more] = editor.chosenNodes
      const from = more.length > 0 ? undefined : (one ?? editor.active)
      if (from !== undefined && !editor.readOnly) around.connect(from)
    },
    escape: (editor) => {
      if (editor.chosen.length > 0) editor.choose([])
      else around.leave()
    },
    toggle: (editor) => {
      const nodes = editor.chosenNodes
      const off = nodes.some((id) => editor.node(id)?.disabled !== true)
      const changes = nodes.flatMap((id) => setField(id, '/disabled', off ? true : undefined).changes)
      editor.do({ title: off ? 'Disable' : 'Enable', changes })
    },
    group: (editor) => editor.do(group(editor.definition, editor.chosenNodes)),
    ungroup: (editor) => editor.do(ungroup(editor.definition, editor.chosenNodes)),
  }

  return {
    press: (event: KeyboardEvent): void => {
      const act = readKey(event)
      if (act === undefined) return
      if (act.do === 'add' && event.key === 'Tab' && around.editor().readOnly) return
      event.preventDefault()
      ;(acts[act.do] as (editor: Editor, act: KeyAct) => void)(around.editor(), act)
    },
    copy: (event: ClipboardEvent, cut: boolean): void => {
      const editor = around.editor()
      if (
        editor.chosenNodes.length === 0 ||
        (event.target instanceof HTMLElement && event.target.closest('input,textarea'))
      )
        return
      event.preventDefault()
      event.clipboardData?.setData(
        'text/plain',
        JSON.stringify(copyPart(editor.definition, editor.chosenNodes), null, 2),
      )
      if (cut) take(editor, { ...remove(editor.definition, editor.chosen), title: 'Cut' })
      else editor.say('Copied')
    },
    paste: (event: ClipboardEvent): void => {
      const editor = around.editor()
      const part = readPart(event.clipboardData?.getData('text/plain') ?? '')
      if (part === undefined || editor.readOnly) return
      event.preventDefault()
      const { at, within } = around.spot(sizeOfPart(part))
      take(editor, {
        title: 'Paste',
        ...pastePart(editor.definition, part, placeIn(editor.definition, at, within), within),
      })
    },
  }
}
