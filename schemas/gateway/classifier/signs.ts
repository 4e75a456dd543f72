const not = /\b(?:not|except|least|never|false|without|cannot|incorrect)\b/i
const blank = /__|\.\.\./

/** Marks that formulas are made of. */
const formulas = new Set(Array.from('=+*^<>\\{}$', (one) => one.charCodeAt(0)))
const isFormula = Uint8Array.from({ length: 128 }, (_, code) => (formulas.has(code) ? 1 : 0))

/** What is counted of a text, sign by sign. */
const counted = (text: string) => {
  let [digits, lines, words, letters, capitals] = [0, 0, 0, 0, 0]
  let [signs, questions, commas, sentences, last] = [0, 0, 0, 0, 0]
  let inWord = false
  let ends = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const capital = code >= 65 && code <= 90
    const letter = capital || (code >= 97 && code <= 122) || code >= 0xc0
    if (letter) {
      letters++
      if (!inWord) words++
      if (capital) capitals++
    } else if (code >= 48 && code <= 57) digits++
    else if (code === 10) lines++
    else if (code === 63) questions++
    else if (code === 44) commas++
    if (code < 128 && isFormula[code] === 1) signs++
    if (ends && code <= 32) sentences++
    ends = code === 46 || code === 63 || code === 33
    inWord = letter
    if (code === 10 && at + 1 < text.length) last = at + 1
  }
  return { digits, lines, words, letters, capitals, signs, questions, commas, sentences, last: text.length - last }
}

/**
 * What can be seen of a text without knowing its words, each as a number whose whole part is a step: how long it is, how
 * much of it are digits, and so on. Nothing here knows where the text comes from. `length` is that of the whole of it.
 */
export function signsOf(text: string, length: number): [name: string, value: number][] {
  const most = Math.max(text.length, 1)
  const of = counted(text)
  return [
    ['length', Math.min(40, 2 * Math.log2(length + 1))],
    ['digits', Math.min(10, Math.sqrt(of.digits))],
    ['share of digits', Math.min(10, (20 * of.digits) / most)],
    ['formulas', Math.min(8, of.signs)],
    ['lines', Math.min(12, of.lines)],
    ['capitals', (30 * of.capitals) / most],
    ['length of words', Math.min(20, (2 * of.letters) / Math.max(of.words, 1))],
    ['questions', Math.min(3, of.questions)],
    ['commas', Math.min(10, (50 * of.commas) / most)],
    ['sentences', Math.min(16, 2 * Math.log2(1 + of.sentences))],
    ['line length', Math.min(24, 2 * Math.log2(1 + most / (of.lines + 1)))],
    ['last line', Math.min(24, 2 * Math.log2(1 + of.last))],
    ['denies', not.test(text) ? 1 : 0],
    ['blank', blank.test(text) ? 1 : 0],
  ]
}
