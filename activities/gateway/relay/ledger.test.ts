import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ledger, type Claim, type Reservation } from './ledger.ts'

const now = 1_000
const claim = (budget: string, amount: number): Claim => ({ tenant: 't', budget, per: 'day', amount })
const lent = (ledger: Ledger, budget: string, amount: number) =>
  ledger.grant({ tenant: 't', budget, per: 'day' }, { starts: 0, ends: 10_000, amount })

test('of several limits all are reserved or none', () => {
  const ledger = new Ledger()
  const [wide, narrow] = [lent(ledger, 'wide', 100), lent(ledger, 'narrow', 5)]
  expect(ledger.reserve([claim('wide', 10), claim('narrow', 6)], now)).toBeNull()
  expect([wide.reserved, narrow.reserved]).toEqual([0, 0])
  expect(ledger.reserve([claim('wide', 10), claim('narrow', 5)], now)).not.toBeNull()
  expect([wide.free, narrow.free]).toEqual([90, 0])
})

test('what took more than was reserved is covered by what is lent next', () => {
  const ledger = new Ledger()
  const window = lent(ledger, 'one', 10)
  const reserved = ledger.reserve([claim('one', 10)], now) as Reservation
  ledger.settle(reserved, [15])
  expect(window.free).toBe(-5)
  lent(ledger, 'one', 8)
  expect(ledger.reserve([claim('one', 4)], now)).toBeNull()
  expect(ledger.reserve([claim('one', 3)], now)).not.toBeNull()
})

test('a window that is past lends nothing, and what was reserved of it settles there', () => {
  const ledger = new Ledger()
  const before = lent(ledger, 'one', 10)
  const reserved = ledger.reserve([claim('one', 4)], now) as Reservation
  expect(ledger.reserve([claim('one', 1)], 10_000)).toBeNull()
  const after = ledger.grant({ tenant: 't', budget: 'one', per: 'day' }, { starts: 10_000, ends: 20_000, amount: 10 })
  ledger.settle(reserved, [4])
  expect([before.settled, after.free]).toEqual([4, 10])
})

/** A process, and what the database thinks that it holds. */
class Holder {
  readonly ledger = new Ledger()
  lease = 0
  readonly reserved: { of: Reservation; amount: number }[] = []
  readonly settled: number[] = []

  settle(share: number): void {
    const one = this.reserved.shift()
    if (one === undefined) return
    const amount = Math.floor(one.amount * share)
    this.ledger.settle(one.of, [amount])
    this.settled.push(amount)
  }

  /** Gives what it came to. */
  writeDown(): number {
    return this.settled.splice(0).reduce((sum, amount) => {
      this.lease -= amount
      this.ledger.written({ budget: 'one', per: 'day' }, 0, amount)
      return sum + amount
    }, 0)
  }

  giveBack(): void {
    for (const window of this.ledger.windows()) this.lease -= this.ledger.takeFree(window)
  }
}

const act = fc.constantFrom('lend', 'reserve', 'settle', 'write', 'recall', 'die')
const acts = fc.array(fc.tuple(fc.nat(2), act, fc.integer({ min: 1, max: 20 })), { maxLength: 300, size: 'max' })

test('whatever processes do in whatever order, never is more spent than the limit, and in the end nothing is held', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), acts, (cap, all) => {
      const holders = [new Holder(), new Holder(), new Holder()]
      let spent = 0
      const held = () => holders.reduce((sum, { lease }) => sum + Math.max(0, lease), 0)
      for (const [who, what, amount] of all) {
        const holder = holders[who]!
        if (what === 'lend') {
          const left = cap - spent - held()
          if (left < amount) continue
          const granted = Math.max(amount, Math.floor(left / 4))
          holder.lease += granted
          lent(holder.ledger, 'one', granted)
        } else if (what === 'reserve') {
          const of = holder.ledger.reserve([claim('one', amount)], now)
          if (of !== null) holder.reserved.push({ of, amount })
        } else if (what === 'settle') holder.settle(amount / 20)
        else if (what === 'write') spent += holder.writeDown()
        else if (what === 'recall') holder.giveBack()
        else {
          // what was over stands in its spool, what was under way costs all that was reserved for it
          while (holder.reserved.length > 0) holder.settle(1)
          spent += holder.writeDown()
          holders[who] = new Holder()
        }
        // nothing took more than was reserved, so nobody owes anything
        for (const { ledger } of holders)
          for (const window of ledger.windows()) expect(window.free).toBeGreaterThanOrEqual(0)
        expect(spent + held()).toBeLessThanOrEqual(cap)
      }
      for (const holder of holders) {
        while (holder.reserved.length > 0) holder.settle(0)
        holder.writeDown()
        holder.giveBack()
        for (const window of holder.ledger.windows())
          expect(window).toMatchObject({ granted: 0, reserved: 0, settled: 0 })
      }
      expect(held()).toBe(0)
    }),
  )
})
