import { globSync } from 'node:fs'
import { basename, dirname, extname, posix } from 'node:path'
import { expect, test } from 'vitest'
import { scopes } from '#schemas/access.ts'
import { capabilities } from '#schemas/capabilities.ts'
import { migrations } from '#schemas/migrations/index.ts'
import { routes } from '#schemas/routes.ts'
import { events, isPastTense } from './harness/events.ts'
import { plumbing } from './harness/plumbing.ts'
import { edgesOf, files, isTest, type Node, read, root, scripts, treeOf } from './harness/repository.ts'
import { rooms } from './harness/rooms.ts'
import { documentedVariables, readVariables } from './harness/variables.ts'

const slugs = Object.keys(capabilities)

/** Fails with one line for each finding and, above them, how to mend it. */
const expectNone = (found: readonly string[], mend: string): void => {
  if (found.length > 0) expect.fail(`${mend}\n  ${found.join('\n  ')}\n`)
}

const topFolders = ['.ci', 'activities', 'api', 'deploy', 'schemas', 'temporal', 'test', 'ui', 'workers', 'workflows']
const topFiles = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'DECISIONS.md',
  'LICENSE',
  '.env.example',
  '.gitignore',
  '.npmrc',
  '.oxfmtrc.json',
  '.oxlintrc.json',
  'knip.json',
  'package-lock.json',
  'package.json',
  'tsconfig.json',
]

test('the top of the house holds its ten rooms and a few files, nothing else', () => {
  const top = new Set(files.map((path) => path.split('/', 1)[0] ?? ''))
  const strange = [...top].filter(
    (name) => !topFolders.includes(name) && !topFiles.includes(name) && !/^[a-z0-9.]+\.config\.ts$/.test(name),
  )
  expectNone(strange, 'Move these into the room they belong to (ARCHITECTURE.md):')
})

// the dots of a route such as [...rest] begin no ending
const nameOf = (entry: string): string => entry.replace(/(?<=[^[.])\..*$/, '')

const belongs = (name: string): boolean => slugs.some((slug) => name === slug || name.startsWith(`${slug}-`))

test('every file belongs to a capability, or to the named plumbing of its room', () => {
  const homeless = Object.entries(plumbing).flatMap(([room, known]) => {
    const inside = files.filter((path) => path.startsWith(`${room}/`)).map((path) => path.slice(room.length + 1))
    const entries = new Set(inside.map((path) => path.split('/', 1)[0] ?? '').filter((name) => name !== 'README.md'))
    return [...entries]
      .filter((entry) => !belongs(nameOf(entry)) && known[nameOf(entry)] === undefined)
      .map((entry) => `${room}/${entry}`)
  })
  expectNone(homeless, 'Name these after a slug of schemas/capabilities.ts (`slug.ts`, `slug-part.ts`, `slug/`):')
})

test('stories and benches are named after a capability', () => {
  const homeless = files.filter((path) => {
    const [, , name] = /^test\/(e2e|bench)\/([^/]+)\.(e2e|bench)\.ts$/.exec(path) ?? []
    return name !== undefined && !belongs(name) && !['start', 'ui', 'overview', 'engine', 'savings'].includes(name)
  })
  expectNone(homeless, 'Name these after a slug of schemas/capabilities.ts:')
})

test('every capability exists in code', () => {
  const unknown = slugs.filter(
    (slug) => !files.some((path) => nameOf(path.split('/')[1] ?? '') === slug && !path.startsWith('test/')),
  )
  expectNone(unknown, 'Remove these slugs from schemas/capabilities.ts, or build them:')
})

/** Whether only tests import a file: what stands beside them to be tried against. */
const servesTests = (path: string): boolean => {
  const users = scripts.filter((from) => edgesOf(from).some(({ isPath, target }) => isPath && target === path))
  return users.length > 0 && users.every(isTest)
}

test.each(Object.entries(rooms))('%s imports only what it may', (room, rule) => {
  const inside = scripts.filter((path) => path.startsWith(`${room}/`) && !isTest(path) && !servesTests(path))
  const wrong = inside.flatMap(edgesOf).filter((edge) => !rule.may(edge))
  const said = wrong.map(({ from, target, typeOnly }) => `${from} → ${target}${typeOnly ? ' (type)' : ''}`)
  expectNone(said, `${rule.sentence}. Move the code to the room that may, or pass it in:`)
})

test('a path into another room is written #room/…', () => {
  const crossing = scripts
    .flatMap(edgesOf)
    .filter(({ from, target, relative }) => relative && from.split('/', 1)[0] !== target.split('/', 1)[0])
    .filter(({ from }) => from.includes('/'))
  expectNone(
    crossing.map(({ from, target }) => `${from} → ${target}`),
    'Write these imports as #room/…:',
  )
})

test('imports of our own code name a file that exists', () => {
  const generated = /(^|\/)\$types(\.d\.ts)?$|^ui\/build\//
  const dead = scripts
    .flatMap(edgesOf)
    .filter(({ isPath, target }) => isPath && !files.includes(target) && !generated.test(target))
  expectNone(
    dead.map(({ from, target }) => `${from} → ${target}`),
    'These files are not there (imports are written with their .ts):',
  )
})

const sqlOutsideStores: Record<string, string> = {
  'activities/database.ts': 'sets the tenant of a transaction',
}

test('SQL is written in stores and migrations only', () => {
  const query = /\.(selectFrom|insertInto|updateTable|deleteFrom|mergeInto)\(|\bsql(<[^`]*>)?`/
  const wrong = scripts.filter(
    (path) =>
      !isTest(path) &&
      !/^(deploy|schemas\/migrations)\//.test(path) &&
      !/^activities\/[^/]+\/store(-[a-z-]+)?\.ts$/.test(path) &&
      sqlOutsideStores[path] === undefined &&
      query.test(read(path)),
  )
  expectNone(wrong, 'Move the SQL of these into activities/<slug>/store.ts:')
})

const long: Record<string, string> = {}

test('no file is longer than 300 lines', () => {
  const counted = files
    .filter((path) => ['.ts', '.mjs', '.svelte', '.css', '.py'].includes(extname(path)))
    .map((path) => ({ path, lines: read(path).split('\n').length - 1 }))
  const tooLong = counted.filter(({ path, lines }) => lines > (long[path] === undefined ? 300 : 500))
  expectNone(
    tooLong.map(({ path, lines }) => `${path} (${lines})`),
    'Split these by what their parts are for (up to 500 lines with a reason in the list `long`):',
  )
})

test('nothing is named after a kind of thing', () => {
  const kinds = ['utils', 'util', 'helpers', 'helper', 'services', 'types', 'common', 'misc', 'shared']
  const wrong = files.filter((path) => path.split('/').some((name) => kinds.includes(nameOf(name))))
  expectNone(wrong, 'Name these after what they are about:')
})

const exportedWorkflows = (): { name: string; path: string }[] =>
  treeOf('workflows/index.ts')
    .flatMap((program) => program['body'] as Node[])
    .filter((node) => node.type === 'ExportNamedDeclaration' && node['source'] != null)
    .flatMap((node) => {
      const path = posix.join('workflows', String((node['source'] as Node)['value']))
      return (node['specifiers'] as Node[]).map((one) => ({ name: String((one['local'] as Node)['name']), path }))
    })

const declaresVersioning = (statement: Node | undefined, workflow: string): boolean => {
  const call = statement?.['expression'] as Node | undefined
  if (call?.type !== 'CallExpression' || (call['callee'] as Node)['name'] !== 'setWorkflowOptions') return false
  const [options, target] = call['arguments'] as [Node?, Node?]
  const properties = (options?.['properties'] ?? []) as Node[]
  const named = properties.some((property) => (property['key'] as Node | undefined)?.['name'] === 'versioningBehavior')
  return named && target?.['name'] === workflow
}

test('every workflow says on the line above it how it is versioned', () => {
  const silent = exportedWorkflows().filter(({ name, path }) => {
    const body = treeOf(path).flatMap((program) => program['body'] as Node[])
    const at = body.findIndex(
      (node) => ((node['declaration'] as Node | null)?.['id'] as Node | null)?.['name'] === name,
    )
    const [before, workflow] = [body[at - 1], body[at]]
    if (before === undefined || workflow === undefined || !declaresVersioning(before, name)) return true
    return /\n\s*\n/.test(read(path).slice(before.end, workflow.start))
  })
  expectNone(
    silent.map(({ name, path }) => `${path}: ${name}`),
    "Write `setWorkflowOptions({ versioningBehavior: 'PINNED' }, name)` directly above these:",
  )
})

const isRepositoryPath = (text: string): boolean =>
  /^[\w.@()+*{},-]+(\/[\w.@()+*{},-]*)+$/.test(text) && topFolders.includes(text.split('/', 1)[0] ?? '')

test('documents name only paths that exist', () => {
  const exists = (path: string): boolean => path === '' || globSync(path, { cwd: root }).length > 0
  const made = /^(ui\/build|test\/artefacts)/
  const dead = files
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) => {
      const text = read(path).replaceAll(/```[\s\S]*?```/g, '')
      const quoted = [...text.matchAll(/`([^`\n]+)`/g)].map(([, inside = '']) => inside)
      const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.split('#', 1)[0] ?? '')
      const local = links.filter((link) => link !== '' && !/^[a-z]+:/.test(link))
      const named = [
        ...quoted.filter(isRepositoryPath).map((one) => one.replace(/\/$/, '')),
        ...quoted.filter((one) => topFiles.includes(one)),
        ...local.map((link) => posix.join(dirname(path), link)),
      ]
      return named.filter((one) => !made.test(one) && !exists(one)).map((one) => `${path}: ${one}`)
    })
  expectNone(dead, 'Correct these paths:')
})

test('.env.example names every variable that is read, and no other', () => {
  const read = readVariables()
  const documented = documentedVariables()
  expectNone(
    read.filter((name) => !documented.has(name)),
    'Add these to .env.example, with a comment line above each:',
  )
  expectNone(
    [...documented.keys()].filter((name) => !read.includes(name)),
    'Nothing reads these; remove them from .env.example:',
  )
  expectNone(
    [...documented].filter(([, comment]) => comment === undefined).map(([name]) => name),
    'Say in a comment line above each of these in .env.example what it is for:',
  )
})

test('migrations stand in one line without a gap, each named after a capability', () => {
  const found = files.filter((path) => /^schemas\/migrations\/\d/.test(path)).map((path) => basename(path, '.ts'))
  expect(Object.keys(migrations), 'List the files of schemas/migrations in index.ts, in order.').toEqual(found)
  const numbers = found.map((name) => Number(name.slice(0, 4)))
  expect(numbers, 'Number migrations 0001, 0002, … without a gap.').toEqual(numbers.map((_, index) => index + 1))
  expectNone(
    found.filter((name) => !slugs.some((slug) => name.slice(5).startsWith(`${slug}_`))),
    'Name these NNNN_<slug>_<what>:',
  )
})

test('every room has a README of a dozen lines', () => {
  const wrong = topFolders
    .filter((room) => room !== '.ci')
    .map((room) => `${room}/README.md`)
    .filter((path) => !files.includes(path) || read(path).trimEnd().split('\n').length > 14)
  expectNone(wrong, 'Say in about ten lines what belongs here, what it may import, how to add one:')
})

test('event types are in the past tense, unique, and written by somebody', () => {
  const declared = events()
  expectNone(
    declared.filter(({ type }) => !isPastTense(type)).map(({ type }) => type),
    'An event is a fact: name these in the past tense:',
  )
  const types = declared.map(({ type, version }) => `${type} ${version}`)
  expectNone(
    types.filter((type, index) => types.indexOf(type) !== index),
    'These are declared twice:',
  )
  const code = scripts.filter((path) => !isTest(path) && !path.startsWith('schemas/')).map(read)
  const unused = declared.filter(({ name }) => !code.some((text) => new RegExp(`\\b${name}\\(`).test(text)))
  expectNone(
    unused.map(({ name }) => name),
    'Nobody writes these events; remove them:',
  )
})

test('every route says what it does and which scope it asks for', () => {
  const known: readonly string[] = [...scopes, 'public', 'member']
  const wrong = Object.entries(routes)
    .filter(([key, route]) => {
      const form = /^(GET|POST|PUT|PATCH|DELETE) \/(v1|hooks)\/[a-z0-9:/.-]+$/i.test(key)
      return !form || route.summary.trim() === '' || !known.includes(route.scope)
    })
    .map(([key]) => key)
  expectNone(wrong, 'Give these a summary and a scope of schemas/access.ts:')
})
