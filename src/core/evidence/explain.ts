// Explains a rise: the apps, hosts and node that grew most, and the usage of that node.

import { HOUR } from '../base/duration.ts';
import { count, joinWords, percent } from '../base/format.ts';
import type { SourceHistory } from '../baseline/source-history.ts';
import { type Increase, increases } from '../baseline/top-holders.ts';
import { shortHosts } from '../connections/node-usage.ts';
import type { Elected } from '../diagnosis/past.ts';
import type { Snapshot, SnapshotSource } from '../snapshots/snapshot.ts';
import { WORTH } from './culprits.ts';

/** A note for an alert within an hour of an election. */
export function electionNote(elected: Elected | null, at: number): readonly string[] {
  return elected !== null && at - elected.at <= HOUR
    ? ['There was an election in the last hour: this may be a storm after it.']
    : [];
}

export interface Growth {
  /** The app that grew most, if apps are known. */
  readonly app: string | null;
  readonly notes: readonly string[];
}

const MOST = 3;

/**
 * `Grew most: app "billing" on 203.0.113.9 (+212) and 203.0.113.14 (+98), node shard-00-00 (primary).` and `shard-00-00
 * is at 31 % of its limit of 1,500 now.`; unknown parts are left out.
 * @param usual the pooled connections that are usual now
 */
export function growthOf(input: {
  readonly past: SourceHistory;
  readonly source: SnapshotSource;
  readonly snapshot: Snapshot;
  readonly usual: number;
}): Growth {
  const { past, source, snapshot, usual } = input;
  const factor = past.mean > 0 ? usual / past.mean : 0;
  const apps = largestIncreases(increases(past.apps, source.apps, factor));
  const hosts = largestIncreases(increases(past.hosts, source.hosts, factor));
  const node = nodeThatGrew(input);
  const short = shortHosts(snapshot);
  // With one app, the figures of its hosts are enough.
  const appWords = apps.map(
    ({ name, more }) => `app "${name}"${apps.length > 1 || hosts.length === 0 ? increaseText(more) : ''}`,
  );
  const where = hosts.map(({ name, more }) => `${name}${increaseText(more)}`);
  const who =
    appWords.length === 0 || where.length === 0
      ? joinWords([...appWords, ...where])
      : `${joinWords(appWords)} on ${joinWords(where)}`;
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

function increaseText(more: number): string {
  return ` (+${count(more)})`;
}

function largestIncreases(rows: readonly Increase[]): readonly Increase[] {
  const [first] = rows;
  return first === undefined ? [] : rows.filter(({ more }) => more >= WORTH * first.more).slice(0, MOST);
}

function nodeThatGrew({ past, source, snapshot, usual }: Parameters<typeof growthOf>[0]) {
  const rows = source.nodes.map(({ name, active, dormant }) => {
    const share = past.shares[name ?? '']?.share ?? 0;
    return { name, more: active + dormant - share * usual };
  });
  const [first] = rows.filter(({ more }) => more > 0).toSorted((a, b) => b.more - a.more);
  return snapshot.nodes.find(({ host }) => host === first?.name) ?? null;
}
