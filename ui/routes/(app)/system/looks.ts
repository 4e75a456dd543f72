import type { ProcessName, ProcessRow } from '#schemas/system.ts'

/** How the state of a process is said and drawn. */
export const processLooks: Record<ProcessRow['state'], { word: string; dot: string; ink: string }> = {
  up: { word: 'Up', dot: 'bg-completed', ink: 'text-completed' },
  starting: { word: 'Starting', dot: 'bg-running animate-beat', ink: 'text-running' },
  down: { word: 'Down', dot: 'bg-failed', ink: 'text-failed' },
  pulled: { word: 'Plug pulled', dot: 'bg-failed', ink: 'text-failed' },
  backing_off: { word: 'Restarting', dot: 'bg-retrying animate-beat', ink: 'text-retrying' },
  unknown: { word: 'Unknown', dot: 'bg-cancelled', ink: 'text-cancelled' },
}

/** From the ground up: what the others stand on comes first. */
const order: readonly string[] = ['postgres', 'temporal', 'sandbox', 'worker', 'projector', 'api'] satisfies ProcessName[]
const rank = (row: ProcessRow): number => (order.includes(row.name) ? order.indexOf(row.name) : order.length)

export const byPlug = (a: ProcessRow, b: ProcessRow): number => rank(a) - rank(b) || a.id.localeCompare(b.id)
