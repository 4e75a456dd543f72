/** The registered workflow types, by the name that stands in histories. */
export { lead } from './leads.ts'
