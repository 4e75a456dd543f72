import { append } from '#activities/audit/store.ts'
import { withTenant } from '#activities/database.ts'
import { listSetAside } from '#activities/runs/store-set-aside.ts'
import { readOverview } from '#activities/system/store.ts'
import { Fault } from '#schemas/errors.ts'
import { plugPulled, processName, type systemRoutes } from '#schemas/system.ts'
import type { Handlers } from '../contract.ts'
import type { ApiDeps } from '../deps.ts'
import type { SystemView } from './view.ts'

export function systemHandlers({ db, demo, supervisor }: ApiDeps, view: SystemView): Handlers<typeof systemRoutes> {
  return {
    'GET /v1/overview': ({ ctx }) => withTenant(db, ctx, (tx) => readOverview(tx, ctx)),
    'GET /v1/system': async ({ ctx }) => ({
      demo: demo && supervisor !== undefined,
      processes: view.rows(),
      // the page must answer while the database is away: then it is what the page is about
      setAside: await withTenant(db, ctx, (tx) => listSetAside(tx, ctx)).catch(() => []),
    }),
    'POST /v1/system/processes/:process/kill': async ({ ctx, params, body }) => {
      if (!demo || supervisor === undefined) throw new Fault('demo_only')
      const name = processName.safeParse(params.process)
      if (!name.success) throw new Fault('not_found')
      // before the kill: afterwards there may be no database, or no us, to write it down
      await withTenant(db, ctx, (tx) =>
        append(tx, ctx, [plugPulled(`sys_${name.data}`, { process: name.data, seconds: body.seconds })]),
      )
      const reply = await fetch(`${supervisor.url}/processes/${name.data}/kill`, {
        method: 'POST',
        headers: { authorization: `Bearer ${supervisor.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }).catch((error: unknown) => {
        throw new Fault('unavailable', 'The supervisor does not answer.', {}, error)
      })
      if (reply.status === 409) throw new Fault('conflict', `${name.data} is not up right now.`)
      if (!reply.ok) throw new Fault('unavailable', `The supervisor answered ${reply.status}.`)
      return { processes: view.rows() }
    },
  }
}
