// Who grew: apps, hosts and the node that hold more than is remembered of them, and how full that node is.

import { HOUR } from '../base/duration.ts';
import { count, listed, percent } from '../base/format.ts';
import type { SourcePast } from '../baseline/source-history.ts';
import { type Grown, grown } from '../baseline/top-holders.ts';
import { shortHosts } from '../connections/node-usage.ts';
import type { Snapshot, SnapshotSource } from '../snapshots/snapshot.ts';

export interface Elected {
  /** When the primary last changed, in milliseconds since 1970, and to which node. */
  readonly at: number;
  readonly primary: string;
}

/** What an alert within an hour of an election says of it. */
export function electionNote(elected: Elected | null, at: number): readonly string[] {
  return elected !== null && at - elected.at <= HOUR
    ? ['There was an election in the last hour: this may be a storm after it.']
    : [];
}

export interface Growth {
  /** The app that grew most, where apps are told. */
  readonly app: string | null;
  readonly notes: readonly string[];
}

/** Named are those that grew by at least this part of what the first of them did. */
const WORTH = 0.25;
const MOST = 3;

/**
 * `Grew most: app "billing" on 203.0.113.9 (+212) and 203.0.113.14 (+98), node shard-00-00 (primary).` and
 * `shard-00-00 is at 31 % of its limit of 1,500 now.`; less where less was told.
 * @param usual pooled connections, as they are usual now
 */
export function growthOf(input: {
  readonly past: SourcePast;
  readonly source: SnapshotSource;
  readonly snapshot: Snapshot;
  readonly usual: number;
}): Growth {
  const { past, source, snapshot, usual } = input;
  const factor = past.mean > 0 ? usual / past.mean : 0;
  const apps = worth(grown(past.apps, source.apps, factor));
  const hosts = worth(grown(past.hosts, source.hosts, factor));
  const node = grownNode(input);
  const short = shortHosts(snapshot);
  // With one app the figures of its hosts say all; with several each has its own.
  const appWords = apps.map(
    ({ name, more }) => `app "${name}"${apps.length > 1 || hosts.length === 0 ? plus(more) : ''}`,
  );
  const where = hosts.map(({ name, more }) => `${name}${plus(more)}`);
  const who =
    appWords.length === 0 || where.length === 0
      ? listed([...appWords, ...where])
      : `${listed(appWords)} on ${listed(where)}`;
  const on = node === null ? null : `node ${short(node.host)}${node.role === null ? '' : ` (${node.role})`}`;
  const words = [who, on].filter((word) => word !== null && word !== '').join(', ');
  const isFull = node !== null && node.current !== null && node.limit !== null && node.limit > 0;
  const notes = [
    ...(words === '' ? [] : [`Grew most: ${words}.`]),
    ...(isFull
      ? [`${short(node.host)} is at ${percent(node.current / node.limit)} of its limit of ${count(node.limit)} now.`]
      : []),
  ];
  return { app: apps[0]?.name ?? null, notes };
}

function plus(more: number): string {
  return ` (+${count(more)})`;
}

function worth(rows: readonly Grown[]): readonly Grown[] {
  const [first] = rows;
  return first === undefined ? [] : rows.filter(({ more }) => more >= WORTH * first.more).slice(0, MOST);
}

function grownNode({ past, source, snapshot, usual }: Parameters<typeof growthOf>[0]) {
  const rows = source.nodes.map(({ name, active, dormant }) => {
    const share = past.shares[name ?? '']?.share ?? 0;
    return { name, more: active + dormant - share * usual };
  });
  const [first] = rows.filter(({ more }) => more > 0).toSorted((one, other) => other.more - one.more);
  return snapshot.nodes.find(({ host }) => host === first?.name) ?? null;
}
