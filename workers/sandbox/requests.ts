import type { Context } from 'hono'

/** The token of `Authorization: Bearer …`, or undefined. */
export const bearer = (c: Context): string | undefined =>
  /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]

/** The body as JSON; undefined when it is not JSON, so that each vendor can refuse it in its own words. */
export const readJson = async (c: Context): Promise<unknown> => {
  try {
    return (await c.req.json()) as unknown
  } catch {
    return undefined
  }
}
