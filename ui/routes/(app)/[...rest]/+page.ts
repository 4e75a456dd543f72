import { error, redirect } from '@sveltejs/kit'
import { meantBy } from '#ui/lib/shell/meant.ts'

/** An address that no page has: what was probably meant, else the page that says so, within the frame. */
export const load = ({ url }: { url: URL }) => {
  const meant = meantBy(url.pathname)
  if (meant !== undefined) redirect(307, `${meant}${url.search}`)
  error(404, 'There is nothing at this address')
}
