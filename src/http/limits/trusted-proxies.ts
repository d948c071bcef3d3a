import ipaddr from 'ipaddr.js'
import { addressOf } from './reader-address.ts'

/**
 * Whether an address is one of the proxies that the operator named, by address or CIDR. It may carry its port, as the hops of
 * some proxies do, and an IPv4 address may be written as an IPv6 one, on either side.
 */
export function trustedProxies(proxies: readonly string[]): (address: string) => boolean {
  const networks = proxies.map(networkOf)
  return (address) => {
    // A client that has hung up has none any more, whatever the type says.
    const bare = addressOf(String(address))
    if (bare === null) return false
    const parsed = ipaddr.parse(bare)
    return networks.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits))
  }
}

function networkOf(proxy: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const [network, bits] = ipaddr.parseCIDR(
    proxy.includes('/') ? proxy : `${proxy}/${proxy.includes(':') ? 128 : 32}`,
  )
  return network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && bits >= 96
    ? [network.toIPv4Address(), bits - 96]
    : [network, bits]
}
