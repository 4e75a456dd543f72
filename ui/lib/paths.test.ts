import { expect, test } from 'vitest'
import { safeNext, to } from './paths.ts'

test('every address of the app', () => {
  expect([
    to.overview(),
    to.runs(),
    to.runs({ state: 'failed', text: 'a & b' }),
    to.run('run_1'),
    to.run('run_1', 'run_1:5'),
    to.run('run_1', 'record#0', 'canvas'),
    to.approval('apr_1'),
    to.receipt('rct_1'),
    to.models(),
    to.models('keys'),
    to.modelRequests({ outcome: 'cut', model: 'openai/gpt-5-mini' }),
    to.modelRequest('req_1'),
    to.signIn('/runs?state=failed'),
    to.signIn('/'),
  ]).toEqual([
    '/',
    '/runs',
    '/runs?state=failed&text=a+%26+b',
    '/runs/run_1',
    '/runs/run_1?step=run_1%3A5',
    '/runs/run_1?view=canvas&step=record%230',
    '/approvals/apr_1',
    '/ingress/rct_1',
    '/gateway',
    '/gateway/keys',
    '/gateway?outcome=cut&model=openai%2Fgpt-5-mini',
    '/gateway/requests/req_1',
    '/sign-in?next=%2Fruns%3Fstate%3Dfailed',
    '/sign-in',
  ])
})

test('after sign-in only a path of this site is gone to', () => {
  expect(safeNext('/runs?state=failed')).toBe('/runs?state=failed')
  for (const bad of [null, '', 'https://evil.example', '//evil.example', '/\\evil.example', 'runs'])
    expect(safeNext(bad)).toBe('/')
})
