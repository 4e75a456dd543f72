import { expect, test } from 'vitest'
import { deviceOf } from './device.ts'

const chrome = '(KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36'

test.each([
  [`Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 ${chrome}`, 'Chrome on Linux'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 ${chrome} Edg/150.0.0.0`, 'Edge on Windows'],
  [`Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 ${chrome}`, 'Chrome on Android'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1) AppleWebKit/605 Version/17.1 Safari/605.1.15', 'Safari on Mac'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605 CriOS/120.0 Safari/604.1',
    'Chrome on iPhone',
  ],
  ['Mozilla/5.0 (Plan 9) Firefox/133.0', 'Firefox'],
  ['curl/8.9.1', 'curl/8.9.1'],
  ['x'.repeat(90), 'x'.repeat(60)],
  ['', 'Unknown device'],
  [null, 'Unknown device'],
])('%s is %s', (userAgent, device) => {
  expect(deviceOf(userAgent)).toBe(device)
})
