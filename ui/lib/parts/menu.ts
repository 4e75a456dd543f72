import type { Component } from 'svelte'

/** What can be chosen in a menu: somewhere to go, or something to do. */
export type MenuItem = {
  label: string
  icon?: Component
  href?: string
  act?: () => void
  danger?: boolean
  disabled?: boolean
  /** The one that holds now, of a set. */
  current?: boolean
}
