import type { Log } from '#activities/log.ts'
import type { RecordingSettings } from '#schemas/gateway/recording.ts'
import type { Going } from './guard.ts'
import { HeldLog } from './held-log.ts'
import { headOf, Recorder, type KeptBody, type Recorded } from './recorder.ts'
import type { UnderWay } from './index.ts'

/** What all bodies that wait may take in memory, in bytes, where it is not said. */
const usually = 64 * 1024 * 1024
/** So many are written together: each may be as large as a thousand rows. */
const together = 16

/** Of which requests a tenant has bodies kept. */
export type KnownRecording = {
  everything: boolean
  keys: ReadonlySet<string>
  /** Values by name; null for any. */
  tags: readonly (readonly [name: string, value: string | null])[]
  days: number
}

/** As requests need to know it; null where nothing is recorded. */
export const knownRecording = ({ of, keys, tags, days }: RecordingSettings): KnownRecording | null =>
  of === 'nothing'
    ? null
    : {
        everything: of === 'everything',
        keys: new Set(keys),
        tags: tags.map((tag) => {
          const at = tag.indexOf('=')
          return at === -1 ? [tag, null] : [tag.slice(0, at), tag.slice(at + 1)]
        }),
        days,
      }

/** Whether the bodies of a request are kept. */
export const wantsRecorded = (recording: KnownRecording, { caller, way }: Going): boolean => {
  // what is sent again was recorded before
  if (recording.everything || caller.replays !== undefined || (caller.key !== null && recording.keys.has(caller.key)))
    return true
  const has = way.steered?.tags ?? caller.tags
  return recording.tags.some(([name, value]) => (value === null ? has[name] !== undefined : has[name] === value))
}

/** Keeps the bodies of requests, apart from the requests. */
export class Recordings {
  readonly #held: HeldLog<Recorded>

  constructor(keep: (rows: readonly Recorded[]) => Promise<void>, log: Log, most = usually) {
    const said = 'bodies of requests are not kept: too many wait to be written down'
    this.#held = new HeldLog<Recorded>(keep, log, { most, together, said })
  }

  /** So many bodies were not kept, since too much waited. */
  get lost(): number {
    return this.#held.lost
  }

  /** Passes a request on, and records it where its tenant has said so. */
  pass(recording: KnownRecording, going: Going, pass: (going: Going) => UnderWay): UnderWay {
    if (!wantsRecorded(recording, going)) return pass(going)
    const asked = askedOf(going)
    const size = asked.kept?.length ?? 0
    const hasRoom = this.#held.room.take(size)
    const { sink, watch, over } = going
    const recorder = new Recorder(sink, {
      asked: hasRoom ? asked : { ...asked, whole: false, withheld: 'no_room', kept: null },
      days: recording.days,
      watch,
      room: this.#held.room,
    })
    return pass({
      ...going,
      sink: recorder,
      recorder,
      over: () => {
        over()
        const recorded = recorder.over()
        if (recorded !== null) this.#held.push(recorded)
      },
    })
  }

  flush(): Promise<void> {
    return this.#held.flush()
  }
}

const askedOf = ({ asked, models, way, watch }: Going): KeptBody => {
  const { bytes, form } = asked
  const type = form === undefined ? 'application/json' : 'multipart/form-data'
  const about = { type, bytes: bytes.length, gathered: false }
  const isLooked = models.guards === null || (way.refusal === null && way.route !== undefined)
  if (!isLooked) return { ...about, whole: false, withheld: watch === null ? 'unchecked' : 'guardrail', kept: null }
  return { ...about, whole: bytes.length <= headOf(bytes).length, withheld: null, kept: headOf(bytes) }
}
