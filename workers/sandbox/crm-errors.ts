import { randomUUID } from 'node:crypto'

export type CrmStatus = 400 | 401 | 404 | 409 | 415 | 429

/** An error as the vendor words it; the routes turn it into the answer. */
export class CrmError extends Error {
  override name = 'CrmError'
  readonly status: CrmStatus
  readonly category: string
  readonly extra: object

  constructor(status: CrmStatus, category: string, message: string, extra: object = {}) {
    super(message)
    this.status = status
    this.category = category
    this.extra = extra
  }
}

/** The body of every error answer of the CRM v3 API. */
export const crmErrorBody = (category: string, message: string, extra: object = {}): object => ({
  status: 'error',
  message,
  correlationId: randomUUID(),
  ...extra,
  category,
})

const singular = { contacts: 'Contact', deals: 'Deal', notes: 'Note', tasks: 'Task' } as const

export const invalid = (message: string, details: object[] = []): CrmError =>
  new CrmError(400, 'VALIDATION_ERROR', message, details.length > 0 ? { errors: details } : {})

export const notFound = (): CrmError => new CrmError(404, 'OBJECT_NOT_FOUND', 'resource not found')

/** A second object with the e-mail address or unique property value of another. */
export const duplicate = (
  kind: keyof typeof singular,
  property: string,
  value: string,
  existing: number | string,
): CrmError =>
  property === 'email'
    ? new CrmError(409, 'CONFLICT', `${singular[kind]} already exists. Existing ID: ${existing}`)
    : new CrmError(
        409,
        'CONFLICT',
        `Cannot set PropertyValueCoordinates{propertyName=${property}, value=${value}}. ${existing} already has that value.`,
      )

export const unknownProperty = (name: string): CrmError =>
  invalid(`Property values were not valid: Property "${name}" does not exist`, [
    {
      message: `Property "${name}" does not exist`,
      code: 'PROPERTY_DOESNT_EXIST',
      context: { propertyName: [name] },
    },
  ])
