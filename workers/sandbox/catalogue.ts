/** A model line that the store could carry: maker code (WMI), list price of the base trim in dollars, trims. */
export type Line = {
  make: string
  model: string
  maker: string
  price: number
  body: string
  trims: readonly string[]
}

/** The model lines on the lot. */
export const carried: readonly Line[] = [
  { make: 'Toyota', model: 'RAV4', maker: '2T3', price: 29800, body: 'SUV', trims: ['LE', 'XLE', 'Limited'] },
  { make: 'Toyota', model: 'Camry', maker: '4T1', price: 28700, body: 'Sedan', trims: ['LE', 'SE', 'XSE'] },
  { make: 'Toyota', model: 'Tacoma', maker: '3TY', price: 32100, body: 'Pickup', trims: ['SR', 'SR5', 'TRD Sport'] },
  { make: 'Toyota', model: 'Highlander', maker: '5TD', price: 40300, body: 'SUV', trims: ['LE', 'XLE', 'Platinum'] },
  { make: 'Honda', model: 'CR-V', maker: '2HK', price: 30900, body: 'SUV', trims: ['LX', 'EX', 'EX-L'] },
  { make: 'Honda', model: 'Civic', maker: '2HG', price: 25400, body: 'Sedan', trims: ['LX', 'Sport', 'Touring'] },
  { make: 'Honda', model: 'Accord', maker: '1HG', price: 29100, body: 'Sedan', trims: ['LX', 'EX', 'Touring'] },
  { make: 'Honda', model: 'Pilot', maker: '5FN', price: 40900, body: 'SUV', trims: ['Sport', 'EX-L', 'Elite'] },
  { make: 'Ford', model: 'F-150', maker: '1FT', price: 39400, body: 'Pickup', trims: ['XL', 'XLT', 'Lariat'] },
  { make: 'Ford', model: 'Escape', maker: '1FM', price: 30200, body: 'SUV', trims: ['Active', 'ST-Line', 'Platinum'] },
  {
    make: 'Ford',
    model: 'Mustang',
    maker: '1FA',
    price: 33100,
    body: 'Coupe',
    trims: ['EcoBoost', 'GT', 'Dark Horse'],
  },
  { make: 'Hyundai', model: 'Tucson', maker: '5NM', price: 29700, body: 'SUV', trims: ['SE', 'SEL', 'Limited'] },
  { make: 'Hyundai', model: 'Elantra', maker: 'KMH', price: 22600, body: 'Sedan', trims: ['SE', 'SEL', 'N Line'] },
  { make: 'Hyundai', model: 'IONIQ 5', maker: 'KM8', price: 43500, body: 'SUV', trims: ['SE', 'SEL', 'Limited'] },
  {
    make: 'Chevrolet',
    model: 'Silverado 1500',
    maker: '3GC',
    price: 38700,
    body: 'Pickup',
    trims: ['WT', 'LT', 'RST'],
  },
  {
    make: 'Subaru',
    model: 'Outback',
    maker: '4S4',
    price: 30100,
    body: 'Wagon',
    trims: ['Base', 'Premium', 'Wilderness'],
  },
]

/** Lines people ask for or trade in that the store does not carry. */
export const elsewhere: readonly Line[] = [
  { make: 'Mazda', model: 'CX-5', maker: 'JM3', price: 30300, body: 'SUV', trims: ['Select', 'Preferred', 'Turbo'] },
  {
    make: 'Volkswagen',
    model: 'Golf GTI',
    maker: 'WVW',
    price: 33600,
    body: 'Hatchback',
    trims: ['S', 'SE', 'Autobahn'],
  },
  { make: 'Jeep', model: 'Wrangler', maker: '1C4', price: 34100, body: 'SUV', trims: ['Sport', 'Sahara', 'Rubicon'] },
  { make: 'Nissan', model: 'Rogue', maker: '5N1', price: 30500, body: 'SUV', trims: ['S', 'SV', 'Platinum'] },
  { make: 'Kia', model: 'Telluride', maker: '5XY', price: 37900, body: 'SUV', trims: ['LX', 'EX', 'SX'] },
]

export const colours = ['Silver', 'Black', 'White', 'Blue', 'Red', 'Grey', 'Green'] as const
export const interiors = ['Black', 'Grey', 'Tan'] as const
