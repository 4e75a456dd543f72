import { request } from './http.ts'

export type HubspotConfig = { url: string; token: string }
type Properties = Record<string, string>
export type HubspotObject = { id: string; properties: Record<string, string | null> }

/**
 * HubSpot CRM v3. Every object we write carries `auterity_key`, a custom property with unique values: writing
 * goes through `batch/upsert` on it, so that doing it twice leaves one object (developers.hubspot.com, "Batch
 * create or update by unique property").
 */
export class Hubspot {
  readonly #config: HubspotConfig

  constructor(config: HubspotConfig) {
    this.#config = config
  }

  /** Creates or updates the object whose unique property `by` has the value `key`. */
  async upsert(
    type: 'contacts' | 'deals' | 'notes' | 'tasks',
    key: string,
    properties: Properties,
    by = 'auterity_key',
  ): Promise<{ id: string; created: boolean }> {
    const { body } = await this.#call('POST', `/crm/v3/objects/${type}/batch/upsert`, {
      inputs: [{ id: key, idProperty: by, properties: { ...properties, [by]: key } }],
    })
    const result = (body as { results: (HubspotObject & { new?: boolean })[] }).results[0]
    if (result === undefined) throw new Error('the CRM answered an upsert without a result')
    return { id: result.id, created: result.new === true }
  }

  /** The contact whose unique property `by` has this value, if there is one. */
  async findContact(
    value: string,
    by: 'email' | 'auterity_key',
    properties: readonly string[] = [],
  ): Promise<HubspotObject | null> {
    const query = new URLSearchParams({ idProperty: by })
    if (properties.length > 0) query.set('properties', properties.join(','))
    const path = `/crm/v3/objects/contacts/${encodeURIComponent(value)}?${query.toString()}`
    const { status, body } = await this.#call('GET', path, undefined, [404])
    return status === 404 ? null : (body as HubspotObject)
  }

  async findContactByPhone(
    phone: string,
    properties: readonly string[] = ['firstname', 'lastname', 'email', 'phone'],
  ): Promise<HubspotObject | null> {
    const { body } = await this.#call('POST', '/crm/v3/objects/contacts/search', {
      filterGroups: [{ filters: [{ propertyName: 'phone', operator: 'EQ', value: phone }] }],
      properties,
      limit: 1,
    })
    return (body as { results: HubspotObject[] }).results[0] ?? null
  }

  async contact(id: string, properties: readonly string[]): Promise<HubspotObject> {
    const query = new URLSearchParams({ properties: properties.join(',') })
    const { body } = await this.#call('GET', `/crm/v3/objects/contacts/${encodeURIComponent(id)}?${query.toString()}`)
    return body as HubspotObject
  }

  /** Deals whose title or description has the words and that are not closed, newest first. */
  async openDeals(words: string, limit: number): Promise<{ deals: HubspotObject[]; count: number }> {
    const open = { propertyName: 'dealstage', operator: 'NOT_IN', values: ['closedwon', 'closedlost'] }
    const { body } = await this.#call('POST', '/crm/v3/objects/deals/search', {
      filterGroups: ['dealname', 'description'].map((propertyName) => ({
        filters: [{ propertyName, operator: 'CONTAINS_TOKEN', value: words }, open],
      })),
      sorts: [{ propertyName: 'createdate', direction: 'DESCENDING' }],
      properties: ['dealname', 'dealstage', 'amount'],
      limit,
    })
    const { results, total } = body as { results: HubspotObject[]; total: number }
    return { deals: results, count: total }
  }

  /** The contacts that a deal is tied to. */
  async contactsOf(deal: string): Promise<string[]> {
    const { body } = await this.#call('GET', `/crm/v4/objects/deals/${encodeURIComponent(deal)}/associations/contacts`)
    return (body as { results: { toObjectId: number }[] }).results.map(({ toObjectId }) => String(toObjectId))
  }

  /** Changes some properties of an object; doing it again changes nothing more. */
  async change(type: 'contacts', id: string, properties: Properties): Promise<void> {
    await this.#call('PATCH', `/crm/v3/objects/${type}/${id}`, { properties })
  }

  /** Puts the default association between two objects; doing it again changes nothing. */
  async associate(
    from: 'deals' | 'notes' | 'tasks',
    fromId: string,
    to: 'contacts' | 'deals',
    toId: string,
  ): Promise<void> {
    await this.#call('PUT', `/crm/v4/objects/${from}/${fromId}/associations/default/${to}/${encodeURIComponent(toId)}`)
  }

  #call(method: string, path: string, json?: unknown, expect: readonly number[] = []) {
    return request({
      system: 'The CRM',
      method,
      url: `${this.#config.url}${path}`,
      headers: { authorization: `Bearer ${this.#config.token}` },
      expect,
      ...(json === undefined ? {} : { json }),
    })
  }
}
