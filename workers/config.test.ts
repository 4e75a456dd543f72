import { expect, test } from 'vitest'
import { platformEnv, readEnv } from '#schemas/config.ts'
import { connectorConfig, workerEnv } from './config.ts'

const least = {
  DATABASE_URL: 'postgres://localhost/auterity',
  AUTERITY_KEY: Buffer.alloc(32).toString('base64'),
  TEMPORAL_ADDRESS: 'localhost:7233',
}
const read = (more: Record<string, string> = {}) => readEnv(workerEnv, { ...least, ...more })
const sandbox = { AUTERITY_SANDBOX_URL: 'http://127.0.0.1:4900' }
const crm = { AUTERITY_CRM_URL: 'https://api.hubapi.com', AUTERITY_CRM_TOKEN: 'pat-1' }

test('an environment that is not usable is told whole, a line for each variable, and without its values', () => {
  expect(() => readEnv(platformEnv, { DATABASE_URL: 'nonsense', AUTERITY_KEY: 'short-secret' })).toThrow(
    /^The configuration is not usable\.\n {2}DATABASE_URL: .+\n {2}AUTERITY_KEY: is not 32 bytes in base64\n {2}TEMPORAL_ADDRESS: .+$/,
  )
  expect(() => readEnv(platformEnv, { AUTERITY_KEY: 'short-secret' })).not.toThrow(/short-secret/)
})

test('an empty variable is an absent one, and what is absent has its default', () => {
  expect(read({ TEMPORAL_NAMESPACE: '', AUTERITY_LOG: '' })).toMatchObject({
    TEMPORAL_NAMESPACE: 'default',
    AUTERITY_LOG: 'info',
  })
})

test('without any of its own the worker works on the sandbox, and says so where none runs', () => {
  expect(connectorConfig(read(sandbox))).toMatchObject({
    sandbox: true,
    crm: { url: 'http://127.0.0.1:4900/crm' },
    dms: { url: 'http://127.0.0.1:4900/dms' },
    mail: { url: 'http://127.0.0.1:4900/mail' },
  })
  expect(() => connectorConfig(read())).toThrow(/No CRM is configured and no sandbox runs; see \.env\.example/)
  expect(() => connectorConfig(read(crm))).toThrow(/No DMS is configured/)
})

test('a group that is whole is used, and the run is sandboxed only as long as another one is missing', () => {
  expect(connectorConfig(read({ ...sandbox, ...crm }))).toMatchObject({
    sandbox: true,
    crm: { url: 'https://api.hubapi.com', token: 'pat-1' },
  })
  const whole = {
    ...crm,
    AUTERITY_DMS_URL: 'https://api.fortellis.io',
    AUTERITY_DMS_CLIENT_ID: 'a',
    AUTERITY_DMS_CLIENT_SECRET: 'b',
    AUTERITY_DMS_SUBSCRIPTION_ID: 'c',
    AUTERITY_MAIL_URL: 'https://api.resend.com',
    AUTERITY_MAIL_KEY: 're_1',
  }
  expect(connectorConfig(read(whole))).toMatchObject({ sandbox: false, mail: { key: 're_1' } })
})

test.each([
  [{ AUTERITY_CRM_URL: crm.AUTERITY_CRM_URL }, 'AUTERITY_CRM_TOKEN'],
  [{ AUTERITY_MAIL_KEY: 're_1' }, 'AUTERITY_MAIL_URL'],
  [{ AUTERITY_DMS_CLIENT_ID: 'a' }, 'AUTERITY_DMS_URL, AUTERITY_DMS_CLIENT_SECRET, AUTERITY_DMS_SUBSCRIPTION_ID'],
])('a group that is half set is refused with what is missing: %j', (half, missing) => {
  expect(() => connectorConfig(read({ ...sandbox, ...half }))).toThrow(`belong together: ${missing} not set.`)
})
