// User actions: acknowledge alerts, add silences, end silences. Also ends expired silences.

import { isOpen } from '../../core/alerting/alert.ts';
import { type Plan, planAcknowledge, planSilence, planUnsilence } from '../../core/alerting/plan.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import { referenceOf } from '../../core/base/short-id.ts';
import type { Monitor } from '../../core/ports/monitor.ts';
import type { Change } from '../../core/ports/store.ts';
import { UserError } from '../../errors.ts';
import { alertSnapshot, changes, latest, withOptimisticRetry } from './transaction.ts';
import type { MonitorInput } from './types.ts';

export interface UserActions extends Pick<Monitor, 'acknowledge' | 'silence' | 'unsilence'> {
  /** Ends expired silences. @returns how many */
  endSilences(): Promise<number>;
}

export function createUserActions(
  input: Pick<MonitorInput, 'store' | 'routing' | 'now' | 'random' | 'onDecided'>,
): UserActions {
  const { store, routing, random, onDecided } = input;
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

  return {
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
        const { alerts } = await alertSnapshot(store, request.cluster, at);
        const planned = planSilence({ silence, alerts: alerts.filter(isOpen), now: at, routing });
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

/** One action may concern several clusters. It is stored under the first. */
function changeOf(planned: Plan): Change | null {
  if (!changes(planned)) return null;
  const cluster = planned.alerts[0]?.cluster ?? planned.silences[0]?.cluster ?? '';
  return { cluster, reading: null, head: null, ...planned };
}
