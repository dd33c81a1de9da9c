// What a diagnosis knows of the past of a cluster.

import type { WallMoment } from '../base/time-zone.ts';
import type { NodeHistory } from '../baseline/node-history.ts';
import type { SourceHistory } from '../baseline/source-history.ts';
import type { AppPools } from '../pools/view.ts';

export interface Elected {
  /** When the primary last changed, in milliseconds since 1970, and the node that became primary. */
  readonly at: number;
  readonly primary: string;
}

export interface ClusterPast {
  /** By id of the source, and by host of the node. */
  readonly sources: Readonly<Record<string, SourceHistory>>;
  readonly nodes: Readonly<Record<string, NodeHistory>>;
  /** Null when no election was seen. */
  readonly elected: Elected | null;
  /** Of the reading, with the offset of the cluster's local time. */
  readonly moment: WallMoment;
  /** The pools of the cluster, as applications report them; left out where no reports are at hand. */
  readonly pools?: readonly AppPools[];
}

/** For a reading without a store: a diagnosis that needs history is left out, and the answer says so. */
export const NO_PAST: ClusterPast = { sources: {}, nodes: {}, elected: null, moment: { at: 0, offset: 0 } };
