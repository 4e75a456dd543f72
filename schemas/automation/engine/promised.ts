/** What `work` gives of `it`, with what it throws as a rejection; no promise more than it makes by itself. */
export const promised = <I, T>(work: (it: I) => T | Promise<T>, it: I): Promise<T> => {
  try {
    return Promise.resolve(work(it))
  } catch (error) {
    return Promise.reject(error)
  }
}
