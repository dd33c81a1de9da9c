// Finds a source by its id, name, address or block.

import { LONGEST_TYPED, nearest } from '../base/fuzzy-match.ts';
import { parseIp } from '../net/address.ts';
import { containsAddress, containsBlock, parseCidr } from '../net/cidr.ts';

/** Sources of a report, or of the history. The history has no hosts. */
export interface Findable {
  readonly id: string;
  readonly name: string;
  readonly hosts?: readonly { readonly address: string }[];
}

export type SourceMatch<Source extends Findable> =
  | { readonly kind: 'found'; readonly source: Source }
  /** In the order given. */
  | { readonly kind: 'several'; readonly candidates: readonly Source[] }
  /** `nearest` is the most similar name or id; null when none is similar. */
  | { readonly kind: 'none'; readonly nearest: string | null };

/**
 * In this order: the id, the name, an address, a block (the sources in it), a part of a name. An address finds the
 * source with connections from it, else the source with the entry that contains it. Case is ignored.
 */
export function findSource<Source extends Findable>(sources: readonly Source[], query: string): SourceMatch<Source> {
  for (const fit of [byId, byName, byHost, byEntry, byBlock, byPart]) {
    const candidates = sources.filter((source) => fit(source, query.trim()));
    const [only] = candidates;
    if (only !== undefined && candidates.length === 1) return { kind: 'found', source: only };
    if (candidates.length > 1) return { kind: 'several', candidates };
  }
  const names = sources.map(({ name }) => name);
  const whole = nearest(query, [...names, ...sources.map(({ id }) => id)]);
  return { kind: 'none', nearest: whole ?? nearestByPart(query.trim(), names) };
}

/** People type a part of a name: `Biling` for `Billing API`. Compares as many words as they typed. */
function nearestByPart(query: string, names: readonly string[]): string | null {
  if (query.length < SHORTEST_PART || query.length > LONGEST_TYPED) return null;
  const many = query.split(/\s+/).length;
  const parts = new Map<string, string>();
  for (const name of names) {
    const words = name.split(/[^\p{L}\p{N}.:-]+/u);
    for (const start of words.keys()) {
      const part = words.slice(start, start + many).join(' ');
      if (part.length >= SHORTEST_PART && !parts.has(part)) parts.set(part, name);
    }
  }
  const part = nearest(query, [...parts.keys()]);
  return part === null ? null : (parts.get(part) ?? null);
}

/** A shorter word is near to too many others. */
const SHORTEST_PART = 4;

type Fit = (source: Findable, query: string) => boolean;
const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

const byId: Fit = ({ id }, query) => same(id, query) || id === parseCidr(query)?.text;
const byName: Fit = ({ name }, query) => same(name, query);
const byHost: Fit = ({ hosts = [], id }, query) => {
  const address = parseIp(query);
  if (address === null) return false;
  const text = parseCidr(query)?.text;
  return [...hosts.map((host) => host.address), id].some((host) => parseCidr(host)?.text === text);
};
const byEntry: Fit = ({ id }, query) => {
  const address = parseIp(query);
  const block = parseCidr(id);
  return address !== null && block !== null && containsAddress(block, address);
};
const byBlock: Fit = ({ id, hosts = [] }, query) => {
  const block = query.includes('/') ? parseCidr(query) : null;
  if (block === null) return false;
  return [id, ...hosts.map(({ address }) => address)].some((text) => {
    const inner = parseCidr(text);
    return inner !== null && containsBlock(block, inner);
  });
};
const byPart: Fit = ({ id, name }, query) =>
  query !== '' && [id, name].some((text) => text.toLowerCase().includes(query.toLowerCase()));
