/** Hands a text, or its pieces, to the reader as a file of that name. */
export const saveText = (name: string, text: string | string[], type = 'application/json'): void => {
  const address = URL.createObjectURL(new Blob(typeof text === 'string' ? [text] : text, { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}

/** Hands a value to the reader as a JSON file of that name. */
export const saveJson = (name: string, value: unknown): void => saveText(name, JSON.stringify(value, null, 2))
