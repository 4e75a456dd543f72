import { stepwise, type Finder, type Step } from './finder.ts'

/** Between a word and the number that it announces. */
const between: Step = ['[A-Za-z :#.]', 1, 14]

const after = (what: string, words: readonly (readonly Step[])[], number: Step, is: RegExp): readonly Finder[] =>
  words.map((steps) =>
    stepwise(what, [...steps, between, number], (text, start, end) => {
      // the number is the last word of what was met
      const [said = ''] = /[A-Z\d-]+$/.exec(text.slice(start, end)) ?? []
      return is.test(said) ? { start: end - said.length, end } : null
    }),
  )

const apostrophe: Step = ["['’]", 0, 1]
const space: Step = ['[ -]', 1, 1]
const licence: readonly Step[] = ['licen', ['[cs]', 1, 1], 'e']

/** No shape is common to the licences of all states, so a number is one only where the words before it say so. */
export const licences = after(
  'licence',
  [
    ['driver', apostrophe, ['[sS]', 0, 1], apostrophe, space, ...licence],
    ['driving', space, ...licence],
  ],
  [String.raw`[A-Z\d-]`, 5, 20],
  /^(?=(?:[^\d]*\d){4})[A-Z\d-]{5,20}$/,
)

/** The same is true of plates. */
export const plates = after(
  'plate',
  [
    [...licence, space, 'plate'],
    ['number', space, 'plate'],
    ['plate', space, 'number'],
    ['registration', space, 'number'],
  ],
  [String.raw`[A-Z\d-]`, 4, 10],
  /^(?=.*\d)(?=.*[A-Z])[A-Z\d-]{4,10}$/,
)
