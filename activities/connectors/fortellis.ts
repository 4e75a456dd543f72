import { randomUUID } from 'node:crypto'
import { request, type HttpReply } from './http.ts'

export type FortellisConfig = { url: string; clientId: string; clientSecret: string; subscriptionId: string }

export type DmsVehicle = {
  vehicleId: string
  stockNumber: string
  identification: { vin: string }
  specification: { make: string; model: string; modelYear: number; trim: string | null }
  exteriorColor: string | null
  status: string
  availability: string
  price: { amount: number; currency: string } | null
  mileage?: { value: number; units: string } | null
  /** The day it came to the lot. */
  inventoryDate?: string | null
}

export type DmsCustomer = {
  customerId: string
  name: { first?: string; last?: string }
  contactMethods?: { primaryPhone?: string; homePhone?: string; mobilePhone?: string; email1?: string; email2?: string }
  postalAddress?: { city?: string; postalCode?: string }
}

type VehicleFilter = Partial<Record<'make' | 'model' | 'modelYear' | 'stockNumber' | 'vin' | 'status', string | null>>

/** The most pages that one question reads: a lot of 2,000 vehicles. */
const mostPages = 10

/**
 * CDK Drive through Fortellis: OAuth 2.0 client credentials, and `Subscription-Id` and `Request-Id` on each call
 * (docs.fortellis.io). The token is kept until a minute before it ends, and renewed once when it is refused.
 */
export class Fortellis {
  readonly #config: FortellisConfig
  #token: { value: string; until: number } | undefined
  #asking: Promise<string> | undefined

  constructor(config: FortellisConfig) {
    this.#config = config
  }

  /** Vehicles on the lot that fit; filters that are null are left out. */
  async vehicles(filter: VehicleFilter): Promise<DmsVehicle[]> {
    const query = new URLSearchParams({ availability: 'AVAILABLE', pageSize: '200' })
    for (const [name, value] of Object.entries(filter)) if (value != null) query.set(name, value)
    const found: DmsVehicle[] = []
    for (let page = 1; page <= mostPages; page++) {
      const { body } = await this.#call('GET', `/cdk/drive/inventory/v1/vehicles?${query.toString()}`)
      const { items, pageInfo } = body as { items: DmsVehicle[]; pageInfo?: { nextPageCursor?: string } }
      found.push(...items)
      if (pageInfo?.nextPageCursor === undefined) break
      query.set('pageCursor', pageInfo.nextPageCursor)
    }
    return found
  }

  /** Customers who fit all that is given. */
  async customers(
    filter: Partial<Record<'email' | 'phone' | 'firstName' | 'lastName', string>>,
  ): Promise<DmsCustomer[]> {
    const query = new URLSearchParams(filter)
    const { body } = await this.#call('GET', `/cdk/drive/customers/v1?${query.toString()}`)
    return (body as { items: DmsCustomer[] }).items
  }

  async #call(method: string, path: string): Promise<HttpReply> {
    const bearer = await this.#bearer()
    const first = await this.#send(method, path, bearer, [401])
    if (first.status !== 401) return first
    if (this.#token?.value === bearer) this.#token = undefined
    return this.#send(method, path, await this.#bearer())
  }

  #send(method: string, path: string, bearer: string, expect: readonly number[] = []): Promise<HttpReply> {
    return request({
      system: 'The DMS',
      method,
      url: `${this.#config.url}${path}`,
      headers: {
        authorization: `Bearer ${bearer}`,
        'subscription-id': this.#config.subscriptionId,
        'request-id': randomUUID(),
      },
      expect,
    })
  }

  /** The token at hand, else a new one; calls that want one at the same time share it. */
  async #bearer(): Promise<string> {
    if (this.#token !== undefined && this.#token.until > Date.now()) return this.#token.value
    this.#asking ??= this.#signIn().finally(() => (this.#asking = undefined))
    return this.#asking
  }

  async #signIn(): Promise<string> {
    const { clientId, clientSecret, url } = this.#config
    const { body } = await request({
      system: 'The DMS',
      method: 'POST',
      url: `${url}/oauth2/v1/token`,
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
      form: { grant_type: 'client_credentials', scope: 'anonymous' },
    })
    const { access_token: value, expires_in: seconds } = body as { access_token: string; expires_in: number }
    this.#token = { value, until: Date.now() + (seconds - 60) * 1000 }
    return value
  }
}
