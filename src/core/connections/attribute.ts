// The source of one group of connections: class, id and name, as the README defines them.

import type { ClientAddress } from '../net/address.ts';
import { isPrivate } from '../net/cidr.ts';
import type { AddressBook } from './address-book.ts';
import type { ConnectionGroup } from './reading.ts';
import type { SourceClass, SourceEntry } from './source.ts';

export interface Attribution {
  readonly id: string;
  readonly name: string;
  readonly class: SourceClass;
  readonly entry: SourceEntry | null;
  /** Of a peered network: the peer's VPC and account. */
  readonly peer?: string;
}

/** Prefix of the id of a peered network's source. */
export const PEERED = 'peering:';

/** Splits a source with uninformative addresses: by app, else by user, else by driver. */
function identity({ app, user, driver }: ConnectionGroup): { readonly id: string; readonly name: string } {
  if (app) return { id: `app:${app}`, name: app };
  if (user) return { id: `user:${user}`, name: `user ${user}` };
  if (driver) return { id: `driver:${driver.name}`, name: `driver ${driver.name}` };
  return { id: 'unknown', name: 'unknown' };
}

/** @param client the group's `client`, parsed once by the caller */
export function attribute(book: AddressBook, client: ClientAddress, group: ConnectionGroup): Attribution {
  const split = (prefix: string, name: string, of: Pick<Attribution, 'class' | 'entry'>): Attribution => {
    const who = identity(group);
    return { id: `${prefix} ${who.id}`, name: `${name}: ${who.name}`, ...of };
  };
  if (client.kind === 'socket') return split('private', 'private', { class: 'private', entry: null });
  if (client.kind === 'unknown') return { id: client.text, name: client.text, class: 'unknown', entry: null };

  const listing = book.find(client.address);
  if (listing?.class === 'listed') {
    return { id: listing.block.text, name: listing.name, class: 'listed', entry: listing.entry };
  }
  if (listing?.class === 'peering') {
    const { block, name, peer = '' } = listing;
    return { id: `${PEERED}${block.text}`, name, class: 'peering', entry: null, peer };
  }
  if (listing?.class === 'atlas-internal') {
    return split('atlas-internal', listing.name, { class: 'atlas-internal', entry: null });
  }
  const open = book.openTo(client.address.family);
  if (open !== null) return split('0.0.0.0/0', 'anyone', { class: 'catch-all', entry: open });
  if (isPrivate(client.address)) return split('private', 'private', { class: 'private', entry: null });
  // Only a complete list shows that an address is missing.
  return { id: client.text, name: client.text, class: book.isWhole ? 'unlisted' : 'unknown', entry: null };
}
