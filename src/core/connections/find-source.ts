// "Which source?": the one that a person means by an id, a name, an address or a block.

import { nearest } from '../base/fuzzy-match.ts';
import { parseIp } from '../net/address.ts';
import { containsAddress, containsBlock, parseCidr } from '../net/cidr.ts';

/** What a source is known by: those of a report, and those of the history, which tells no hosts. */
export interface Findable {
  readonly id: string;
  readonly name: string;
  readonly hosts?: readonly { readonly address: string }[];
}

export type SourceMatch<Source extends Findable> =
  | { readonly kind: 'found'; readonly source: Source }
  /** In the order given. */
  | { readonly kind: 'several'; readonly candidates: readonly Source[] }
  /** `nearest` is the name or id that differs least; null when none is near. */
  | { readonly kind: 'none'; readonly nearest: string | null };

/**
 * Tried in this order: the id, the name, an address (the source that has connections from it, else the one whose
 * entry holds it), a block (the sources in it), a part of a name. Case never matters.
 */
export function findSource<Source extends Findable>(sources: readonly Source[], wanted: string): SourceMatch<Source> {
  for (const fit of [byId, byName, byHost, byEntry, byBlock, byPart]) {
    const candidates = sources.filter((source) => fit(source, wanted.trim()));
    const [only] = candidates;
    if (only !== undefined && candidates.length === 1) return { kind: 'found', source: only };
    if (candidates.length > 1) return { kind: 'several', candidates };
  }
  return {
    kind: 'none',
    nearest: nearest(wanted, [...sources.map(({ name }) => name), ...sources.map(({ id }) => id)]),
  };
}

type Fit = (source: Findable, wanted: string) => boolean;
const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

const byId: Fit = ({ id }, wanted) => same(id, wanted) || id === parseCidr(wanted)?.text;
const byName: Fit = ({ name }, wanted) => same(name, wanted);
const byHost: Fit = ({ hosts = [], id }, wanted) => {
  const address = parseIp(wanted);
  if (address === null) return false;
  const text = parseCidr(wanted)?.text;
  return [...hosts.map((host) => host.address), id].some((host) => parseCidr(host)?.text === text);
};
const byEntry: Fit = ({ id }, wanted) => {
  const address = parseIp(wanted);
  const block = parseCidr(id);
  return address !== null && block !== null && containsAddress(block, address);
};
const byBlock: Fit = ({ id, hosts = [] }, wanted) => {
  const block = wanted.includes('/') ? parseCidr(wanted) : null;
  if (block === null) return false;
  return [id, ...hosts.map(({ address }) => address)].some((text) => {
    const inner = parseCidr(text);
    return inner !== null && containsBlock(block, inner);
  });
};
const byPart: Fit = ({ id, name }, wanted) =>
  wanted !== '' && [id, name].some((text) => text.toLowerCase().includes(wanted.toLowerCase()));
