import type { Context } from '#schemas/tenancy.ts'

/** A row of something that works on when who asked for it is gone. */
type Asked = {
  id: string
  tenant_id: string
  asked_by: string
  asked_by_kind: Context['actor']['kind']
  asked_by_name: string | null
}

/** In whose name it works: of who asked for it. */
export const onBehalf = ({
  id,
  tenant_id: tenant,
  asked_by,
  asked_by_kind: kind,
  asked_by_name: name,
}: Asked): Context => ({
  tenant,
  actor: { kind, id: asked_by, ...(name === null ? {} : { name }) },
  scopes: [],
  correlation: id,
})
