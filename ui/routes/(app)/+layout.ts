import { redirect } from '@sveltejs/kit'
import { call } from '#ui/lib/call.ts'
import { to } from '#ui/lib/paths.ts'
import { isProblem } from '#ui/lib/problem.ts'

/** Who is signed in decides all below; the answer is kept until a sign-in or sign-out. */
export const load = async ({ fetch, url }: { fetch: typeof globalThis.fetch; url: URL }) => {
  const here = `${url.pathname}${url.search}`
  try {
    return { me: await call('GET /v1/me', {}, undefined, { fetch }), failed: undefined }
  } catch (error) {
    if (isProblem(error) && error.status === 401) redirect(307, await whereToBegin(fetch, here))
    return { me: undefined, failed: error }
  }
}

/** A new installation begins with set-up, every other one with sign-in. */
const whereToBegin = async (fetch: typeof globalThis.fetch, next: string): Promise<string> => {
  const { needed } = await call('GET /v1/setup', {}, undefined, { fetch }).catch(() => ({ needed: false }))
  return needed ? to.setup() : to.signIn(next)
}
