// Names for addresses: the access list, our own labels, peered networks and Atlas's network, most specific first.

import type { AccessList, AccessListEntry, Label, NetworkContainer, PeeredNetwork, RangeEntry } from './access-list.ts';
import type { IpAddress } from './address.ts';
import { type CidrBlock, containsBlock, parseCidr } from './cidr.ts';
import { prefixTable } from './prefix-table.ts';
import type { SourceEntry } from './source.ts';

/** What the most specific block says of the addresses in it. */
export interface Listing {
  readonly class: 'listed' | 'peering' | 'atlas-internal';
  readonly block: CidrBlock;
  readonly name: string;
  /** The access list entry that lets the block in; null for a peer, a container, or a label outside the list. */
  readonly entry: SourceEntry | null;
}

export interface AddressBook {
  /** The most specific block that holds the address; /0 never counts. Null when none does. */
  find(address: IpAddress): Listing | null;
  /** The /0 entry that lets everybody of this family in, if there is one. */
  openTo(family: 4 | 6): SourceEntry | null;
  /** Whether the access list was read to its end. */
  readonly isWhole: boolean;
}

export interface AddressBookInput {
  /** Null where no access list was read. */
  readonly accessList: Pick<AccessList, 'entries' | 'complete'> | null;
  readonly labels: readonly Label[];
  readonly peers: readonly PeeredNetwork[];
  readonly containers: readonly NetworkContainer[];
}

export interface ListedBlock {
  readonly block: CidrBlock;
  readonly entry: SourceEntry;
}

/** The entries that are ranges, parsed; what cannot be parsed is left out here and is a hygiene finding. */
export function listedBlocks(entries: readonly AccessListEntry[]): readonly ListedBlock[] {
  return entries.flatMap((entry) => {
    const block = entry.kind === 'range' ? parseCidr(entry.cidrBlock) : null;
    return block === null || entry.kind !== 'range' ? [] : [{ block, entry: sourceEntry(block, entry) }];
  });
}

function sourceEntry(block: CidrBlock, { comment, deleteAfterDate }: RangeEntry): SourceEntry {
  return { cidrBlock: block.text, comment, deleteAfterDate };
}

export function addressBook({ accessList, labels, peers, containers }: AddressBookInput): AddressBook {
  const listed = listedBlocks(accessList?.entries ?? []);
  const open = listed.filter(({ block }) => block.prefix === 0);
  // Of equal blocks the first wins: label, entry, peer, container; of peers one that is up.
  const listings: readonly Listing[] = [
    ...labels.flatMap(({ cidr, name }) =>
      listingOf(cidr, (block) => ({ class: 'listed', block, name, entry: entryAround(block, listed) })),
    ),
    ...listed.map(({ block, entry }) => ({ class: 'listed' as const, block, name: entryName(entry), entry })),
    ...liveFirst(peers).flatMap(({ cidrBlock, name }) =>
      listingOf(cidrBlock, (block) => ({ class: 'peering', block, name, entry: null })),
    ),
    ...containers.flatMap(({ cidrBlock }) =>
      listingOf(cidrBlock, (block) => ({ class: 'atlas-internal', block, name: ATLAS_NAME, entry: null })),
    ),
  ];
  const precise = listings.filter(({ block }) => block.prefix > 0);
  const open4 = open.find(({ block }) => block.family === 4)?.entry ?? null;
  const open6 = open.find(({ block }) => block.family === 6)?.entry ?? null;
  return {
    find: prefixTable(precise.map((listing) => ({ block: listing.block, value: listing }))).find,
    openTo: (family) => (family === 4 ? open4 : open6),
    isWhole: accessList?.complete === true,
  };
}

/** Atlas goes on listing a peering that failed or is taken down, and the same network may be peered anew. */
function liveFirst(peers: readonly PeeredNetwork[]): readonly PeeredNetwork[] {
  const isLive = ({ status }: PeeredNetwork) => status === null || status === 'AVAILABLE';
  return [...peers.filter(isLive), ...peers.filter((peer) => !isLive(peer))];
}

const ATLAS_NAME = 'private endpoint or Atlas';

function listingOf(text: string | null, listing: (block: CidrBlock) => Listing): readonly Listing[] {
  const block = text === null ? null : parseCidr(text);
  return block === null ? [] : [listing(block)];
}

function entryName({ comment, cidrBlock }: SourceEntry): string {
  return comment?.trim() ? comment : cidrBlock;
}

/** The most specific entry that lets a whole block in. */
function entryAround(inner: CidrBlock, listed: readonly ListedBlock[]): SourceEntry | null {
  const around = listed.filter(({ block }) => containsBlock(block, inner));
  return around.sort((one, other) => other.block.prefix - one.block.prefix)[0]?.entry ?? null;
}
