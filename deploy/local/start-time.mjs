// Plain JavaScript: it runs before anything is installed, on any Node >= 20.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * When a process began, in the system's own terms and without a space; undefined when there is none. With the pid it
 * names one process: a pid alone is used again.
 * @param {number} pid
 * @returns {string | undefined}
 */
export const startTimeOf = (pid) => {
  try {
    if (process.platform !== 'linux') {
      const said = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
      return said.trim().replaceAll(/\s+/g, '_') || undefined
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Field 2 is a name that may hold spaces and brackets; 3 is the state, 22 the start in ticks since boot (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
