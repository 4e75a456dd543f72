import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { javascript } from '@codemirror/lang-javascript'
import { json } from '@codemirror/lang-json'
import { bracketMatching, HighlightStyle, indentUnit, StreamLanguage, syntaxHighlighting } from '@codemirror/language'
import { linter, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView, keymap, lineNumbers, placeholder as placeholderOf } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { JsonSchema } from '#schemas/automation/definition.ts'
import { check, suggest } from '../completion.ts'

export type Language = 'cel' | 'text' | 'javascript' | 'json' | 'yaml'

/** What is wrong with a text, told from outside: in offsets. */
export type Marked = { start: number; end: number; level: 'error' | 'warning'; message: string }

type Options = {
  /** A shadow root: styles are adopted there, which the page's policy allows; a style element it would not. */
  root: ShadowRoot
  text: string
  label: string
  language: Language
  placeholder: string
  readOnly: boolean
  scope: () => JsonSchema
  onchange: (text: string) => void
  onleave: () => void
  /** Told from outside, in place of what the editor finds itself. */
  marked?: boolean
}

const celToken = (stream: { match(pattern: RegExp): unknown; next(): unknown }): string | null => {
  if (stream.match(/"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?/)) return 'string'
  if (stream.match(/\d+(?:\.\d+)?/)) return 'number'
  if (stream.match(/(?:true|false|null|in)\b/)) return 'keyword'
  if (stream.match(/[A-Za-z_]\w*(?=\s*\()/)) return 'function'
  if (stream.match(/[A-Za-z_]\w*/)) return 'variableName'
  stream.next()
  return null
}

const cel = StreamLanguage.define<object>({
  startState: () => ({}),
  token: celToken,
  tokenTable: { function: tags.function(tags.variableName) },
})
const template = StreamLanguage.define<{ inside: boolean }>({
  startState: () => ({ inside: false }),
  token: (stream, state) => {
    if (state.inside && stream.match('}}')) {
      state.inside = false
      return 'meta'
    }
    if (state.inside) return celToken(stream)
    if (stream.match('{{')) {
      state.inside = true
      return 'meta'
    }
    stream.next()
    stream.match(/[^{]+/)
    return null
  },
  tokenTable: { function: tags.function(tags.variableName) },
})

const yaml = StreamLanguage.define<{ block: number | null }>({
  startState: () => ({ block: null }),
  token: (stream, state) => {
    if (stream.sol() && state.block !== null && stream.string.trim() !== '' && stream.indentation() <= state.block)
      state.block = null
    if (state.block !== null) {
      stream.skipToEnd()
      return 'string'
    }
    if (stream.eatSpace()) return null
    if (stream.match(/#.*/)) return 'comment'
    if (stream.match(/[\w.-]+(?=\s*:(?:\s|$))/)) return 'propertyName'
    if (stream.match(/[|>][+-]?\s*$/)) {
      state.block = stream.indentation()
      return 'keyword'
    }
    if (stream.match(/"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?/)) return 'string'
    if (stream.match(/(?:true|false|null)(?=\s*(?:[,\]}#]|$))/)) return 'keyword'
    if (stream.match(/-?\d+(?:\.\d+)?(?=\s*(?:[,\]}#]|$))/)) return 'number'
    if (stream.match(/[[\]{},:-]/)) return null
    if (stream.match(/[^\s#,\]}][^,\]}#]*/) === null) stream.next()
    return 'string'
  },
})

const colours = HighlightStyle.define([
  { tag: tags.string, color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool], color: 'var(--code-number)' },
  { tag: [tags.keyword, tags.null], color: 'var(--code-word)' },
  { tag: [tags.propertyName, tags.function(tags.variableName), tags.meta], color: 'var(--code-key)' },
  { tag: tags.comment, color: 'var(--ink-faint)', fontStyle: 'italic' },
])

const look = (language: Language, readOnly: boolean) =>
  EditorView.theme({
    '&': {
      backgroundColor: readOnly ? 'var(--sunken)' : 'var(--surface)',
      color: readOnly ? 'var(--ink-soft)' : 'var(--ink)',
      border: '1px solid var(--line-input)',
      borderRadius: '6px',
      fontSize: '12.5px',
      maxHeight: language === 'yaml' ? 'none' : language === 'javascript' || language === 'json' ? '420px' : '240px',
    },
    '&.cm-focused': { outline: '2px solid var(--accent-ink)', outlineOffset: '1px' },
    '.cm-scroller': {
      fontFamily: language === 'text' ? 'inherit' : 'var(--font-mono, ui-monospace, monospace)',
      lineHeight: '1.5',
    },
    '.cm-content': {
      padding: '5px 2px',
      caretColor: 'var(--ink)',
      minHeight: language === 'yaml' ? '320px' : language === 'javascript' ? '140px' : '0',
    },
    '.cm-cursor': readOnly ? { display: 'none' } : { borderLeftColor: 'var(--ink)' },
    '.cm-line': { padding: '0 7px' },
    '.cm-placeholder': { color: 'var(--ink-faint)' },
    '.cm-gutters': {
      backgroundColor: 'var(--sunken)',
      color: 'var(--ink-faint)',
      border: 'none',
      borderRadius: '6px 0 0 6px',
    },
    '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': {
      backgroundColor: 'var(--accent-wash) !important',
      color: 'inherit',
    },
    '.cm-tooltip': {
      backgroundColor: 'var(--raised)',
      color: 'var(--ink)',
      border: '1px solid var(--line)',
      borderRadius: '8px',
      boxShadow: 'var(--shadow-pop)',
      zIndex: '60',
    },
    // it stands above, so that what is wrong can be read below; clear of the line that is typed
    '.cm-tooltip.cm-tooltip-autocomplete.cm-tooltip-above': { transform: 'translateY(-10px)' },
    '.cm-tooltip-autocomplete > ul': { fontFamily: 'inherit', maxHeight: '220px', padding: '4px' },
    '.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px', borderRadius: '5px' },
    '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent-wash)', color: 'var(--ink)' },
    '.cm-completionDetail': { color: 'var(--ink-faint)', fontStyle: 'normal', marginLeft: '12px' },
    '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600' },
    '.cm-completionInfo': { padding: '6px 10px', maxWidth: '240px', color: 'var(--ink-soft)' },
    '.cm-diagnostic': { padding: '5px 10px', border: 'none' },
    '.cm-lintRange-error': {
      backgroundImage: 'none',
      textDecoration: 'underline wavy var(--failed)',
      textUnderlineOffset: '3px',
    },
  })

/** The expression the caret is in, and where it begins: all of it, or what stands between the braces of a text. */
const expressionAt = (text: string, caret: number, language: Language): { text: string; from: number } | null => {
  if (language === 'cel') return { text, from: 0 }
  const open = text.lastIndexOf('{{', caret - 1)
  if (open === -1 || text.slice(open, caret).includes('}}')) return null
  const close = text.indexOf('}}', caret)
  return { text: text.slice(open + 2, close === -1 ? undefined : close), from: open + 2 }
}

const completion =
  (language: Language, scope: () => JsonSchema) =>
  (context: CompletionContext): CompletionResult | null => {
    const at = expressionAt(context.state.doc.toString(), context.pos, language)
    if (at === null) return null
    const found = suggest(at.text, context.pos - at.from, scope())
    if (
      found === null ||
      (found.from === context.pos - at.from && !context.explicit && !/[.{(\s]$|^$/.test(at.text.slice(0, found.from)))
    )
      return null
    return {
      from: at.from + found.from,
      options: found.list.map(({ label, type, detail, about }) => ({
        label,
        type: type === 'name' ? 'variable' : 'function',
        detail,
        ...(about === undefined ? {} : { info: about }),
        ...(type === 'function' ? { apply: `${label}(` } : {}),
      })),
      validFor: /^\w*$/,
    }
  }

const lint = linter(
  (view): Diagnostic[] => {
    const text = view.state.doc.toString()
    if (text.trim() === '') return []
    const said = check(text)
    if (!('problem' in said)) return []
    const { start, end } = said.range ?? { start: 0, end: text.length }
    return [
      {
        from: Math.min(start, text.length),
        to: Math.min(Math.max(end, start), text.length),
        severity: 'error',
        message: said.problem,
      },
    ]
  },
  { delay: 250 },
)

/** A code editor in a shadow root. */
export function openEditor(options: Options): EditorView {
  const { language, scope } = options
  const expression = language === 'cel' || language === 'text'
  const languages: Record<Language, () => Extension> = {
    cel: () => (options.marked === true ? cel : [cel, lint]),
    text: () => template,
    javascript: () => [javascript(), lineNumbers(), keymap.of([indentWithTab])],
    json: () => json(),
    yaml: () => [yaml, lineNumbers(), indentUnit.of('  '), keymap.of([indentWithTab])],
  }
  return new EditorView({
    root: options.root,
    parent: options.root,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        history(),
        bracketMatching(),
        language === 'text' ? [] : closeBrackets(),
        expression ? autocompletion({ override: [completion(language, scope)], icons: false, aboveCursor: true }) : [],
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
        languages[language](),
        syntaxHighlighting(colours),
        look(language, options.readOnly),
        options.readOnly ? [] : placeholderOf(options.placeholder),
        expression ? EditorView.lineWrapping : [],
        EditorState.readOnly.of(options.readOnly),
        EditorView.contentAttributes.of({
          'aria-label': options.label,
          tabindex: '0',
          ...(options.readOnly ? { 'aria-readonly': 'true' } : {}),
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.onchange(update.state.doc.toString())
          if (update.focusChanged && !update.view.hasFocus) options.onleave()
        }),
      ],
    }),
  })
}

/** Marks what is wrong in the text. */
export function mark(view: EditorView, marked: readonly Marked[]): void {
  const most = view.state.doc.length
  const diagnostics = marked.map(({ start, end, level, message }): Diagnostic => ({
    from: Math.min(start, most),
    to: Math.min(Math.max(end, start), most),
    severity: level,
    message,
  }))
  view.dispatch(setDiagnostics(view.state, diagnostics))
}

/** Puts the caret to a place and shows it. */
export function goTo(view: EditorView, place: number): void {
  const anchor = Math.min(place, view.state.doc.length)
  view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
  view.focus()
}
