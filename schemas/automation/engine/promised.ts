/** What `work` gives, with what it throws as a rejection; no promise more than it makes by itself. */
export const promised = <T>(work: () => T | Promise<T>): Promise<T> => {
  try {
    return Promise.resolve(work())
  } catch (error) {
    return Promise.reject(error)
  }
}
