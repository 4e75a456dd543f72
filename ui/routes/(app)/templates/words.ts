import type { TemplateCard } from '#schemas/templates/index.ts'
import { titleOfSystem } from '#ui/lib/automation/systems.ts'

type Category = TemplateCard['category']

/** In the order of the page. */
export const categories: readonly { id: Category; title: string; about: string }[] = [
  { id: 'sales', title: 'Sales', about: 'From the first word to the papers.' },
  { id: 'customers', title: 'After the sale', about: 'The day of the keys, and what people say of it.' },
  { id: 'service', title: 'Service', about: 'A full workshop, and nobody forgotten.' },
  { id: 'stock', title: 'Stock', about: 'Cars that stand, and who waits for one.' },
  { id: 'part', title: 'Shared parts', about: 'What the others lean on; installed along.' },
]

/** The systems that it speaks to by itself, each once. */
export const systemsOf = ({ needs }: Pick<TemplateCard, 'needs'>): string[] => [
  ...new Set(needs.operations.map(({ system }) => titleOfSystem(system))),
]
