// What a watch may know around a report, made from its names: alerts in every state, silences, histories with gaps.

import type { Alert, AlertState } from '../../../src/core/alerting/alert.ts';
import type { Silence } from '../../../src/core/alerting/silence.ts';
import { DAY, HOUR, MINUTE } from '../../../src/core/base/duration.ts';
import type { ConnectionReport } from '../../../src/core/connections/report.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import type { AlertOverview, BaselineComparison, History, MonitorStatus } from '../../../src/core/ports/monitor.ts';
import type { BotStatus } from '../../../src/core/ports/reports.ts';
import type { SeriesBucket } from '../../../src/core/ports/store.ts';
import type { ReportContext } from '../../../src/slack/views/alert-status.ts';

/** Saturday. */
export const TEN = Date.parse('2026-11-21T10:00:00Z');
const STATES: readonly AlertState[] = ['firing', 'acknowledged', 'silenced', 'ended'];

export function alertOn(source: string | null, more: Partial<Alert> = {}): Alert {
  const since = TEN - 5 * MINUTE;
  return {
    id: JSON.stringify(['prod', 'dormant-spike', source, since]),
    version: 1,
    cluster: 'prod',
    rule: 'dormant-spike',
    source,
    node: null,
    who: 'Billing API',
    state: 'firing',
    severity: 'warning',
    since,
    endedAt: null,
    refires: 0,
    value: 412,
    usual: 61,
    peak: 440,
    shown: 412,
    postedAt: null,
    shownAt: null,
    channel: 'C0000DBOPS',
    what: '412 dormant connections, usually 61',
    reason: '6.8 × its usual; 2 of 3 readings above (needs 2)',
    notes: [],
    evidence: null,
    unreadSince: null,
    endReason: null,
    calmSince: null,
    lastAction: null,
    judgedAt: TEN,
    group: null,
    lead: null,
    previous: null,
    replies: 0,
    ...more,
  };
}

export function silenceOf(source: string | null, more: Partial<Silence> = {}): Silence {
  return {
    id: `s-${source}`,
    version: 1,
    cluster: 'prod',
    source,
    node: null,
    rule: null,
    who: 'Billing API',
    by: 'U0SHARER',
    reason: 'deploy',
    at: TEN,
    until: TEN + 4 * HOUR,
    hold: false,
    endedAt: null,
    ...more,
  };
}

export function boardOf(alerts: readonly Alert[], silences: readonly Silence[] = []): AlertOverview {
  return { alerts, silences, book: DEFAULT_BOOK, learning: [], waiting: { count: 0, oldest: null } };
}

export function usualSpread(value: number | null, pooled: number | null = value): SeriesBucket['usual'] {
  const flat = (figure: number) => ({ min: figure, median: figure, max: figure });
  return value === null || pooled === null ? null : { dormant: flat(value), pooled: flat(pooled) };
}

export function usualFigures(more: Partial<BaselineComparison> = {}): BaselineComparison {
  const { usual = null } = more;
  return { name: 'Billing API', usual, pooled: usual, isNew: false, ...more };
}

/**
 * @param usual what was usual in a piece; null where that is not known
 * @param held what was held in each piece of a day; null where nothing was read
 */
export function historyOf(
  held: readonly (number | null)[],
  more: Partial<History> = {},
  usual: (index: number) => number | null = () => 61,
): History {
  const from = TEN - DAY;
  const step = DAY / held.length;
  const buckets = held.map((value, index): SeriesBucket => {
    const spread = value === null ? null : { min: value, median: value, max: value };
    const at = from + index * step;
    const readings = value === null ? 0 : 12;
    const peakAt = value === null ? null : at;
    const nodes = { connections: null, limit: null };
    const base = { from: at, dormant: spread, pooled: spread, ...nodes, readings, incomplete: 0, peakAt };
    return { ...base, usual: value === null ? null : usualSpread(usual(index)) };
  });
  const most = Math.max(...held.map((value) => value ?? 0));
  return {
    cluster: 'prod',
    source: { id: '203.0.113.0/24', name: 'Billing API', firstSeen: TEN - 30 * DAY, lastSeen: TEN },
    node: null,
    figure: 'dormant',
    from,
    to: TEN,
    newest: TEN - MINUTE,
    buckets,
    usualNow: 61,
    now: { active: 4, dormant: held.at(-1) ?? 0 },
    connections: null,
    max: { value: most, at: from + held.indexOf(most) * step },
    ...more,
  };
}

export function watchStatus(more: Partial<MonitorStatus> = {}): MonitorStatus {
  return {
    store: { kind: 'sqlite', where: 'data/atlas-conns.db', awaySince: null, problem: null },
    unwritten: 0,
    lost: 0,
    clusters: [],
    unwatched: null,
    waiting: { count: 0, oldest: null },
    ...more,
  };
}

/** As hostile as the report's own names. */
export function watchOf({ cluster, sources, problems, at }: ConnectionReport) {
  const shown = sources.slice(0, 40);
  const time = Date.parse(at);
  const alerts = shown.map(({ id, name }, index) =>
    alertOn(id, {
      id: `${index} ${name}`,
      cluster,
      who: name,
      what: name,
      reason: name,
      state: STATES[index % STATES.length] ?? 'firing',
      severity: index % 3 === 0 ? 'critical' : 'warning',
      usual: index % 5 === 0 ? null : index,
      lastAction: { act: 'silenced', by: 'U0SHARER', at: time, until: time, reason: name },
    }),
  );
  const silences = shown.map(({ id, name }, index) =>
    silenceOf(id, {
      id: `${index} ${name}`,
      cluster: index % 4 === 0 ? null : cluster,
      who: name,
      reason: name,
      hold: index % 2 === 0,
    }),
  );
  const board: AlertOverview = { ...boardOf(alerts, silences), waiting: { count: shown.length, oldest: time } };
  const histories = shown.slice(0, 12).map(({ id, name, dormant }, index): History => {
    const held = [...Array(20).keys()].map((at) => (at % 7 === index ? null : dormant + at));
    const source = { id, name, firstSeen: time - DAY, lastSeen: time };
    return historyOf(held, { cluster, source }, (at) => (index % 3 === 0 ? null : at));
  });
  const usual = new Map(
    shown.map(({ id, name, dormant }, index) => [
      id,
      usualFigures({ name, usual: index % 3 === 0 ? null : dormant / 7, isNew: index % 5 === 0 }),
    ]),
  );
  const reportContext: ReportContext = {
    usual,
    alerts: alerts.filter(({ state }) => state !== 'ended'),
    silences,
    history: histories[0] ?? null,
    problem: problems[0] ?? null,
  };
  const whole: History = { ...(histories[0] ?? historyOf([null, null])), cluster, source: null };
  return {
    alerts,
    silences,
    board,
    histories,
    reportContext,
    whole,
    status: statusOf(
      cluster,
      shown.map(({ name }) => name),
    ),
  };
}

function statusOf(cluster: string, names: readonly string[]): BotStatus['watch'] {
  return watchStatus({
    store: {
      kind: names[0] ?? 'sqlite',
      where: names[1] ?? 'data',
      awaySince: TEN,
      problem: { code: 'store-away', text: 'It is away.', remedy: 'Look there.' },
    },
    unwritten: 3,
    lost: 1,
    clusters: [cluster, ...names].map((name, index) => ({
      name,
      schedule: index % 2 === 0 ? '*/5 * * * *' : name,
      last: index % 3 === 0 ? null : TEN,
      lastFailed: index % 2 === 0,
      next: TEN,
      holder: index % 2 === 0 ? null : name,
      skipped: index,
    })),
    waiting: names.length % 2 === 0 ? null : { count: 2, oldest: TEN },
  });
}
