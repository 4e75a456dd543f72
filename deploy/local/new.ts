import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { capabilities } from '#schemas/capabilities.ts'
import { runToEnd } from './child.ts'
import { type Names, namesOf, newFiles } from './new-files.ts'
import { Problem, sentenceOf } from './problem.ts'

const root = resolve(import.meta.dirname, '../..')

const check = (slug: string | undefined): string => {
  if (slug === undefined || !/^[a-z]{3,20}$/.test(slug)) {
    throw new Problem('A capability is one lower-case word of 3 to 20 letters.', 'For example: npm run new -- quotes')
  }
  const taken = Object.hasOwn(capabilities, slug) || globSync(`*/${slug}{,.ts}`, { cwd: root }).length > 0
  if (taken) throw new Problem(`There is a capability or file called ${slug} already.`, 'Choose another word.')
  return slug
}

type Edit = { path: string; after: RegExp; line: string }

const lastImport = /^(?:import|\}) .*from '.*'\n(?![\s\S]*^(?:import|\}) .*from ')/m

/** The lines by which the rest of the house learns of a capability. */
const editsFor = ({ slug, title, migration }: Names): Edit[] => [
  {
    path: 'schemas/capabilities.ts',
    after: /(?=\} as const satisfies)/,
    line: `  ${slug}: { title: '${title}', purpose: 'Say in one sentence what it is for.' },\n`,
  },
  { path: 'schemas/ids.ts', after: /(?=\} as const\n)/, line: `  ${slug}: '${slug}',\n` },
  { path: 'schemas/routes.ts', after: lastImport, line: `import { ${slug}Routes } from './${slug}.ts'\n` },
  { path: 'schemas/routes.ts', after: /routes = \{\n(?: {2}\.\.\..*\n)*/, line: `  ...${slug}Routes,\n` },
  { path: 'schemas/tables/index.ts', after: lastImport, line: `import type { ${title}Tables } from './${slug}.ts'\n` },
  { path: 'schemas/tables/index.ts', after: /type Database =[\s\S]*?Tables(?=\s*$)/, line: ` & ${title}Tables` },
  {
    path: 'schemas/migrations/index.ts',
    after: lastImport,
    line: `import * as ${slug}Table from './${migration}.ts'\n`,
  },
  { path: 'schemas/migrations/index.ts', after: /(?=\}\s*$)/, line: `  '${migration}': ${slug}Table,\n` },
  { path: 'activities/index.ts', after: lastImport, line: `import { ${slug}Activities } from './${slug}/index.ts'\n` },
  { path: 'activities/index.ts', after: /(?=\}\)\n)/, line: `  ...${slug}Activities(deps),\n` },
  {
    path: 'api/app.ts',
    after: lastImport,
    line: `import { ${slug}Routes } from '#schemas/${slug}.ts'\nimport { ${slug}Handlers } from './${slug}.ts'\n`,
  },
  {
    path: 'api/app.ts',
    after: / *serve\(.*\)\n(?![\s\S]* serve\()/,
    line: `  serve(app, deps, ${slug}Routes, ${slug}Handlers(deps))\n`,
  },
]

/** All edits of all files, or none: a file that does not look as expected stops it before anything is written. */
const edited = (edits: readonly Edit[]): Map<string, string> => {
  const texts = new Map<string, string>()
  for (const { path, after, line } of edits) {
    const text = texts.get(path) ?? readFileSync(join(root, path), 'utf8')
    if (!after.test(text)) throw new Problem(`${path} does not look as expected.`, 'Adapt deploy/local/new.ts to it.')
    texts.set(
      path,
      text.replace(after, (found) => found + line),
    )
  }
  return texts
}

const create = async (slug: string): Promise<void> => {
  const landed = globSync('schemas/migrations/[0-9]*.ts', { cwd: root }).map((path) => basename(path))
  const names = namesOf(slug, landed)
  const files = newFiles(names)
  const all = new Map([...edited(editsFor(names)), ...Object.entries(files)])
  for (const [path, text] of all) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const oxfmt = join(root, 'node_modules/.bin/oxfmt')
  if (existsSync(oxfmt)) await runToEnd(oxfmt, [...all.keys()], { cwd: root })
  const list = (paths: Iterable<string>) => [...paths].map((path) => `  ${path}\n`).join('')
  process.stdout.write(`Written:
${list(Object.keys(files))}Changed:
${list([...all.keys()].filter((path) => files[path] === undefined))}Left to do:
  Say in schemas/capabilities.ts what ${slug} is for; give its routes a scope of schemas/access.ts.
  Make the shape, the table and the verbs what they should be; a landed migration is never edited.
  Add a workflow in workflows/${slug}.ts and a page in ui/routes/(app)/${slug}/, where it needs them.
  npm run verify, then npm test -- ${slug}
`)
}

try {
  await create(check(process.argv[2]))
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`)
  process.exitCode = 1
}
