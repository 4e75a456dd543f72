import type { Client } from 'pg'
import { Problem } from './problem.ts'

const major = 18

/** Refuses a server that lacks what the schema is written in. */
export async function requireNewEnough(client: Client): Promise<void> {
  const { rows } = await client.query<{ number: number; name: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as name`,
  )
  const [found] = rows
  if (found === undefined || found.number >= major * 10_000) return
  const next = `Upgrade it, point DATABASE_URL at another, or leave DATABASE_URL out for the one that comes along.`
  throw new Problem(`Auterity needs PostgreSQL ${major} or newer, and this one is ${found.name}.`, next)
}

const away = /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timeout|terminated/

/** What PostgreSQL's codes mean for who set DATABASE_URL (appendix A of its manual). */
const problems: Record<string, (name: string) => [what: string, next: string]> = {
  '28P01': () => ['The database refuses the password.', 'Correct DATABASE_URL.'],
  '28000': () => ['The database refuses the login.', 'Correct DATABASE_URL, or pg_hba.conf of the server.'],
  '3D000': (name) => [`There is no database ${name}.`, `Create it (\`createdb ${name}\`), or correct DATABASE_URL.`],
  '42501': () => [
    'The login of DATABASE_URL may not make the roles and the schema.',
    'Give it the right (`alter role … createrole`) and the database (`alter database … owner to …`), and start again.',
  ],
  '53100': () => ['The disk of the database is full.', 'Free some space (about 1 GB is needed) and start again.'],
  '53300': () => ['The database takes no more connections.', 'End some, or raise max_connections (200).'],
}

/** The `Problem` behind an error of a database connection; an error that is none of ours comes back as it is. */
export function databaseProblem(error: unknown, databaseUrl: string): unknown {
  if (error instanceof Problem) return error
  const { host, pathname } = new URL(databaseUrl)
  const { code = '', message = '' } = error as { code?: string; message?: string }
  const known = problems[code]?.(decodeURIComponent(pathname.slice(1)))
  if (known !== undefined) return new Problem(...known, error)
  if (!away.test(`${code} ${message}`)) return error
  return new Problem(`The database at ${host} does not answer (${code || message}).`, 'Start it, or set DATABASE_URL.')
}
