import { Fault } from '#schemas/errors.ts'
import { systemsOf, type Connectors } from './connect.ts'
import { performing } from './perform.ts'

type Hold = { stock: string; for: string }

/** The operations that change a vehicle on the lot. */
export const stockActivities = (connectors: Connectors) => ({
  'dms.change_price': performing<{ stock: string; price: number }>(
    'dms.change_price',
    async ({ stock, price }, call) => {
      await systemsOf(connectors, call).dms.changeVehicle(stock, () => ({
        price: { amount: price, currency: 'USD' },
      }))
      return { stock, price }
    },
  ),
  'dms.hold_vehicle': performing<Hold>('dms.hold_vehicle', async ({ stock, for: who }, call) => {
    await systemsOf(connectors, call).dms.changeVehicle(stock, ({ heldFor }) => {
      if (heldFor != null && heldFor !== who)
        throw new Fault('connector_refused', `${stock} is held for somebody else.`, { stock })
      return heldFor === who ? null : { heldFor: who }
    })
    return { stock, held: true }
  }),
  'dms.release_vehicle': performing<Hold>('dms.release_vehicle', async ({ stock, for: who }, call) => {
    const { heldFor } = await systemsOf(connectors, call).dms.changeVehicle(stock, (vehicle) =>
      vehicle.heldFor === who ? { heldFor: null } : null,
    )
    return { stock, held: heldFor != null && heldFor !== who }
  }),
})
