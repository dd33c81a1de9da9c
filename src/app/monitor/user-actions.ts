// User actions: acknowledge alerts, accept a level, add silences, end silences. Also ends expired silences.

import { type Alert, isOpen } from '../../core/alerting/alert.ts';
import { type Plan, planAccept, planAcknowledge, planSilence, planUnsilence } from '../../core/alerting/plan.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import { unlessAborted } from '../../core/base/abort.ts';
import { referenceOf } from '../../core/base/short-id.ts';
import { withAccepted } from '../../core/detection/cluster-state.ts';
import { isAcceptable } from '../../core/detection/rules.ts';
import type { Monitor } from '../../core/ports/monitor.ts';
import type { Change } from '../../core/ports/store.ts';
import { UserError } from '../../errors.ts';
import { headOf } from './checkpoint.ts';
import type { KnownState, StateCache } from './state-cache.ts';
import { alertSnapshot, changes, latest, withOptimisticRetry } from './transaction.ts';
import type { MonitorInput } from './types.ts';

export interface UserActions extends Pick<Monitor, 'acknowledge' | 'accept' | 'silence' | 'unsilence'> {
  /** Ends expired silences. @returns how many */
  endSilences(): Promise<number>;
}

interface Accepted {
  /** Null where nothing ended. */
  readonly known: KnownState | null;
  readonly alerts: readonly Alert[];
}

export function createUserActions(
  input: Pick<MonitorInput, 'store' | 'routing' | 'now' | 'random' | 'onDecided'> & {
    readonly memory: Pick<StateCache, 'known' | 'keep'>;
  },
): UserActions {
  const { store, routing, memory, random, onDecided } = input;
  const time = () => input.now().getTime();

  const ended = async (which: (silence: Silence, now: number) => boolean, by: string | null) => {
    const over = await withOptimisticRetry(store, async () => {
      const now = time();
      const { alerts, groups, silences } = await alertSnapshot(store, null, now);
      const toEnd = silences.filter((silence) => which(silence, now));
      if (toEnd.length === 0) return { change: null, result: [] };
      const others = silences.filter((silence) => !toEnd.includes(silence) && silence.until > now);
      const planned = planUnsilence({ silences: toEnd, others, alerts, groups, by, now, routing });
      return { change: changeOf(planned), result: latest(toEnd, planned.silences) };
    });
    if (over.length > 0) onDecided();
    return over;
  };

  const acceptIn = async (
    cluster: string,
    { alerts: ids, by, signal }: Parameters<Monitor['accept']>[0],
  ): Promise<readonly Alert[]> => {
    const { known, alerts } = await withOptimisticRetry<Accepted>(store, async () => {
      signal.throwIfAborted();
      const now = time();
      const open = (await alertSnapshot(store, cluster, now)).alerts.filter(isOpen);
      const levels = levelsIn(open, ids);
      const { state: before, version } = await unlessAborted(memory.known(cluster), signal);
      if (levels.size === 0 || before === null) return { change: null, result: { known: null, alerts: [] } };
      const planned = planAccept({ alerts: [...levels.values()].flat(), by, now, routing });
      const sources = [...levels].map(([source, own]) => ({ source, since: Math.min(...own.map((one) => one.since)) }));
      const known = { state: withAccepted(before, sources), version: version + 1 };
      const head = headOf(known.state, known.version);
      return { change: { cluster, reading: null, head, ...planned }, result: { known, alerts: planned.alerts } };
    });
    if (known !== null) memory.keep(cluster, known);
    return alerts;
  };

  return {
    async accept(act) {
      act.signal.throwIfAborted();
      const named = (await Promise.all(act.alerts.map((id) => store.alert(id)))).filter((alert) => alert !== null);
      const ended: Alert[] = [];
      for (const cluster of new Set(named.map((alert) => alert.cluster))) ended.push(...(await acceptIn(cluster, act)));
      onDecided();
      return latest(named, ended);
    },

    async acknowledge({ alerts: ids, by, signal }) {
      const now = await withOptimisticRetry(store, async () => {
        signal.throwIfAborted();
        const found = (await Promise.all(ids.map((id) => store.alert(id)))).filter((alert) => alert !== null);
        const planned = planAcknowledge({ alerts: found.filter(isOpen), by, now: time(), routing });
        return { change: changeOf(planned), result: latest(found, planned.alerts) };
      });
      onDecided();
      return now;
    },

    async silence({ request, by, signal }) {
      const at = time();
      if (request.until <= at) throw new UserError('The end time is in the past.', 'Use a future time.');
      const id = `${at.toString(36)}-${referenceOf(random)}`;
      const silence: Silence = { id, version: 1, ...request, by, at, endedAt: null };
      await withOptimisticRetry(store, async () => {
        signal.throwIfAborted();
        const { alerts, silences: others } = await alertSnapshot(store, request.cluster, at);
        const planned = planSilence({ silence, others, alerts: alerts.filter(isOpen), now: at, routing });
        return { change: changeOf(planned), result: null };
      });
      onDecided();
      return silence;
    },

    async unsilence({ silences: ids, by, signal }) {
      signal.throwIfAborted();
      return ended(({ id }) => ids.includes(id), by);
    },

    async endSilences() {
      return (await ended(({ until }, now) => until <= now, null)).length;
    },
  };
}

/** By source: the open alerts that end when the level of these alerts' sources is accepted. */
function levelsIn(open: readonly Alert[], ids: readonly string[]): ReadonlyMap<string, readonly Alert[]> {
  const acceptable = Map.groupBy(
    open.filter(({ rule }) => isAcceptable(rule)),
    ({ source }) => source ?? '',
  );
  return new Map([...acceptable].filter(([, own]) => own.some(({ id }) => ids.includes(id))));
}

/** One action may concern several clusters. It is stored under the first. */
function changeOf(planned: Plan): Change | null {
  if (!changes(planned)) return null;
  const cluster = planned.alerts[0]?.cluster ?? planned.silences[0]?.cluster ?? '';
  return { cluster, reading: null, head: null, ...planned };
}
