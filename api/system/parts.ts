/** A part that does not answer within this many milliseconds is not there. */
const patience = 2_000

export const within = async <T>(work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), patience).unref()
  })
  return Promise.race([work, tooLate]).finally(() => clearTimeout(timer))
}

/** Asks all parts at once whether they are there: true for each that answered in time. */
export async function answersOf(parts: Record<string, () => Promise<unknown>>): Promise<Record<string, boolean>> {
  const asked = Object.entries(parts).map(async ([name, ask]) => {
    const answered = await within(ask()).then(
      () => true,
      () => false,
    )
    return [name, answered] as const
  })
  return Object.fromEntries(await Promise.all(asked))
}
