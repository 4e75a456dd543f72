import Activity from '@lucide/svelte/icons/activity'
import FlaskConical from '@lucide/svelte/icons/flask-conical'
import Inbox from '@lucide/svelte/icons/inbox'
import LayoutDashboard from '@lucide/svelte/icons/layout-dashboard'
import ListChecks from '@lucide/svelte/icons/list-checks'
import Settings from '@lucide/svelte/icons/settings'
import Route from '@lucide/svelte/icons/route'
import Waypoints from '@lucide/svelte/icons/waypoints'
import Workflow from '@lucide/svelte/icons/workflow'
import type { Component } from 'svelte'
import { to } from '../paths.ts'

/** `key` is pressed after `g`; `phone` pages stand in the bar at the bottom of a phone; `holds` are pages that belong to it. */
export type Place = {
  title: string
  href: string
  icon: Component
  key: string
  phone?: true
  holds?: readonly string[]
}

export const places: readonly Place[] = [
  { title: 'Overview', href: to.overview(), icon: LayoutDashboard, key: 'o', phone: true },
  { title: 'Runs', href: to.runs(), icon: Workflow, key: 'r', phone: true },
  { title: 'Automations', href: to.automations(), icon: Route, key: 'u', holds: [to.templates()] },
  { title: 'Approvals', href: to.approvals(), icon: ListChecks, key: 'a', phone: true },
  { title: 'Leads in', href: to.ingress(), icon: Inbox, key: 'l', phone: true },
  { title: 'Models', href: to.models(), icon: Waypoints, key: 'm' },
  { title: 'Sandbox', href: to.sandbox(), icon: FlaskConical, key: 's' },
  { title: 'System', href: to.system(), icon: Activity, key: 'y' },
  { title: 'Settings', href: '/settings', icon: Settings, key: ',' },
]

/** Is `path` this place, or below it or what it holds? */
export const isAt = ({ href, holds = [] }: Pick<Place, 'href' | 'holds'>, path: string): boolean =>
  [href, ...holds].some((root) => path === root || (root !== '/' && path.startsWith(`${root}/`)))
