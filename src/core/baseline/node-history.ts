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
}

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
  return { churn, at, totalCreated: node.totalCreated, holders, ...rejectedAfter(past, node, at) };
}

/** A reading that started before the last node check has an older count. */
export function rejectedAfter(
  past: NodeHistory,
  { rejected }: SnapshotNode,
  at: number,
): Pick<NodeHistory, 'rejected' | 'rejectedAt'> {
  return rejected === null || at < past.rejectedAt
    ? { rejected: past.rejected, rejectedAt: past.rejectedAt }
    : { rejected, rejectedAt: at };
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
