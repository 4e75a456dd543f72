type Fields = Record<string, unknown>
export type Log = {
  debug(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  error(message: string, fields?: Fields): void
}

const levels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof levels)[number]

/** Names under which a secret may come by; their values never reach the log. */
const secret = /pass(?:word)?|secret|token|authorization|cookie|api_?key|signature|^key$|^sealed$/i

const redact = (value: unknown, depth = 0): unknown => {
  if (value instanceof Error) {
    const { name, message, stack, cause } = value
    return { name, message, stack, ...(cause == null || depth > 4 ? {} : { cause: redact(cause, depth + 1) }) }
  }
  if (typeof value !== 'object' || value === null || depth > 4) return value
  if (Array.isArray(value)) return value.map((one) => redact(one, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, secret.test(name) ? '[redacted]' : redact(one, depth + 1)]),
  )
}

/** Structured log: one JSON object a line on stdout, secrets redacted by name. */
export function createLog(
  process_: string,
  level: LogLevel = 'info',
  write = (line: string) => void process.stdout.write(line),
): Log {
  const from = levels.indexOf(level)
  const at =
    (one: LogLevel) =>
    (message: string, fields: Fields = {}) => {
      if (levels.indexOf(one) < from) return
      const entry = {
        at: new Date().toISOString(),
        level: one,
        process: process_,
        message,
        ...(redact(fields) as Fields),
      }
      write(`${JSON.stringify(entry)}\n`)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
