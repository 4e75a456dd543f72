import { expect, test } from 'vitest'
import { readPlatformModel, modelEnv } from './platform-model.ts'

const read = (env: Record<string, string>) => readPlatformModel(modelEnv.parse(env))
const sandbox = { AUTERITY_SANDBOX_URL: 'http://127.0.0.1:4900' }

test('the model that all share is OpenAI where its key is set, else Anthropic, else the sandbox, else there is none', () => {
  const keys = { ...sandbox, OPENAI_API_KEY: 'sk-1', ANTHROPIC_API_KEY: 'sk-ant-1' }
  expect(read(keys)).toEqual({ kind: 'openai', baseUrl: null, key: 'sk-1', model: 'gpt-5-mini' })
  expect(read({ ...keys, OPENAI_BASE_URL: 'http://10.0.0.7/v1', AUTERITY_MODEL: 'mine' })).toMatchObject({
    baseUrl: 'http://10.0.0.7/v1',
    model: 'mine',
  })
  expect(read({ ...sandbox, ANTHROPIC_API_KEY: 'sk-ant-1' })).toMatchObject({ kind: 'anthropic', key: 'sk-ant-1' })
  expect(read(sandbox)).toMatchObject({ kind: 'sandbox', model: 'sandbox-lead-1' })
  expect(read({})).toBeNull()
})
