import { around, stepwise, type Finder } from './finder.ts'

const host = /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+\p{L}{2,24}$/u

/** As people write them; quoted names and addresses of numbers, which the standard knows too, are none. */
export const emails: Finder = around(
  '@',
  130,
  390,
  stepwise(
    'email',
    [
      [String.raw`[\p{L}\p{N}._%+-]`, 1, 64],
      ['@', 1, 1],
      [String.raw`[\p{L}\p{N}.-]`, 4, 190],
    ],
    (text, start, end) => {
      const said = text.slice(start, end).replace(/[.-]+$/, '')
      const at = said.indexOf('@')
      const name = said.replace(/^[.%+-]+/, '')
      if (name.startsWith('@') || !host.test(said.slice(at + 1))) return null
      return { start: start + said.length - name.length, end: start + said.length }
    },
    { before: String.raw`(?<![\p{L}\p{N}._%+-])`, after: '' },
  ),
)

const fours: Finder = stepwise(
  'ip',
  [1, 2, 3]
    .flatMap(() => [[String.raw`\d`, 1, 3] as const, [String.raw`\.`, 1, 1] as const])
    .concat([[String.raw`\d`, 1, 3]]),
  (text, start, end) =>
    text
      .slice(start, end)
      .split('.')
      .every((part) => Number(part) < 256)
      ? { start, end }
      : null,
  { before: '(?<![A-Za-z0-9.])', after: String.raw`(?![A-Za-z0-9]|\.\d)`, begun: String.raw`\.?` },
)

/** RFC 4291: eight groups, or fewer around one `::`. */
const isSix = (said: string): boolean => {
  const halves = said.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return false
  return halves.length === 2 ? groups.length >= 2 && groups.length <= 7 : groups.length === 8
}

const sixes: Finder = stepwise(
  'ip',
  [['[A-Fa-f0-9:]', 4, 45]],
  (text, start, end) => (isSix(text.slice(start, end)) ? { start, end } : null),
  {
    before: String.raw`(?<![\w:.])`,
    after: String.raw`(?![\w:])`,
  },
)

export const ips: readonly Finder[] = [fours, sixes]
