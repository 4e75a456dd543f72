import type { Context as HonoContext, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from 'zod'
import { Fault, type Issue } from '#schemas/errors.ts'
import type { Route } from '#schemas/http.ts'
import type { Context } from '#schemas/tenancy.ts'
import { readBody, refuseUnstorable } from './body.ts'
import { answerOnce, type Keep } from './idempotency.ts'
import type { ApiDeps, ApiEnv } from './deps.ts'

type ParamNames<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamNames<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never
type Output<T> = T extends { _zod: { output: infer O } } ? O : undefined
type Input<T> = T extends { _zod: { input: infer I } } ? I : undefined

/** What a handler is called with: all of it parsed and allowed. Public routes have no `ctx`. */
export type Call<Key, R> = {
  ctx: R extends { scope: 'public' } ? undefined : Context
  params: { [N in ParamNames<Key & string>]: string }
  query: R extends { query: infer Q } ? Output<Q> : undefined
  body: R extends { body: infer B } ? Output<B> : undefined
  /** For what creates: to be called with the answer in the transaction that makes it. */
  keep: R extends { creates: true } ? Keep : undefined
  c: HonoContext<ApiEnv>
}

export type Handlers<R> = {
  [Key in keyof R]: (
    call: Call<Key, R[Key]>,
  ) => Promise<R[Key] extends { streams: true } ? Response : R[Key] extends { reply: infer P } ? Input<P> : never>
}

/** Any call, as far as the mounting knows it: a handler's own type says more, and its route's shapes keep the promise. */
type AnyCall = {
  ctx: Context | undefined
  params: Record<string, string>
  query: unknown
  body: unknown
  keep: Keep | undefined
  c: HonoContext<ApiEnv>
}

/** Mounts a table of the contract: a missing handler or a wrong path parameter does not compile. */
export function serve<R extends Record<string, Route>>(
  app: Hono<ApiEnv>,
  deps: ApiDeps,
  routes: R,
  handlers: Handlers<R>,
): void {
  for (const [key, route] of Object.entries(routes)) {
    const [method, path] = key.split(' ') as [string, string]
    const handler = handlers[key as keyof R] as (call: AnyCall) => Promise<unknown>
    app.on(method, path, async (c) => {
      const ctx = allow(c, route)
      const call: AnyCall = {
        ctx,
        params: c.req.param(),
        query: parse(route.query, c.req.query(), 'query'),
        body: route.body === undefined ? undefined : parse(route.body, await readJson(c, route.bytes), 'body'),
        keep: undefined,
        c,
      }
      const status = route.status ?? 200
      const answer =
        route.creates === true && ctx !== undefined
          ? await answerOnce(deps, ctx, { route: key, status, body: call.body }, c, (keep) =>
              handler({ ...call, keep }),
            )
          : { status, reply: await handler(call) }
      if (answer.reply instanceof Response) return answer.reply
      if (answer.status === 204) return c.body(null, 204)
      const code = answer.status as ContentfulStatusCode
      return route.indented === true
        ? c.body(`${JSON.stringify(answer.reply, null, 2)}\n`, code, { 'Content-Type': 'application/json' })
        : c.json(answer.reply as object, code)
    })
  }
}

const allow = (c: HonoContext<ApiEnv>, route: Route): Context | undefined => {
  if (route.scope === 'public') return undefined
  const ctx = c.get('ctx')
  if (ctx === undefined) throw c.get('refused') ?? new Fault('unauthenticated')
  if (route.scope !== 'member' && !ctx.scopes.includes(route.scope))
    throw new Fault('forbidden', `This needs the scope ${route.scope}.`)
  return ctx
}

/** The most bytes of a JSON body. */
const mostJson = 256 * 1024

/** Reads a JSON body; an absent one is an empty object, so that all-optional bodies may be left out. */
const readJson = async (c: HonoContext<ApiEnv>, most = mostJson): Promise<unknown> => {
  const text = (await readBody(c, most)).toString()
  if (text === '') return {}
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(type))
    throw new Fault('unsupported_media_type', 'Send application/json.')
  const body = parseJson(text)
  refuseUnstorable(text, body)
  return body
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Fault('bad_request', `The body is not JSON: ${error instanceof Error ? error.message : ''}`)
  }
}

const parse = (shape: z.ZodType | undefined, value: unknown, where: 'query' | 'body'): unknown => {
  if (shape === undefined) return undefined
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Fault(where === 'query' ? 'bad_request' : 'invalid', undefined, { issues: toIssues(parsed.error, where) })
}

const toIssues = (error: z.ZodError, where: string): Issue[] =>
  error.issues.map((issue) => ({ path: `/${[where, ...issue.path.map(String)].join('/')}`, message: issue.message }))
