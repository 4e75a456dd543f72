import { expect, test } from 'vitest'
import { startConfig } from './config.ts'

test('flags go before the environment, and paths are taken from the root', () => {
  const env = { AUTERITY_PORT: '4800', AUTERITY_HOME: 'data', AUTERITY_DEMO: '1' }
  expect(startConfig(['--port', '4900', '--no-demo'], env, '/clone')).toMatchObject({
    port: 4900,
    home: '/clone/data',
    demo: false,
  })
})

test('an empty value is an absent one', () => {
  const env = { AUTERITY_PORT: '', AUTERITY_HOME: '', AUTERITY_DEMO: '', DATABASE_URL: '', TEMPORAL_ADDRESS: '' }
  expect(startConfig([], env, '/clone')).toEqual(startConfig([], {}, '/clone'))
})

const own = { AUTERITY_CRM_TOKEN: 'c', AUTERITY_DMS_CLIENT_ID: 'd', AUTERITY_MAIL_KEY: 'm', OPENAI_API_KEY: 'o' }

test.each([
  ['in the demo', own, true],
  ['where nothing is one’s own', { AUTERITY_DEMO: '0' }, true],
  ['where the model is not', { ...own, OPENAI_API_KEY: '', AUTERITY_DEMO: '0' }, true],
  ['not where all is', { ...own, AUTERITY_DEMO: '0' }, false],
])('the sandbox runs %s', (_, env, sandbox) => {
  expect(startConfig([], env, '/clone').sandbox).toBe(sandbox)
})

test.each([
  [{ AUTERITY_PORT: 'abc' }, 'AUTERITY_PORT has to be a port: a whole number from 1 to 65535.'],
  [{ AUTERITY_PORT: '70000' }, 'AUTERITY_PORT has to be a port'],
  [{ AUTERITY_DEMO: 'yes' }, 'AUTERITY_DEMO has to be 0 or 1.'],
  [{ AUTERITY_KEY: 'short' }, 'AUTERITY_KEY has to be 32 bytes in base64'],
  [{ AUTERITY_URL: 'example.com' }, 'AUTERITY_URL has to be an address like'],
  [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL has to be like postgres://'],
  [{ TEMPORAL_ADDRESS: 'somewhere' }, 'TEMPORAL_ADDRESS has to be host:port'],
])('%j is refused with a sentence', (env, sentence) => {
  expect(() => startConfig([], env, '/clone')).toThrow(sentence)
})

test.each([['--prot', '1'], ['--port'], ['4800']])('an option %s that there is not is refused', (...args) => {
  expect(() => startConfig(args, {}, '/clone')).toThrow('Options come after two dashes: npm start -- [--port N]')
})

test('an option that npm kept for itself is not lost without a word', () => {
  expect(() => startConfig([], { npm_config_demo: '' }, '/clone')).toThrow('npm kept the option demo for itself.')
})
