import { isFault } from '#schemas/errors.ts'
import type { Change } from './change.ts'
import type { JsonMembers } from './dialogue.ts'
import { type Failure, failure } from './failure.ts'
import { isObject } from './members.ts'

/** How every reader of a stream ends: once, rightly or with what went wrong. */
export class Ending {
  over = false
  protected out: Change[] = []

  /** Runs one step and gives the changes it made; what is malformed ends the stream, after what had come before. */
  protected guarded(step: () => void): Change[] {
    try {
      step()
    } catch (error) {
      if (!isFault(error)) throw error
      return this.fail(failure('broken', `An event of the stream is malformed: ${error.message}`))
    }
    return this.flush()
  }
  protected flush(): Change[] {
    return this.out.splice(0)
  }
  protected end(): Change[] {
    this.over = true
    return [...this.flush(), { type: 'end' }]
  }
  protected fail(told: Failure): Change[] {
    this.over = true
    return [...this.flush(), { type: 'error', failure: told }]
  }
}

/** The object that the data of an event is; undefined if it is none. */
export const parsed = (data: string): JsonMembers | undefined => {
  try {
    const value: unknown = JSON.parse(data)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
