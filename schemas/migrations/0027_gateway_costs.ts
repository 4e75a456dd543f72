import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // what requests of an hour came to that have all of this in common; money in billionths of a US dollar
  await sql`
    create table gateway_cost (
      tenant_id text collate "C" not null references tenant,
      at timestamptz not null,
      slice text collate "C" not null,
      key_id text collate "C",
      operation text collate "C" not null,
      asked text collate "C" not null,
      provider text collate "C",
      model text collate "C",
      rule text,
      tags jsonb not null,
      requests integer not null,
      unpriced integer not null,
      cost_nano bigint not null,
      cache_nano bigint not null,
      prompt_cache_nano bigint not null,
      routing_nano bigint not null,
      input_tokens bigint not null,
      cached_tokens bigint not null,
      output_tokens bigint not null,
      primary key (tenant_id, at, slice)
    ) with (fillfactor = 70)`.execute(db)
  await protect(db, 'gateway_cost', { app: ['select'], system: ['select', 'insert', 'update'] })

  await sql`alter table gateway_request add column saved jsonb`.execute(db)

  // what was written down before is counted too
  await sql`
    insert into gateway_cost
    select tenant_id, date_trunc('hour', at, 'UTC'),
      md5(jsonb_build_array(key_id, operation, asked, provider, model, policy_id || '/' || rule, tags)::text),
      key_id, operation, asked, provider, model, policy_id || '/' || rule, tags, count(*),
      count(*) filter (where cost_nano is null), coalesce(sum(cost_nano), 0),
      coalesce(sum(list_nano - cost_nano) filter (where cache in ('exact', 'semantic')), 0), 0, 0,
      coalesce(sum(input_tokens), 0), coalesce(sum(cached_tokens), 0), coalesce(sum(output_tokens), 0)
    from gateway_request where provider is not null and input_tokens is not null
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10`.execute(db)
}
