// Use case: runs the schedule without Slack, and prints the notifications.

import type { Alert } from '../../core/alerting/alert.ts';
import type { Packing, Wait } from '../../core/base/clock.ts';
import { MINUTE, SECOND } from '../../core/base/duration.ts';
import { counted, joinWords } from '../../core/base/format.ts';
import { referenceOf } from '../../core/base/short-id.ts';
import { wallTimeAt } from '../../core/base/time-zone.ts';
import type { Label } from '../../core/connections/access-list.ts';
import { connectionsOf, nodesRead } from '../../core/connections/node-usage.ts';
import type { Redact } from '../../core/connections/redaction.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { Notification } from '../../core/detection/findings.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Log, Observer } from '../../core/ports/telemetry.ts';
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
  readonly wait: Wait;
  /** The status line of a terminal; null erases it. */
  readonly progress: (text: string | null) => void;
  readonly signal: AbortSignal;
}

/** A reading is printed if nothing else was for this time. */
const SILENT_FOR = 30 * MINUTE;
/** Other output erases the status line. */
const STATUS_EVERY = 5 * SECOND;

/** Ends after a stop, with the last decisions printed. Rejects as the start of a monitor does. */
export async function* terminalWatch(input: TerminalWatchInput): AsyncGenerator<WatchLine> {
  const { registry, store, now, signal } = input;
  const lines = createLines<WatchLine>();
  const print = (...more: readonly WatchLine[]) => {
    if (more.length === 0) return;
    lines.add(...more);
    printedAt = now().getTime();
  };
  const remark = (text: string) => print({ kind: 'remark', at: now().getTime(), text });
  const life = createLife();
  /** Clusters that were read since the start. */
  const seen = new Set<string>();
  let printedAt = now().getTime();
  const reading: Observer['reading'] = ({ cluster, report }) => {
    if (report === null || nodesRead(report).length === 0) return;
    life.read(cluster, report.at);
    const isDue = !seen.has(cluster) || now().getTime() - printedAt >= SILENT_FOR;
    seen.add(cluster);
    if (isDue) remark(summaryOf(report));
  };
  const readings = new AbortController();
  const instance = referenceOf(input.random);
  const face = { instance, shown: NONE_SHOWN, monitor: () => null, problems: () => [], signal: readings.signal };
  const watch = createMonitor({
    ...input,
    reports: createReportService({ ...input, ...face, observer: { reading } }),
    store: store.about.kind === 'sqlite' ? withoutOutbox(store) : store,
    instance,
    signal: readings.signal,
    onDecided: () => undefined,
    onNotifications: (result) => print(...notificationsOf(result)),
    readsAtStart: true,
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
    void showLife(life, input, async () => (await watch.monitor.status()).clusters);
    yield* lines.until(signal);
  } finally {
    await watch.stop();
    readings.abort();
  }
  yield* lines.rest();
}

/** `prod: 1,060 connections on 3 of 3 nodes`; the log says why a node was not read. */
function summaryOf(report: ConnectionReport): string {
  return `${report.cluster}: ${connectionsOf(report)} on ${nodesRead(report).length} of ${counted(report.nodes.length, 'node')}`;
}

/** The status line: the last reading and the next. */
interface Life {
  read(cluster: string, at: string): void;
  text(clusters: readonly { readonly next: number | null }[]): string;
}

function createLife(): Life {
  let last: { readonly cluster: string; readonly at: string } | null = null;
  const clock = (at: string | number) => wallTimeAt(new Date(at).getTime(), null).time;
  return {
    read(cluster, at) {
      last = { cluster, at };
    },
    text(clusters) {
      const nexts = clusters.flatMap(({ next }) => next ?? []);
      const read = last === null ? 'no reading yet' : `last reading ${clock(last.at)} (${last.cluster})`;
      return [
        `Watching ${counted(clusters.length, 'cluster')}`,
        read,
        ...(nexts.length > 0 ? [`next ${clock(Math.min(...nexts))}`] : []),
      ].join(' · ');
    },
  };
}

/** Until the signal aborts. Never rejects. */
async function showLife(
  life: Life,
  { progress, wait, signal }: Pick<TerminalWatchInput, 'progress' | 'wait' | 'signal'>,
  clusters: () => Promise<readonly { readonly next: number | null }[]>,
): Promise<void> {
  while (!signal.aborted) {
    const known = await clusters().catch(() => []);
    if (signal.aborted) break;
    progress(life.text(known));
    await wait(STATUS_EVERY, signal);
  }
  progress(null);
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
