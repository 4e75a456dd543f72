import type { Scope } from '#schemas/access.ts'
import type { Me } from '#schemas/identity.ts'
import { page } from '$app/state'

/** Who is signed in, as the layout of the app has loaded it. */
export const me = (): Me | undefined => (page.data as { me?: Me }).me

/** Whether to offer an act at all; the API decides again when it is done. */
export const mayI = (scope: Scope): boolean => me()?.scopes.includes(scope) ?? false
