/** Whether `host`, as a credential names it, is the one that this address goes to. One without a port means https. */
const isOf = (host: string, url: URL): boolean =>
  host === `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}` ||
  (url.protocol === 'https:' && host === url.host)

/** Whether a credential may be sent along to this address: secrets travel in the clear only where the port says so. */
export const mayReach = (hosts: readonly string[], url: URL): boolean => hosts.some((host) => isOf(host, url))
