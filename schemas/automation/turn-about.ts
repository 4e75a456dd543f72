import { isObject, type Json } from './json.ts'

/** What tells an item from its neighbours, in the order in which people would say it. */
const tells = ['name', 'title', 'label', 'vin', 'stock', 'number', 'key', 'email', 'id'] as const
const most = 40

/** What a turn of a loop is about, in a few words; null where its item says nothing short. */
export function aboutItem(item: Json): string | null {
  if (isObject(item)) {
    for (const field of tells) {
      const said = plainly(item[field])
      if (said !== null) return said
    }
    return null
  }
  return plainly(item)
}

const plainly = (value: Json | undefined): string | null => {
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string') return null
  const said = value.trim().replaceAll(/\s+/g, ' ')
  if (said === '') return null
  return said.length > most ? `${said.slice(0, most - 1)}…` : said
}
