/** Words that a text of some length in a language can hardly do without, and that others have not. */
const words: Record<string, string> = {
  en: 'the and is are you that this with for have what how please not',
  de: 'der die das und ist nicht ich ein eine mit für auf bitte wie wir sie',
  fr: 'le les des est une dans pour que vous avec pas sur je nous être',
  es: 'el los las una que para con por está cómo del pero muy más usted',
  it: 'il gli che non una per con della sono come questo anche più di',
  pt: 'os uma que não para com por você está como mais dos das isso',
  nl: 'de het een en van is niet dat met voor ik zijn op wat deze',
  pl: 'nie jest się na że to co jak dla czy jestem proszę które oraz',
}

const known = new Map<string, string[]>()
for (const [language, list] of Object.entries(words))
  for (const word of list.split(' ')) known.set(word, [...(known.get(word) ?? []), language])

/** Scripts that one language is mostly written in. Kana before Han, because Japanese has both. */
const scripts: [language: string, script: RegExp][] = [
  ['ja', /[\u3040-\u30ff]/g],
  ['ko', /[\uac00-\ud7af]/g],
  ['zh', /[\u4e00-\u9fff]/g],
  ['ru', /[\u0400-\u04ff]/g],
  ['ar', /[\u0600-\u06ff]/g],
  ['he', /[\u0590-\u05ff]/g],
  ['el', /[\u0370-\u03ff]/g],
  ['hi', /[\u0900-\u097f]/g],
  ['th', /[\u0e00-\u0e7f]/g],
]

/** The language that a text is most likely in (ISO 639-1); an empty text where nothing speaks for one. */
export function guessLanguage(text: string): string {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  for (const [language, script] of scripts)
    if ((text.match(script)?.length ?? 0) * 5 > letters && letters > 0) return language
  const found = new Map<string, number>()
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? [])
    for (const language of known.get(word) ?? []) found.set(language, (found.get(language) ?? 0) + 1)
  const [first, second] = [...found].sort(([, a], [, b]) => b - a)
  return first === undefined || first[1] === second?.[1] ? '' : first[0]
}
