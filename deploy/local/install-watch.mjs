// Reads what npm says while it installs. Plain JavaScript: it runs before anything is installed, on any Node >= 20.

const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT/

const noRegistry = 'Go online (behind a proxy: `npm config set proxy …`) and try again; what was fetched is kept.'

const reasons = [
  [/ENOSPC|EDQUOT/, 'The disk is full. Free about 2 GB (here, or where npm keeps its cache) and try again.'],
  [/EROFS|EACCES|EPERM/, 'This folder may not be written to. Clone into a folder that you own and try again.'],
  [offline, `The npm registry does not answer. ${noRegistry}`],
  [
    /EUSAGE|lockfileVersion/,
    'package-lock.json does not match package.json, or npm is too old. Run `npm install -g npm@11`.',
  ],
]

/** The sentence for what npm or the system said; undefined where there is none. */
export const reasonFor = (text) => reasons.find(([pattern]) => pattern.test(text))?.[1]

/** npm asks for some packages one after the other: so many that failed, and nothing that came, is no network. */
const failuresToGiveUp = 3
const quietMs = 5000
const silentMs = 60_000

/**
 * Follows npm's log: says how far it is (on a terminal in place, elsewhere a line at each quarter of `total`), says
 * when the registry does not answer, and calls `giveUp(sentence)` when going on is of no use.
 */
export const watchInstall = (total, giveUp) => {
  const failed = new Set()
  let rest = ''
  let fetched = 0
  let said = 0
  let told = false

  const waiting = (why) => {
    if (told || fetched > 0) return
    told = true
    console.log(`The npm registry does not answer${why}; still trying…`)
  }
  const quiet = setTimeout(() => waiting(' yet'), quietMs)
  const silent = setTimeout(() => fetched === 0 && giveUp(reasonFor('ETIMEDOUT')), silentMs)

  const show = () => {
    const share = Math.min(1, fetched / total)
    if (process.stdout.isTTY) process.stdout.write(`\r  ${Math.floor(share * 100)} %`)
    else if (share >= said + 0.25) console.log(`  ${(said = Math.floor(share * 4) / 4) * 100} %`)
  }
  const line = (text) => {
    if (/ENOSPC|EDQUOT/.test(text)) giveUp(reasonFor(text))
    if (/^npm http (fetch GET 200|cache) /.test(text)) {
      fetched++
      show()
    }
    const [, address, code] = /^npm http fetch GET (\S+) attempt \d+ failed with (\w+)/.exec(text) ?? []
    if (code === undefined || !offline.test(code)) return
    waiting(` (${code})`)
    failed.add(address)
    if (fetched === 0 && failed.size >= failuresToGiveUp) giveUp(reasonFor(code))
  }
  return {
    read(text) {
      const lines = (rest + text).split('\n')
      rest = lines.pop()
      for (const one of lines) line(one)
    },
    /** Whether the network failed at least once. */
    hadFailures: () => failed.size > 0,
    stop() {
      clearTimeout(quiet)
      clearTimeout(silent)
      if (process.stdout.isTTY && fetched > 0) process.stdout.write('\r')
    },
  }
}

/** The registry stopped answering half-way: what npm calls optional it then leaves out without a word. */
export const halfInstalled = `The npm registry stopped answering half-way. ${noRegistry}`
