import { redirect } from '@sveltejs/kit'
import { to } from '#ui/lib/paths.ts'

/** Whoever may see the people begins there; everybody has sessions. */
export const load = async ({ parent }: { parent: () => Promise<object> }) => {
  const { me } = (await parent()) as { me?: { scopes: readonly string[] } }
  redirect(307, to.settings(me?.scopes.includes('people:read') ? 'people' : 'sessions'))
}
