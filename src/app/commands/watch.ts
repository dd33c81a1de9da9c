// Use case: runs the schedule without Slack, and prints the notifications.

import type { Alert } from '../../core/alerting/alert.ts';
import type { Packing } from '../../core/base/clock.ts';
import { joinWords } from '../../core/base/format.ts';
import { referenceOf } from '../../core/base/short-id.ts';
import type { Label } from '../../core/connections/access-list.ts';
import type { Redact } from '../../core/connections/redaction.ts';
import type { Notification } from '../../core/detection/findings.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import type { ClusterRegistry } from '../clusters/registry.ts';
import { createReportService } from '../clusters/report-service.ts';
import { NONE_SHOWN } from '../clusters/shown-readings.ts';
import { createMonitor } from '../monitor/monitor.ts';
import type { DecisionResult, MonitorInput } from '../monitor/types.ts';
import type { WatchLine } from './types.ts';

export interface TerminalWatchInput extends Pick<MonitorInput, 'book' | 'routing' | 'schedules' | 'timeZone'> {
  readonly registry: ClusterRegistry;
  readonly store: Store;
  readonly labels: readonly Label[];
  readonly defaultCluster: string | null;
  readonly version: string;
  readonly now: () => Date;
  readonly random: () => number;
  readonly redact?: Redact | undefined;
  readonly log: Log;
  readonly packing: Packing;
  readonly signal: AbortSignal;
}

/** Ends after a stop, with the last decisions printed. Rejects as the start of a monitor does. */
export async function* terminalWatch(input: TerminalWatchInput): AsyncGenerator<WatchLine> {
  const { registry, store, now, signal } = input;
  const lines = createLines<WatchLine>();
  const remark = (text: string) => lines.add({ kind: 'remark', at: now().getTime(), text });
  const readings = new AbortController();
  const instance = referenceOf(input.random);
  const face = { instance, shown: NONE_SHOWN, monitor: () => null, problems: () => [], signal: readings.signal };
  const watch = createMonitor({
    ...input,
    reports: createReportService({ ...input, ...face }),
    store: store.about.kind === 'sqlite' ? withoutOutbox(store) : store,
    instance,
    signal: readings.signal,
    onDecided: () => undefined,
    onNotifications: (result) => lines.add(...notificationsOf(result)),
    direct: async (text) => {
      remark(text);
      return true;
    },
  });
  try {
    await watch.start();
    const { names, left } = await registry.list(signal);
    remark(
      `Watching ${names.length === 0 ? 'no cluster' : joinWords(names)}; the history goes to ${store.about.where}.`,
    );
    for (const { name, reason } of left) remark(`${name} is left out: ${reason}`);
    yield* lines.until(signal);
  } finally {
    await watch.stop();
    readings.abort();
  }
  yield* lines.rest();
}

/**
 * A printed notification counts as delivered: a later bot must not post it again. A replica with a bot in Slack posts
 * it there.
 */
function withoutOutbox(store: Store): Store {
  return { ...store, write: (change) => store.write({ ...change, deliveries: [] }) };
}

/** Silenced alerts are not printed, and acknowledged ones are not repeated. */
function notificationsOf({ notifications, alerts }: DecisionResult): readonly WatchLine[] {
  const recordOf = ({ rule, source, node }: Notification): Alert | undefined =>
    alerts.find((alert) => alert.rule === rule && alert.source === source && alert.node === node);
  return notifications.flatMap((notification) => {
    const state = recordOf(notification)?.state;
    const isHeld = state === 'silenced' || (state === 'acknowledged' && notification.event === 'repeat');
    return isHeld ? [] : [{ kind: 'notification', notification }];
  });
}

interface Lines<Line> {
  add(...lines: readonly Line[]): void;
  /** Yields each item as it arrives, until the signal aborts. */
  until(signal: AbortSignal): AsyncGenerator<Line>;
  rest(): readonly Line[];
}

function createLines<Line>(): Lines<Line> {
  const waiting: Line[] = [];
  let wake = () => {};
  return {
    add(...lines) {
      waiting.push(...lines);
      wake();
    },
    async *until(signal) {
      signal.addEventListener('abort', () => wake(), { once: true });
      while (!signal.aborted) {
        yield* waiting.splice(0);
        if (waiting.length > 0 || signal.aborted) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    rest: () => waiting.splice(0),
  };
}
