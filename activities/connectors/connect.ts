import { Fortellis, type FortellisConfig } from './fortellis.ts'
import { Hubspot, type HubspotConfig } from './hubspot.ts'
import type { MailConfig } from './mail.ts'

export type ConnectorConfig = { crm: HubspotConfig; dms: FortellisConfig; mail: MailConfig; sandbox: boolean }
export type Connectors = { crm: Hubspot; dms: Fortellis; mail: MailConfig; sandbox: boolean }

/** The outside systems of this installation. */
export const connect = ({ crm, dms, mail, sandbox }: ConnectorConfig): Connectors => ({
  crm: new Hubspot(crm),
  dms: new Fortellis(dms),
  mail,
  sandbox,
})
