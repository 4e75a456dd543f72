import type { Kind } from '../kind.ts'
import { action } from './action.ts'
import { aggregate } from './aggregate.ts'
import { ai } from './ai.ts'
import { approval } from './approval.ts'
import { code } from './code.ts'
import { compensate } from './compensate.ts'
import { decision } from './decision.ts'
import { end } from './end.ts'
import { filter } from './filter.ts'
import { http } from './http.ts'
import { agent, training } from './later.ts'
import { loop } from './loop.ts'
import { map } from './map.ts'
import { note } from './note.ts'
import { parallel } from './parallel.ts'
import { raise } from './raise.ts'
import { set } from './set.ts'
import { start } from './start.ts'
import { subflow } from './subflow.ts'
import { switchKind } from './switch.ts'
import { wait } from './wait.ts'

const all = [
  start,
  end,
  action,
  http,
  code,
  decision,
  switchKind,
  set,
  map,
  filter,
  aggregate,
  ai,
  parallel,
  loop,
  wait,
  approval,
  subflow,
  agent,
  training,
  raise,
  compensate,
  note,
]

/** Every kind of node, by its name in documents, in the order of the palette. */
export const kinds: Readonly<Record<string, Kind>> = Object.fromEntries(all.map((kind) => [kind.kind, kind]))
