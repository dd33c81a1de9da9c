// What a face may ask of the watch: the board, records, history, what is usual, and what people do.

import type { AlertRecord, AlertState } from '../../core/alerting/alert.ts';
import { unlessAborted } from '../../core/base/abort.ts';
import { LEARNS_FOR } from '../../core/baseline/baseline.ts';
import type { Board, Watching } from '../../core/ports/monitor.ts';
import { UpstreamError } from '../../errors.ts';
import { againstUsual, historyOf } from './history.ts';
import type { StandIn } from './stand-in.ts';
import type { Memory } from './state-cache.ts';
import type { Outage } from './store-outage.ts';
import { standing } from './transaction.ts';
import type { WatchInput } from './types.ts';
import type { Acts } from './user-actions.ts';

interface WatchingInput extends Pick<WatchInput, 'store' | 'book' | 'now'>, Pick<Watching, 'status'> {
  readonly memory: Memory;
  readonly standIn: Pick<StandIn, 'alert' | 'group' | 'isOn'>;
  readonly outage: Pick<Outage, 'problem'>;
  readonly acts: Acts;
}

export function createWatching(input: WatchingInput): Watching {
  const { store, book, now, memory, standIn, outage, status } = input;
  const { acknowledge, silence, unsilence } = input.acts;
  return {
    ...{ acknowledge, silence, unsilence, status },
    async board(signal) {
      const at = now().getTime();
      const [{ alerts, silences }, waiting] = await Promise.all([standing(store, null, at), store.waiting()]);
      signal.throwIfAborted();
      const inForce = silences.filter(({ until }) => until > at);
      return { alerts: byState(alerts), silences: inForce, book, waiting, learning: learningAt(memory, at) };
    },
    catchingUp: (cluster) => memory.progress(cluster),
    alert: standIn.alert,
    group: standIn.group,
    async history(request) {
      const problem = outage.problem();
      // Each message of the stand-in would wait for it.
      if (standIn.isOn() && problem !== null) throw new UpstreamError(problem);
      return historyOf({ store, memory, book, now }, request);
    },
    sources: (cluster) => store.sources(cluster),
    async usual(cluster, signal) {
      // Who catches up with a long history is not waited for to the end.
      const state = await unlessAborted(lastKnown(memory, cluster), signal);
      return againstUsual(state, { now: now().getTime(), book });
    },
  };
}

/** What was usual a while ago is better than nothing while the store is away. */
async function lastKnown(memory: Memory, cluster: string) {
  try {
    return (await memory.known(cluster)).state;
  } catch (error) {
    if (error instanceof UpstreamError) return memory.last(cluster);
    throw error;
  }
}

function learningAt(memory: Memory, now: number): Board['learning'] {
  return (
    memory
      .all()
      // A cluster that tells no more than its totals has nothing to learn from.
      .filter(([, { sources }]) => Object.keys(sources).length > 0)
      .map(([cluster, { since }]) => ({ cluster, until: since + LEARNS_FOR }))
      .filter(({ until }) => until > now)
      .toSorted((one, other) => one.until - other.until || one.cluster.localeCompare(other.cluster))
  );
}

const STATES: readonly AlertState[] = ['firing', 'acknowledged', 'silenced', 'ended'];

function byState(alerts: readonly AlertRecord[]): readonly AlertRecord[] {
  const rank = ({ state }: AlertRecord) => STATES.indexOf(state);
  return alerts.toSorted((one, other) => rank(one) - rank(other) || other.since - one.since);
}
