import { expect, test } from 'vitest'
import { blankSecret, handleOf, hostsOf, toSecret } from './secret.ts'

test('hosts are read as people paste them', () => {
  expect(hostsOf(' https://API.example.com/v1/cars, api.example.com\nhttp://intern;dms.intern:8080/ ')).toEqual([
    'api.example.com',
    'intern:80',
    'dms.intern:8080',
  ])
  expect(hostsOf('')).toEqual([])
})

test('a handle is made of the name, and is one that the API takes', () => {
  expect(handleOf('Prix & Liste, 2026')).toBe('prix-liste-2026')
  expect(handleOf('2026 Größen')).toMatch(/^[a-z][a-z0-9-]{1,62}$/)
  expect(handleOf('!!')).toBe('')
})

test('a secret holds what its kind needs, and nothing that was typed for another', () => {
  const typed = { ...blankSecret(), user: 'dealer', name: ' X-Key ', hidden: ' s3cret ', scope: ' ' }
  expect(toSecret({ ...typed, kind: 'bearer' })).toEqual({ kind: 'bearer', token: 's3cret' })
  expect(toSecret({ ...typed, kind: 'basic' })).toEqual({ kind: 'basic', user: 'dealer', password: ' s3cret ' })
  expect(toSecret({ ...typed, kind: 'header' })).toEqual({ kind: 'header', name: 'X-Key', value: 's3cret' })
  expect(toSecret({ ...typed, kind: 'oauth_client', tokenUrl: 'https://id/t', clientId: 'c' })).toEqual({
    kind: 'oauth_client',
    tokenUrl: 'https://id/t',
    clientId: 'c',
    clientSecret: 's3cret',
    sendAs: 'header',
  })
})
