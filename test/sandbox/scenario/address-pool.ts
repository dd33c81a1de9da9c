// The addresses that a source comes from: blocks, IPv4 or IPv6, and how many hosts of them are in use.

import ipaddr from 'ipaddr.js';

export interface AddressPool {
  /** CIDR blocks; hosts are taken from each in turn. */
  readonly blocks: readonly string[];
  /** How many different addresses; no more than the blocks hold. */
  readonly hosts: number;
}

/** Every address as `$currentOp` writes it in front of the port: IPv6 in brackets. */
export function addressesOf(pool: AddressPool): readonly string[] {
  return Array.from({ length: pool.hosts }, (_, i) => {
    const block = pool.blocks[i % pool.blocks.length];
    if (block === undefined) throw new Error('an address pool needs a block');
    return hostOf(block, Math.floor(i / pool.blocks.length));
  });
}

function hostOf(block: string, index: number): string {
  const [network, prefix] = ipaddr.parseCIDR(block);
  const bytes = network.toByteArray();
  const hostBits = bytes.length * 8 - prefix;
  // The network address itself is nobody's, where the block has more than one.
  let rest = hostBits === 0 ? 0 : index + 1;
  if (rest >= 2 ** Math.min(hostBits, 30) && hostBits > 0) throw new Error(`${block} has no host ${index}`);
  for (let at = bytes.length - 1; rest > 0; at -= 1) {
    rest += bytes[at] ?? 0;
    bytes[at] = rest & 0xff;
    rest >>>= 8;
  }
  const address = ipaddr.fromByteArray(bytes);
  return address.kind() === 'ipv6' ? `[${address.toString()}]` : address.toString();
}
