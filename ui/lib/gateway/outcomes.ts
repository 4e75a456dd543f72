import CircleCheck from '@lucide/svelte/icons/circle-check'
import CircleX from '@lucide/svelte/icons/circle-x'
import LogOut from '@lucide/svelte/icons/log-out'
import Scissors from '@lucide/svelte/icons/scissors'
import ShieldX from '@lucide/svelte/icons/shield-x'
import ShieldAlert from '@lucide/svelte/icons/shield-alert'
import Unplug from '@lucide/svelte/icons/unplug'
import type { Component } from 'svelte'
import type { Outcome } from '#schemas/gateway/requests.ts'
import type { StateTone } from '../parts/states.ts'

/** How each outcome of a request to a model is drawn, beside its word: never by colour alone. */
export const outcomeLooks: Record<Outcome, { tone: StateTone; icon: Component }> = {
  ok: { tone: 'completed', icon: CircleCheck },
  refused: { tone: 'retrying', icon: ShieldX },
  blocked: { tone: 'retrying', icon: ShieldAlert },
  failed: { tone: 'failed', icon: CircleX },
  cut: { tone: 'failed', icon: Scissors },
  lost: { tone: 'failed', icon: Unplug },
  cancelled: { tone: 'cancelled', icon: LogOut },
}
