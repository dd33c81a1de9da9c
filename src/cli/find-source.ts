// "Which source?": the one that a person means by an id, a name, an address or a block.

import { parseIp } from '../core/address.ts';
import { containsAddress, containsBlock, parseCidr } from '../core/cidr.ts';
import { nearest } from '../core/nearest.ts';
import type { ConnectionReport } from '../core/report.ts';
import type { ConnectionSource } from '../core/source.ts';
import { UserError } from '../errors.ts';
import { counted, nodesUnread } from './figures.ts';
import { printable } from './printable.ts';

const MOST_CANDIDATES = 10;

/**
 * Tried in this order: the id, the name, an address (the source that has connections from it, else the one whose
 * entry holds it), a block (the sources in it), a part of a name. Case never matters.
 * @throws UserError with the candidates where several fit, with the nearest where none does
 */
export function findSource(report: ConnectionReport, wanted: string): ConnectionSource {
  const { sources } = report;
  for (const fit of [byId, byName, byHost, byEntry, byBlock, byPart]) {
    const found = sources.filter((source) => fit(source, wanted.trim()));
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    if (found.length > 1) throw ambiguous(wanted, found);
  }
  throw unknown(report, wanted);
}

type Fit = (source: ConnectionSource, wanted: string) => boolean;
const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

const byId: Fit = ({ id }, wanted) => same(id, wanted) || id === parseCidr(wanted)?.text;
const byName: Fit = ({ name }, wanted) => same(name, wanted);
const byHost: Fit = ({ hosts, id }, wanted) => {
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
const byBlock: Fit = ({ id, hosts }, wanted) => {
  const block = wanted.includes('/') ? parseCidr(wanted) : null;
  if (block === null) return false;
  return [id, ...hosts.map(({ address }) => address)].some((text) => {
    const inner = parseCidr(text);
    return inner !== null && containsBlock(block, inner);
  });
};
const byPart: Fit = ({ id, name }, wanted) =>
  wanted !== '' && [id, name].some((text) => text.toLowerCase().includes(wanted.toLowerCase()));

function ambiguous(wanted: string, found: readonly ConnectionSource[]): UserError {
  const names = found.slice(0, MOST_CANDIDATES).map(({ id, name }) => `  ${name === id ? id : `${name} (${id})`}`);
  const more = found.length - names.length;
  return new UserError(
    printable(`"${wanted}" fits ${counted(found.length, 'source')}.`),
    [`Name one of them by its id:`, ...names.map(printable), ...(more > 0 ? [`  and ${more} more`] : [])].join('\n'),
  );
}

function unknown(report: ConnectionReport, wanted: string): UserError {
  const { sources, cluster } = report;
  const unread = nodesUnread(report).length;
  const where = unread === 0 ? cluster : `the nodes of ${cluster} that were read (${counted(unread, 'node')} not)`;
  const near = nearest(wanted, [...sources.map(({ name }) => name), ...sources.map(({ id }) => id)]);
  const remedy = near === null ? `atlas-conns report ${cluster} lists them all.` : `Did you mean "${near}"?`;
  return new UserError(printable(`No source "${wanted}" has connections to ${where}.`), printable(remedy));
}
