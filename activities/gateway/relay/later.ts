import { failure } from '#schemas/gateway/wires/failure.ts'
import type { Held, Refused } from './books.ts'
import type { UnderWay } from './index.ts'

/** A request that waits for what it may spend; `left` where its caller has gone meanwhile. */
export const later = (
  opening: Promise<Held | Refused>,
  go: (opened: Held | Refused) => UnderWay,
  left: (opened: Held | Refused) => void,
): UnderWay => {
  let isLeft = false
  let underWay: UnderWay | undefined
  const wait = async () => {
    const opened = await opening.catch(unopened)
    if (isLeft) left(opened)
    else underWay = go(opened)
  }
  void wait()
  return {
    abandon() {
      isLeft = true
      underWay?.abandon()
    },
  }
}

const unopened = (): Refused => ({
  why: failure('internal', 'Something went wrong on our side.'),
  budget: null,
})
