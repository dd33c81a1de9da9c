// Names for addresses: the access list, our own labels, peered networks and Atlas's network, most specific first.

import { type Chunked, isChunkEnd, runToEnd } from '../base/cooperative.ts';
import type { IpAddress } from '../net/address.ts';
import { type CidrBlock, parseCidr } from '../net/cidr.ts';
import { prefixTableInChunks } from '../net/prefix-table.ts';
import type { AccessList, AccessListEntry, Label, NetworkContainer, PeeredNetwork, RangeEntry } from './access-list.ts';
import type { SourceEntry } from './source.ts';

/** The name and class from the most specific block that contains an address. */
interface NamedBlock {
  readonly class: 'listed' | 'peering' | 'atlas-internal';
  readonly block: CidrBlock;
  readonly name: string;
  /** The access list entry that lets the block in; null for a peer, a container, or a label outside the list. */
  readonly entry: SourceEntry | null;
  /** Of a peer: what Atlas calls it. */
  readonly peer?: string;
}

export interface AddressBook {
  /** The most specific block that holds the address; /0 never counts. Null when none does. */
  find(address: IpAddress): NamedBlock | null;
  /** The /0 entry of this address family, if there is one. */
  openTo(family: 4 | 6): SourceEntry | null;
  /** Whether the whole access list was read. */
  readonly isWhole: boolean;
}

/** @internal */
export interface AddressBookInput {
  /** Null when no access list was read. */
  readonly accessList: Pick<AccessList, 'entries' | 'complete'> | null;
  readonly labels: readonly Label[];
  readonly peers: readonly PeeredNetwork[];
  readonly containers: readonly NetworkContainer[];
}

type ParsedInput = AddressBookInput & { readonly listed: readonly ListedBlock[] };

export interface ListedBlock {
  readonly block: CidrBlock;
  readonly entry: SourceEntry;
}

const CHUNK = 2_000;

/** The range entries, parsed. An entry that cannot be parsed becomes a finding. */
export function* listedBlocks(entries: readonly AccessListEntry[]): Chunked<readonly ListedBlock[]> {
  const listed: ListedBlock[] = [];
  for (const [index, entry] of entries.entries()) {
    if (isChunkEnd(index, CHUNK)) yield;
    const block = entry.kind === 'range' ? parseCidr(entry.cidrBlock) : null;
    if (block !== null && entry.kind === 'range') listed.push({ block, entry: sourceEntry(block, entry) });
  }
  return listed;
}

function sourceEntry(block: CidrBlock, { comment, deleteAfterDate }: RangeEntry): SourceEntry {
  return { cidrBlock: block.text, comment, deleteAfterDate };
}

/** @internal */
export function addressBook(input: AddressBookInput): AddressBook {
  return runToEnd(addressBookInChunks({ ...input, listed: runToEnd(listedBlocks(input.accessList?.entries ?? [])) }));
}

/** @param input.listed the entries, parsed */
export function* addressBookInChunks({
  accessList,
  listed,
  labels,
  peers,
  containers,
}: ParsedInput): Chunked<AddressBook> {
  const open = listed.filter(({ block }) => block.prefix === 0);
  // Only labels need the entry that contains them.
  const rows = labels.length === 0 ? [] : listed.map(({ block, entry }) => ({ block, value: entry }));
  const entryContaining = (yield* prefixTableInChunks(rows)).containing;
  // Of equal blocks the first wins: label, entry, peer, container. A peering that is up comes before others.
  const listings: readonly NamedBlock[] = [
    ...labels.flatMap(({ cidr, name }) =>
      listingOf(cidr, (block) => ({ class: 'listed', block, name, entry: entryContaining(block, { itself: true }) })),
    ),
    ...listed.map(({ block, entry }) => ({ class: 'listed' as const, block, name: entryName(entry), entry })),
    ...liveFirst(peers).flatMap(({ cidrBlock, name: peer }) =>
      listingOf(cidrBlock, (block) => {
        return { class: 'peering', block, name: `peered network ${block.text}`, entry: null, peer };
      }),
    ),
    ...containers.flatMap(({ cidrBlock }) =>
      listingOf(cidrBlock, (block) => ({ class: 'atlas-internal', block, name: ATLAS_NAME, entry: null })),
    ),
  ];
  const precise = listings.filter(({ block }) => block.prefix > 0);
  const open4 = open.find(({ block }) => block.family === 4)?.entry ?? null;
  const open6 = open.find(({ block }) => block.family === 6)?.entry ?? null;
  const { find } = yield* prefixTableInChunks(precise.map((listing) => ({ block: listing.block, value: listing })));
  return {
    find,
    openTo: (family) => (family === 4 ? open4 : open6),
    isWhole: accessList?.complete === true,
  };
}

/** Atlas still lists a failed or removed peering, and the same network may be peered again. */
function liveFirst(peers: readonly PeeredNetwork[]): readonly PeeredNetwork[] {
  const isLive = ({ status }: PeeredNetwork) => status === null || status === 'AVAILABLE';
  return [...peers.filter(isLive), ...peers.filter((peer) => !isLive(peer))];
}

const ATLAS_NAME = 'private endpoint';

function listingOf(text: string | null, listing: (block: CidrBlock) => NamedBlock): readonly NamedBlock[] {
  const block = text === null ? null : parseCidr(text);
  return block === null ? [] : [listing(block)];
}

function entryName({ comment, cidrBlock }: SourceEntry): string {
  return comment?.trim() ? comment : cidrBlock;
}
