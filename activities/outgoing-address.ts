import ipaddr from 'ipaddr.js'

/** Addresses of our own network that may be called: names with their port, and ranges. */
export type Allowed = { hosts: ReadonlySet<string>; ranges: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][] }

/**
 * Reads a list such as `crm.intern:8080,10.2.0.0/16`.
 * @throws an error that names the entry which is neither
 */
export function readAllowed(list = ''): Allowed {
  const hosts = new Set<string>()
  const ranges: [ipaddr.IPv4 | ipaddr.IPv6, number][] = []
  for (const entry of list.split(',').map((one) => one.trim().toLowerCase())) {
    if (entry === '') continue
    if (ipaddr.isValidCIDR(entry)) ranges.push(ipaddr.parseCIDR(entry))
    else if (/^(\[[0-9a-f:.]+\]|[a-z0-9._-]+):\d{1,5}$/.test(entry)) hosts.add(entry)
    else throw new Error(`AUTERITY_OUTGOING_ALLOW: “${entry}” is neither host:port nor a range like 10.2.0.0/16.`)
  }
  return { hosts, ranges }
}

type Target = { hostname: string; port: number; address: string }

/** Whether a user's request may go to this address, which its name was found to have. */
export function isAllowed({ hosts, ranges }: Allowed, { hostname, port, address }: Target): boolean {
  const name = hostname.includes(':') ? `[${hostname}]` : hostname
  if (hosts.has(`${name.toLowerCase()}:${port}`)) return true
  if (!ipaddr.isValid(address)) return false
  const ip = ipaddr.process(address)
  return isPublic(ip) || ranges.some((range) => ip.kind() === range[0].kind() && ip.match(range))
}

/** Azure's own channel to its machines: the one such address that looks public. */
const azure = '168.63.129.16'
/** What the internet has given out so far of IPv6; the rest embeds, tunnels or stays at home. */
const globalUnicast = ipaddr.parseCIDR('2000::/3')

const isPublic = (ip: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
  ip.range() === 'unicast' && (ip.kind() === 'ipv4' ? ip.toString() !== azure : ip.match(globalUnicast))
