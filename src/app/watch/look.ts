// A look between two readings: how full each node is, judged and written where it changes anything.

import { planReading } from '../../core/alerting/plan.ts';
import { judgeLook, type Look } from '../../core/look.ts';
import { isSetBack } from '../../core/set-back.ts';
import { UpstreamError, UserError } from '../../errors.ts';
import { isTimeout, SET_BACK } from '../monitor/evaluate-reading.ts';
import type { Known, Memory } from '../monitor/state-cache.ts';
import { changes, decided, latest, standing } from '../monitor/transaction.ts';
import type { Told, WatchInput } from '../monitor/types.ts';
import { headOf } from './head.ts';

/** Null where nobody could be asked: the next reading says so. */
export async function takeLook(
  { desk, now }: Pick<WatchInput, 'desk' | 'now'>,
  cluster: string,
  signal: AbortSignal,
): Promise<Look | null> {
  try {
    const nodes = await desk.headroom(cluster, signal);
    const at = now().getTime();
    return {
      cluster,
      at,
      nodes: nodes.map((node) =>
        node.kind === 'unread'
          ? { host: node.host, problem: node.problem.text, current: null, limit: null, rejected: null }
          : { host: node.host, problem: null, current: node.current, limit: node.limit, rejected: node.rejected },
      ),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UserError || error instanceof UpstreamError || isTimeout(error)) return null;
    throw error;
  }
}

interface Judging extends Pick<WatchInput, 'store' | 'book' | 'routing' | 'log'> {
  readonly memory: Memory;
}

/** @returns null where it changes nothing. Before the first reading of a cluster there is nothing to judge against. */
export async function writeLook({ store, book, routing, memory, log }: Judging, look: Look): Promise<Told | null> {
  const { cluster, at } = look;
  const after = await decided<{ readonly known: Known; readonly told: Told } | null>(store, async () => {
    const { state: before, version } = await memory.known(cluster);
    if (before === null) return NOTHING;
    if (isSetBack(before, at)) log.warn({ cluster }, SET_BACK);
    const { state, standing: told, notifications } = judgeLook(before, look, book);
    const { alerts, groups, silences } = await standing(store, cluster, at);
    const { electedAt } = state;
    const planned = planReading({ cluster, at, standing: told, electedAt, known: alerts, groups, silences, routing });
    if (!changes(planned) && !moved(headOf(before, 0), headOf(state, 0))) return NOTHING;
    const known = { state, version: version + 1 };
    return {
      change: { cluster, reading: null, head: headOf(state, known.version), ...planned },
      result: { known, told: { notifications, alerts: latest(alerts, planned.alerts) } },
    };
  });
  if (after !== null) memory.keep(cluster, after.known);
  return after?.told ?? null;
}

const NOTHING = { change: null, result: null };

/** Whether a head says more than before; that nobody was refused a minute later is no news. */
function moved(before: ReturnType<typeof headOf>, after: ReturnType<typeof headOf>): boolean {
  const counts = ({ alerts, rejected }: typeof before) =>
    JSON.stringify([alerts, Object.entries(rejected).map(([host, { count }]) => [host, count])]);
  return counts(before) !== counts(after);
}
