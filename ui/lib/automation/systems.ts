const titles: Record<string, string> = {
  crm: 'CRM',
  dms: 'DMS',
  mail: 'Mail',
  sms: 'Text messages',
  leads: 'Leads',
}

/** What a connected system is called. */
export const titleOfSystem = (system: string): string => titles[system] ?? system
