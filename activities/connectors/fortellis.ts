import { randomUUID } from 'node:crypto'
import { Fault } from '#schemas/errors.ts'
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
  /** For whom it is held. */
  heldFor?: string | null
}

export type DmsAppointment = {
  appointmentId: string
  appointmentType: string
  status: string
  startTime: string
  customerName?: string | null
  vehicleDescription?: string | null
  comments?: string | null
}

export type DmsOwnedVehicle = {
  identification: { vin: string }
  specification: { make: string; model: string; modelYear: number }
  owner: { customerId: string; firstName?: string; lastName?: string; email?: string; phone?: string }
  lastService?: { date: string; mileage: number; operation: string } | null
}

export type DmsCustomer = {
  customerId: string
  name: { first?: string; last?: string }
  contactMethods?: { primaryPhone?: string; homePhone?: string; mobilePhone?: string; email1?: string; email2?: string }
  postalAddress?: { city?: string; postalCode?: string }
}

type VehicleFilter = Partial<Record<'make' | 'model' | 'modelYear' | 'stockNumber' | 'vin' | 'status', string | null>>
type OwnedFilter = Partial<
  Record<'make' | 'model' | 'modelYearFrom' | 'modelYearTo' | 'vin' | 'lastServiceBefore', string>
>
type Sent = { json?: unknown; headers?: Record<string, string>; expect?: readonly number[] }

const appointments = '/cdk/drive/service-appointments/v1'
const at = (path: string, id: string): string => `${path}/${encodeURIComponent(id)}`

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

  /** Books an appointment; the same reference again gives the one there is. */
  async book(appointment: Omit<DmsAppointment, 'appointmentId' | 'status'> & { externalReference: string }) {
    const { body } = await this.#call('POST', appointments, { json: appointment })
    return body as DmsAppointment
  }

  async appointment(id: string): Promise<DmsAppointment | null> {
    const { status, body } = await this.#call('GET', at(appointments, id), { expect: [404] })
    return status === 404 ? null : (body as DmsAppointment)
  }

  async changeAppointment(id: string, change: Partial<DmsAppointment>): Promise<DmsAppointment> {
    return (await this.#edit(at(appointments, id), () => change)) as DmsAppointment
  }

  /** Vehicles that customers brought to the workshop. */
  async ownedVehicles(filter: OwnedFilter): Promise<DmsOwnedVehicle[]> {
    const query = new URLSearchParams({ pageSize: '200', ...filter })
    const { body } = await this.#call('GET', `/cdk/drive/service-vehicles/v1?${query.toString()}`)
    return (body as { items: DmsOwnedVehicle[] }).items
  }

  /** Changes a vehicle on the lot as `change` says of how it stands; null leaves it as it is. Gives it as it was. */
  async changeVehicle(
    stock: string,
    change: (vehicle: DmsVehicle) => Partial<Pick<DmsVehicle, 'price' | 'heldFor'>> | null,
  ): Promise<DmsVehicle> {
    const [found] = await this.vehicles({ stockNumber: stock })
    if (found === undefined) throw new Fault('connector_refused', `The DMS has no vehicle ${stock} in stock.`)
    let before = found
    await this.#edit(at('/cdk/drive/inventory/v1/vehicles', found.vehicleId), (vehicle) => {
      before = vehicle as DmsVehicle
      return change(before)
    })
    return before
  }

  /** Reads, and writes back what `change` makes of it unless somebody else wrote meanwhile. */
  async #edit(path: string, change: (body: unknown) => object | null): Promise<unknown> {
    const { body, headers } = await this.#call('GET', path)
    const json = change(body)
    if (json === null) return body
    const match = { 'if-match': headers.get('etag') ?? '' }
    const written = await this.#call('POST', path, { json, headers: match, expect: [412] })
    if (written.status === 412)
      throw new Fault('connector_unavailable', 'Somebody else changed this in the DMS just now.')
    return written.body
  }

  async #call(method: string, path: string, sent: Sent = {}): Promise<HttpReply> {
    const bearer = await this.#bearer()
    const first = await this.#send(method, path, bearer, { ...sent, expect: [401, ...(sent.expect ?? [])] })
    if (first.status !== 401) return first
    if (this.#token?.value === bearer) this.#token = undefined
    return this.#send(method, path, await this.#bearer(), sent)
  }

  #send(method: string, path: string, bearer: string, { headers, ...sent }: Sent): Promise<HttpReply> {
    return request({
      system: 'The DMS',
      method,
      url: `${this.#config.url}${path}`,
      headers: {
        authorization: `Bearer ${bearer}`,
        'subscription-id': this.#config.subscriptionId,
        'request-id': randomUUID(),
        ...headers,
      },
      ...sent,
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
