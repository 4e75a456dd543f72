/** A text as a wire said it, and where (offset in the document; null where the wire has no places). */
export type Said = { text: string; at: number | null } | undefined

export type RawVehicle = {
  [
    field in
      | 'interest'
      | 'status'
      | 'year'
      | 'make'
      | 'model'
      | 'trim'
      | 'vin'
      | 'stock'
      | 'odometer'
      | 'odometerUnits'
      | 'price'
      | 'priceType'
      | 'currency'
      | 'bodyStyle'
      | 'transmission'
      | 'exteriorColor'
      | 'interiorColor'
      | 'financeMethod'
      | 'downPayment'
      | 'monthly'
      | 'total'
      | 'comments'
  ]: Said
} & { options: Said[] }

export type RawPhone = { number: Said; type: Said; time: Said; preferred: boolean }

export type RawLead = {
  provider: { name: Said; service: Said; url: Said; email: Said; phone: Said }
  leadId: Said
  leadIdSource: Said
  status: Said
  requestedAt: Said
  customer: {
    firstName: Said
    middleName: Said
    lastName: Said
    fullName: Said
    email: Said
    emailPreferred: boolean
    phones: RawPhone[]
    address: { lines: Said[]; city: Said; region: Said; postalCode: Said; country: Said } | null
    comments: Said
    timeframe: Said
  }
  vehicles: RawVehicle[]
  tradeIn: RawVehicle | null
  vendor: { name: Said; id: Said }
}
