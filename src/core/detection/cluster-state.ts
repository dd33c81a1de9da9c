// What is known of a cluster from all its readings.

import type { SourcePast } from '../baseline/source-history.ts';
import type { Alert } from './alert-state.ts';
import type { NodePast } from './node-rules.ts';

/** Plain data, bounded by the number of sources and nodes: what judging the next reading needs of all before. */
export interface ClusterState {
  readonly since: number;
  /** Of the last reading; 0 where there was none yet, only looks between readings. */
  readonly at: number;
  /** The usual time between readings, in milliseconds; null before the second. */
  readonly interval: number | null;
  readonly primary: string | null;
  readonly electedAt: number | null;
  readonly sources: Readonly<Record<string, SourcePast>>;
  readonly nodes: Readonly<Record<string, NodePast>>;
  readonly alerts: Readonly<Record<string, Alert>>;
}
