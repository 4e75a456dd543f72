import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePort } from './ports.ts'
import { checkTemporal } from './temporal-check.ts'

const shared = process.env['AUTERITY_TEST_TEMPORAL_ADDRESS'] ?? ''
const at = (address: string, namespace = 'default') => checkTemporal({ address, namespace, apiKey: undefined })

test('a Temporal with the namespace will do, one without is refused', async () => {
  await at(shared)
  await expect(at(shared, 'nowhere')).rejects.toThrow(`The Temporal at ${shared} has no namespace nowhere. Make it`)
})

test('one that is not there, and one that says nothing, do not answer', async () => {
  const refusing = `127.0.0.1:${await freePort()}`
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  await expect(at(refusing)).rejects.toThrow(`Temporal does not answer at ${refusing}. Start it, or correct`)
  await expect(at(`127.0.0.1:${port}`)).rejects.toThrow(`Temporal does not answer at 127.0.0.1:${port}.`)
  silent.close()
})
