// Logs readings: one line when the readable parts of a cluster change, however often it is read.

import { type Alert, isOpen } from '../../core/alerting/alert.ts';
import { type Problem, SHARED_TIER } from '../../core/base/problem.ts';
import { ACCESS_LIST_MISSING } from '../../core/connections/access-list.ts';
import { nodesRead, nodesUnread } from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import type { MonitorInput } from './types.ts';

/** The result of a reading. */
export interface ReadingOutcome {
  readonly cluster: string;
  readonly complete: boolean;
  readonly nodesRead: number;
  readonly unread: readonly { readonly host: string; readonly problem: Problem }[];
  /** Problems of the cluster as a whole or around it, e.g. its access list. Without nodes, the reason. */
  readonly problems: readonly Problem[];
}

export interface ReadingLog {
  record(outcome: ReadingOutcome): void;
  /** For an excluded cluster: its problems end with it. */
  forget(cluster: string): void;
}

/** Parts that were not requested, or that a tier never tells, are not missing. Doubts only follow from missing parts. */
const NOTHING_MISSING: ReadonlySet<string> = new Set([ACCESS_LIST_MISSING, SHARED_TIER, 'unlisted-uncertain']);

const NO_NODE: Problem = {
  code: 'no-node',
  text: 'no node is known',
  remedy: 'Check the connection string, and whether the cluster is still being created.',
};

export function outcomeOf(report: ConnectionReport): ReadingOutcome {
  const missing = report.problems.filter(({ code }) => !NOTHING_MISSING.has(code));
  const problems = report.nodes.length === 0 && missing.length === 0 ? [NO_NODE] : missing;
  const { cluster, complete } = report;
  return { cluster, complete, nodesRead: nodesRead(report).length, unread: nodesUnread(report), problems };
}

export function failed(cluster: string, problem: Problem): ReadingOutcome {
  return { cluster, complete: false, nodesRead: 0, unread: [], problems: [problem] };
}

/** Codes of all problems, without duplicates. */
export function codesOf({ unread, problems }: ReadingOutcome): readonly string[] {
  return [...new Set([...unread.map(({ problem }) => problem), ...problems].map(({ code }) => code))];
}

interface Trouble {
  readonly since: Date;
  /** What is missing now. */
  readonly missing: string;
  /** Codes logged since the trouble began. Alternating causes are logged once. */
  readonly said: ReadonlySet<string>;
}

export function createReadingLog({ log, now }: Pick<MonitorInput, 'log' | 'now'>): ReadingLog {
  const troubles = new Map<string, Trouble>();
  return {
    record(outcome) {
      const { cluster } = outcome;
      const before = troubles.get(cluster) ?? null;
      const codes = codesOf(outcome);
      if (codes.length === 0) {
        if (before !== null) log.info({ cluster, since: before.since }, 'cluster can be read again');
        troubles.delete(cluster);
        return;
      }
      const missing = missingIn(outcome);
      if (before?.missing !== missing || codes.some((code) => !before.said.has(code))) say(outcome, log);
      const said = new Set([...(before?.said ?? []), ...codes]);
      troubles.set(cluster, { since: before?.since ?? now(), missing, said });
    },
    forget: (cluster) => void troubles.delete(cluster),
  };
}

function missingIn({ nodesRead, unread, problems }: ReadingOutcome): string {
  if (nodesRead === 0) return 'everything';
  return JSON.stringify([unread.map(({ host }) => host).toSorted(), problems.map(({ code }) => code).toSorted()]);
}

function say({ cluster, nodesRead, unread, problems }: ReadingOutcome, log: MonitorInput['log']): void {
  const nodes = unread.map(({ host, problem }) => ({ host, ...fieldsOf(problem) }));
  const [first] = unread;
  // A failed node is the reason to log, whatever else is missing.
  const [why] = first === undefined ? problems : [first.problem];
  if (nodesRead === 0 && why !== undefined) log.warn({ cluster, ...fieldsOf(why) }, 'cluster could not be read');
  else log.warn({ cluster, nodes, problems: problems.map(fieldsOf) }, 'cluster was read incompletely');
}

export function fieldsOf({ code, text, remedy }: Problem): object {
  return { code, problem: text, remedy };
}

// Logs alerts: a store wrapper that logs the effect of each write, from any replica. A replay writes nothing.

type Seen = Pick<Alert, 'state' | 'severity'>;

/**
 * Each decision reads the alerts that it changes, and is refused if they changed meanwhile. So the alerts read are the
 * previous state.
 */
export function withAlertLog(store: Store, log: Pick<Log, 'info'>): Store {
  /** Open alerts, by id. */
  const seen = new Map<string, Seen>();
  const see = (alert: Alert) => {
    if (isOpen(alert)) seen.set(alert.id, { state: alert.state, severity: alert.severity });
    else seen.delete(alert.id);
  };
  return {
    ...store,
    async alerts(query) {
      const alerts = await store.alerts(query);
      alerts.forEach(see);
      return alerts;
    },
    async alert(id) {
      const alert = await store.alert(id);
      if (alert !== null) see(alert);
      return alert;
    },
    async write(change) {
      const before = change.alerts.map(({ id }) => seen.get(id) ?? null);
      const isWritten = await store.write(change);
      if (!isWritten) return isWritten;
      for (const [index, alert] of change.alerts.entries()) {
        const said = saidOf(before[index] ?? null, alert);
        if (said !== null) log.info(alertFields(alert), said);
        see(alert);
      }
      return isWritten;
    },
  };
}

/** Null if the alert only continues. */
function saidOf(before: Seen | null, { version, state, severity, lastAction }: Alert): string | null {
  if (state === 'ended') return lastAction?.act === 'accepted' ? 'alert was accepted as normal' : 'alert has resolved';
  if (before === null) return version === 1 ? 'alert started firing' : 'alert fired again';
  if (severity === 'critical' && before.severity !== 'critical') return 'alert became critical';
  if (state === before.state) return null;
  if (state === 'firing') return 'alert is no longer silenced';
  return state === 'silenced' ? 'alert was silenced' : 'alert was acknowledged';
}

function alertFields({ id, cluster, rule, source, node, severity, state, what, lastAction, endReason }: Alert): object {
  const about = source === null ? { node } : { source };
  const by = lastAction === null ? {} : { by: lastAction.by };
  return {
    alert: id,
    cluster,
    rule,
    ...about,
    severity,
    state,
    what,
    ...by,
    ...(endReason !== null && { ending: endReason }),
  };
}
