import type { Caller } from '../store-known.ts'

/** Who asks without a virtual key: a part of the platform, or a person. */
export const keyless = (tenant: string, more: Partial<Omit<Caller, 'tenant'>> = {}): Caller => ({
  tenant,
  key: null,
  name: null,
  user: null,
  models: null,
  tags: {},
  run: null,
  until: Infinity,
  ...more,
})
