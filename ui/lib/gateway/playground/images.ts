import { most } from '#schemas/gateway/playground-empty.ts'

const types = ['image/png', 'image/jpeg', 'image/webp', 'image/gif']
export const takenTypes = types.join(',')

/** Why a file is not taken; null where it is. */
export const problemOfImage = ({ type, size, name }: Pick<File, 'type' | 'size' | 'name'>): string | null => {
  if (!types.includes(type)) return `${name} is no PNG, JPEG, WebP or GIF.`
  if (size > most.imageBytes) return `${name} is larger than ${most.imageBytes / 1024 / 1024} MB.`
  return null
}

/** A file as an address that holds it. */
export const addressOf = (file: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.addEventListener('load', () => resolve(reader.result as string))
    reader.addEventListener('error', () => reject(reader.error ?? new Error('The file cannot be read.')))
    reader.readAsDataURL(file)
  })
