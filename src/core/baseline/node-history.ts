// The history of one node: its rate of new connections, its refused connections, and its largest sources.

import { MINUTE } from '../base/duration.ts';
import type { WallMoment } from '../base/time-zone.ts';
import type { SnapshotNode } from '../snapshots/snapshot.ts';
import { type Baseline, newBaseline, type Usual } from './baseline.ts';
import { learnAndSettle } from './level.ts';

export interface NodeHistory {
  readonly churn: Baseline;
  /** When the node was last read, and its counter of connections then. */
  readonly at: number;
  readonly totalCreated: number | null;
  /** From the last reading or node check, with its time. */
  readonly rejected: number | null;
  readonly rejectedAt: number;
  /** The largest sources on it in the last reading with names. Missing in data of older versions. */
  readonly holders?: readonly string[];
  /** Its connections in the last readings and node checks, the newest last. Missing in data of older versions. */
  readonly recent?: readonly { readonly at: number; readonly current: number }[];
}

const MOST_RECENT = 12;

/** A longer period, or one longer than two readings, gives no rate of new connections. */
const LONGEST = 20 * MINUTE;

export function newNodeHistory(at: number): NodeHistory {
  return { churn: newBaseline(at), at, totalCreated: null, rejected: null, rejectedAt: at };
}

export function nodeHistoryAfter(
  past: NodeHistory,
  node: SnapshotNode,
  now: {
    readonly moment: WallMoment;
    readonly rate: number | null;
    readonly usualRate: Usual | null;
    readonly holders: readonly string[];
  },
): NodeHistory {
  const { moment, rate, usualRate } = now;
  const { at } = moment;
  const isUnusual = rate !== null && usualRate !== null && rate > 3 * usualRate.value + 1;
  const churn =
    rate === null
      ? past.churn
      : learnAndSettle(past.churn, { ...moment, value: rate, usual: usualRate, isWithheld: isUnusual }, node.host);
  const holders = now.holders.length > 0 ? now.holders : (past.holders ?? []);
  return { churn, at, totalCreated: node.totalCreated, holders, ...checkedAfter(past, node, at) };
}

/** What a node check learns. A reading that started before the last check has older figures. */
export function checkedAfter(
  { rejected, rejectedAt, recent = [] }: NodeHistory,
  node: SnapshotNode,
  at: number,
): Pick<NodeHistory, 'rejected' | 'rejectedAt' | 'recent'> {
  const isOlder = at < (recent.at(-1)?.at ?? 0);
  const points =
    node.current === null || isOlder ? recent : [...recent, { at, current: node.current }].slice(-MOST_RECENT);
  return node.rejected === null || at < rejectedAt
    ? { rejected, rejectedAt, recent: points }
    : { rejected: node.rejected, rejectedAt: at, recent: points };
}

/** Connections refused since the last look at the node. The counter starts at 0 when the node restarts. */
export function newlyRefused(past: NodeHistory | null, { rejected }: SnapshotNode, at: number): number {
  if (past === null || past.rejected === null || rejected === null) return 0;
  return rejected < past.rejected ? (at >= past.rejectedAt ? rejected : 0) : rejected - past.rejected;
}

/** New connections a second since the last reading. Null after a restart or a gap, and when it is unknown. */
export function connectionRate(
  node: SnapshotNode,
  past: NodeHistory | null,
  { at, interval }: { readonly at: number; readonly interval: number | null },
): number | null {
  if (past === null || past.totalCreated === null || node.totalCreated === null) return null;
  const passed = at - past.at;
  const created = node.totalCreated - past.totalCreated;
  return created < 0 || passed <= 0 || passed > Math.max(LONGEST, 2.5 * (interval ?? 0))
    ? null
    : created / (passed / 1000);
}
