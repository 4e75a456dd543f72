import { Fault } from '#schemas/errors.ts'
import { Fortellis, type FortellisConfig } from './fortellis.ts'
import { Hubspot, type HubspotConfig } from './hubspot.ts'
import type { MailConfig } from './mail.ts'
import { Sms, type SmsConfig } from './sms.ts'

export type SystemsConfig = {
  crm: HubspotConfig
  dms: FortellisConfig
  mail: MailConfig
  /** Null where no text message system is connected. */
  sms: SmsConfig | null
}
export type ConnectorConfig = SystemsConfig & {
  sandbox: boolean
  /** What test runs talk to; null where no sandbox runs. */
  rehearsal: SystemsConfig | null
}

export type Systems = { crm: Hubspot; dms: Fortellis; mail: MailConfig; sms: Sms | null }
export type Connectors = Systems & { sandbox: boolean; rehearsal: Systems | null }

const systems = ({ crm, dms, mail, sms }: SystemsConfig): Systems => ({
  crm: new Hubspot(crm),
  dms: new Fortellis(dms),
  mail,
  sms: sms === null ? null : new Sms(sms),
})

/** The outside systems of this installation. */
export const connect = (config: ConnectorConfig): Connectors => ({
  ...systems(config),
  sandbox: config.sandbox,
  rehearsal: config.rehearsal === null ? null : systems(config.rehearsal),
})

/** The systems that a run talks to: a test never reaches the real ones. */
export const systemsOf = (connectors: Connectors, { test }: { test: boolean }): Systems => {
  if (!test) return connectors
  if (connectors.rehearsal === null)
    throw new Fault('sandbox_off', 'A test run talks to the sandbox, and none runs here.')
  return connectors.rehearsal
}
