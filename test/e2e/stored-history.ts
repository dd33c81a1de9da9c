// A history in a real store, as a bot would have written it until a moment ago.

import { checkpointOf, headOf } from '../../src/app/monitor/checkpoint.ts';
import type { ClusterState } from '../../src/core/detection/cluster-state.ts';
import { evaluate } from '../../src/core/detection/evaluate.ts';
import { DEFAULT_BOOK } from '../../src/core/detection/rules.ts';
import type { Store } from '../../src/core/ports/store.ts';
import type { Snapshot } from '../../src/core/snapshots/snapshot.ts';
import { dayOf, type Kind, readingAt, STEP } from '../core/detection/days.ts';

/** `days.ts` at another time: the last reading is at the last round five minutes before `now`. */
export function snapshotsUntil(now: number, kind: Kind, cluster = 'prod'): readonly Snapshot[] {
  const { snapshots } = dayOf(kind, 1);
  const shift = Math.floor(now / STEP) * STEP - (snapshots.at(-1)?.at ?? readingAt(0));
  return snapshots.map((snapshot) => ({ ...snapshot, cluster, at: snapshot.at + shift }));
}

/** Readings with their heads, and a checkpoint as after every few hours; alerts are a test's own. */
export async function writeHistory(store: Store, snapshots: readonly Snapshot[]): Promise<void> {
  let state: ClusterState | null = null;
  let version = 0;
  for (const [index, snapshot] of snapshots.entries()) {
    const evaluated = evaluate(state, snapshot, DEFAULT_BOOK);
    state = evaluated.state;
    version++;
    const written = await store.write({
      cluster: snapshot.cluster,
      reading: { slot: snapshot.at, snapshot: evaluated.reading },
      head: headOf(state, version),
      alerts: [],
      groups: [],
      silences: [],
      deliveries: [],
    });
    if (!written) throw new Error(`reading ${index} was refused`);
    if (index === snapshots.length - 20)
      await store.saveCheckpoint(snapshot.cluster, await checkpointOf(state, version));
  }
}
