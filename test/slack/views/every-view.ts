// Every view that a report can be shown in, in every style and place.

import type { ModalView } from '@slack/types';
import { standingOf } from '../../../src/core/alerting/standing.ts';
import { DAY } from '../../../src/core/base/duration.ts';
import { DIMENSIONS } from '../../../src/core/connections/group-by.ts';
import type { ConnectionReport } from '../../../src/core/connections/report.ts';
import type { ConnectionSource } from '../../../src/core/connections/source.ts';
import type { ExpectedAndSeen } from '../../../src/core/diagnosis/diagnosis.ts';
import { clusterTarget, forecastAgainst, tierTarget } from '../../../src/core/forecast/against.ts';
import { growthOf } from '../../../src/core/forecast/growth.ts';
import { clusterForecast, scaledSource } from '../../../src/core/forecast/live.ts';
import { TIERS } from '../../../src/core/forecast/tiers.ts';
import { seenIn } from '../../../src/core/pools/seen.ts';
import type { BotStatus } from '../../../src/core/ports/reports.ts';
import { snapshotOf } from '../../../src/core/snapshots/from-report.ts';
import { viewValue } from '../../../src/slack/blockkit/action-values.ts';
import type { HomeView, MessagePlace, MessageView, TableStyle } from '../../../src/slack/blockkit/types.ts';
import { clusterForecastView, sourceForecastView } from '../../../src/slack/insight/forecast-view.ts';
import { whatIfAnswer } from '../../../src/slack/insight/what-if.ts';
import { whatIfForm } from '../../../src/slack/insight/what-if-form.ts';
import { whyOfClusterView, whyOfSourceView } from '../../../src/slack/insight/why-view.ts';
import { appPoolsView, noPoolsView, poolsListView } from '../../../src/slack/live/pools-view.ts';
import { projectHygieneView } from '../../../src/slack/views/access-list.ts';
import { alertView } from '../../../src/slack/views/alert-card.ts';
import { detailsView } from '../../../src/slack/views/alert-details.ts';
import { alertsView } from '../../../src/slack/views/alert-list.ts';
import { historyView } from '../../../src/slack/views/history.ts';
import { homeView } from '../../../src/slack/views/home.ts';
import { nodesView } from '../../../src/slack/views/nodes.ts';
import { sourceWarnings } from '../../../src/slack/views/notes.ts';
import {
  clusterChoiceView,
  goneView,
  helpView,
  historyChoiceView,
  problemView,
  readingView,
  refusalView,
  sourceChoiceView,
  sourcesOfClustersView,
  unreadView,
} from '../../../src/slack/views/notices.ts';
import { type OverviewInput, overviewView } from '../../../src/slack/views/overview.ts';
import { reportView } from '../../../src/slack/views/report.ts';
import {
  acknowledgedView,
  endAllView,
  formLines,
  partChoiceView,
  silenceChoiceView,
  silencedView,
  targetChoiceView,
  wholeClusterView,
} from '../../../src/slack/views/silence.ts';
import { modalOf, silenceForm } from '../../../src/slack/views/silence-form.ts';
import { sourceView } from '../../../src/slack/views/source.ts';
import { statusView } from '../../../src/slack/views/status.ts';
import { client, pool, record, viewOf } from '../../core/pools/sample.ts';
import { diagnosis } from '../insight/why-sample.ts';
import { shownAs, WAITING } from './alert-sample.ts';
import { watchOf } from './watch-sample.ts';

const STYLES: readonly TableStyle[] = ['data_table', 'table', 'text', 'short'];
/** The only person that any of these views may mention. */
export const SHARER = 'U0SHARER';
const PLACES: readonly MessagePlace[] = [{ kind: 'answer' }, { kind: 'shared', by: SHARER }, { kind: 'home' }];

export function everyMessage(report: ConnectionReport): readonly MessageView[] {
  const { cluster, sources } = report;
  const ageMs = 8_000;
  const shown = STYLES.flatMap((tables) => PLACES.map((place) => ({ report, ageMs, tables, place })));
  const names = sources.map(({ name }) => name);
  const left = names.slice(0, 20).map((name) => ({ name, reason: name }));
  const watch = watchOf(report);
  const problem = report.problems[0] ?? { code: 'none', text: cluster, remedy: '' };
  return [
    ...shown.map((input, index) => reportView({ ...input, by: DIMENSIONS[index % DIMENSIONS.length] ?? 'source' })),
    ...shown.map((input) => reportView({ ...input, by: 'source' })),
    ...shown.flatMap((input) => sources.slice(0, 1).map((source) => sourceView({ ...input, source }))),
    ...shown
      .filter(({ place, tables }) => place.kind === 'answer' || tables === 'table')
      .flatMap((input) => watchedViews(input, watch)),
    ...shown.flatMap((input) => [
      nodesView(input),
      projectHygieneView({ ...input, cluster, hygiene: hygieneOf(report, names) }),
    ]),
    ...shown.flatMap((input) => forecasts(input, problem)),
    ...shown.flatMap((input) => pooled(input)),
    ...STYLES.map((tables) => statusView({ status: statusOf(report), tables })),
    ...STYLES.map((tables) => statusView({ status: { ...statusOf(report), watch: watch.status }, tables })),
    ...PLACES.flatMap((place) => spokenViews(cluster, watch, place)),
    ...poolAlertViews(report),
    helpView('/atlas-conns'),
    problemView(problem, { lastReading: { cluster, at: report.at } }),
    unreadView(report, { lastReading: { cluster, at: report.at } }),
    clusterChoiceView({ names, left, optionValue: (name) => viewValue({ view: 'report', cluster: name, by: 'app' }) }),
    sourceChoiceView({ cluster, text: cluster, candidates: sources }),
    ...shown
      .filter(({ place, tables }) => place.kind === 'answer' || tables === 'table')
      .flatMap((input) => whyViews(input)),
    ...STYLES.flatMap((tables) => overviews(report, { tables, watch, left, problem })),
    sourcesOfClustersView({
      text: cluster,
      candidates: names.map((name) => ({ name, cluster, value: 'x' })),
      form: cluster,
    }),
    readingView({ cluster, nodes: 3 }),
    refusalView({ reason: cluster, ask: names.slice(0, 7) }),
    goneView({ what: names[0] ?? 'The source', cluster }),
  ];
}

/** For each node a growth that reaches its limit. */
function growthsOf({ nodes, at }: ConnectionReport) {
  const days = Array.from({ length: 28 }, (_, day) => ({ at: Date.parse(at) - (28 - day) * DAY, value: 10 * day }));
  return new Map(nodes.map(({ host }) => [host, growthOf(days)]));
}

function forecasts(
  input: Pick<Parameters<typeof clusterForecastView>[0], 'report' | 'ageMs' | 'tables' | 'place'>,
  problem: ConnectionReport['problems'][number],
): readonly MessageView[] {
  const { report } = input;
  if (report.nodes.every((node) => 'problem' in node)) return [];
  const forecast = clusterForecast(report, growthsOf(report));
  const command = '/atlas-conns';
  const scaled = report.sources.slice(0, 2).map((source) => scaledSource(report, source, { factor: 4 }));
  return [
    clusterForecastView({ ...input, forecast, problem: null, command }),
    clusterForecastView({ ...input, forecast: clusterForecast(report, new Map()), problem, command }),
    ...scaled.flatMap((one) => (one.ok ? [sourceForecastView({ ...input, forecast: one.forecast })] : [])),
    nodesView({ ...input, growth: growthsOf(report) }),
  ];
}

/** Pools of apps, processes and servers with the names of outside text; some to the cluster, some to none. */
function pooled({
  report,
  tables,
  place,
}: Pick<Parameters<typeof reportView>[0], 'report' | 'tables' | 'place'>): readonly MessageView[] {
  const { cluster, sources } = report;
  const records = sources.map(({ name, apps }, index) => {
    const address = index % 2 === 0 ? 'a:27017' : `${name}:27017`;
    const pools = [pool({ address, waiting: index % 3, open: 10 ** (index % 8) }), pool({ address: `b${name}:1` })];
    const clients = [client({ appName: apps[0]?.name ?? null, pools })];
    return record({
      app: name,
      host: name,
      driver: { name, version: name },
      clients,
      ageMs: index % 5 === 0 ? 60_000 : 0,
      left: index,
    });
  });
  const own = viewOf(
    records,
    seenIn(() => report),
  );
  const view = { ...own, apps: own.apps.map((app) => ({ ...app, cluster: app.cluster === null ? null : cluster })) };
  const shown = { app: cluster, cluster, page: 0 };
  const input = { view, tables, place, shown };
  return [
    ...(view.apps.length === 0 ? [] : [poolsListView({ ...input, title: cluster, command: '/atlas-conns' })]),
    ...view.apps.slice(0, 2).map((app) => appPoolsView({ ...input, app })),
    noPoolsView([[cluster]], input),
  ];
}

function overviews(
  report: ConnectionReport,
  given: Pick<OverviewInput, 'tables' | 'left' | 'problem'> & { readonly watch: Watch },
): readonly MessageView[] {
  const { watch, ...more } = given;
  const { cluster, sources } = report;
  const reading = snapshotOf(report, { before: null });
  const standings = [cluster, ...sources.slice(0, 120).map(({ name }) => name)].map((name, index) =>
    standingOf({ cluster: name, reading: index % 3 === 0 ? null : reading, alerts: watch.alerts }),
  );
  const histories = new Map([[cluster, watch.whole]]);
  return (['report', 'nodes', 'history'] as const).map((about) =>
    overviewView({
      ...{ standings, histories, now: Date.parse(report.at), ...more },
      request: { about, by: 'source', window: DAY, page: 0 },
    }),
  );
}

/** Of diagnoses with the names of outside text, one for each source. */
function whyViews(input: Omit<Parameters<typeof reportView>[0], 'by'>): readonly MessageView[] {
  const { report } = input;
  const diagnoses = report.sources.map(({ id, name, apps, nodes }, index) =>
    diagnosis({
      ...{ source: id, name, title: apps[0]?.name ?? name, evidence: [name, id, name.repeat(9)], advice: name },
      option: index % 2 === 0 ? null : `appName=${name}`,
      wouldFree: index % 3 === 0 ? null : { node: nodes[0]?.host ?? name, connections: index },
      severity: index % 4 === 0 ? ('info' as const) : ('warning' as const),
    }),
  );
  const limits = report.sources.slice(0, 12).map(({ name }) => name);
  const why = { diagnoses, expected: null, limits };
  const [source] = report.sources;
  return [
    whyOfClusterView({ ...input, command: '/atlas-conns', why }),
    whyOfClusterView({ ...input, command: '/atlas-conns', why: { ...why, diagnoses: [] } }),
    reportView({ ...input, by: 'source', warnings: sourceWarnings(why) }),
    ...(source === undefined
      ? []
      : [
          sourceView({ ...input, source, diagnoses }),
          whyOfSourceView({ ...input, source, why: { ...why, expected: expectationOf(source) } }),
        ]),
  ];
}

function expectationOf({ name, nodes, clients }: ConnectionSource): ExpectedAndSeen {
  return {
    clients,
    nodes: nodes.map(({ host, active, monitors }) => ({
      host,
      monitors: { expected: clients, seen: monitors },
      pooled: active,
      pooledPerClient: clients === null ? null : active / 3,
    })),
    expected: clients,
    seen: 7,
    meaning: name,
  };
}

type Watch = ReturnType<typeof watchOf>;

function watchedViews(input: Omit<Parameters<typeof reportView>[0], 'by'>, watch: Watch): readonly MessageView[] {
  const { tables, place, report } = input;
  const { reportContext, board, histories, whole } = watch;
  const at = { tables, place, window: DAY, timeZone: 'America/Argentina/Buenos_Aires' };
  return [
    reportView({ ...input, by: 'source', reportContext }),
    reportView({ ...input, by: 'app', reportContext }),
    ...report.sources.slice(0, 1).map((source) => sourceView({ ...input, source, reportContext })),
    alertsView({ board, cluster: null, tables, place, notice: [report.cluster] }),
    alertsView({ board, cluster: report.cluster, tables, place }),
    historyView({ history: whole, sources: histories, ...at }),
    ...histories.slice(0, 2).map((history) => historyView({ history, sources: [], ...at })),
  ];
}

/** The alert of an app with the names of this report. */
function poolAlertViews({ cluster, sources }: ConnectionReport): readonly MessageView[] {
  const { evidence } = WAITING;
  if (evidence?.pools === undefined) return [];
  const [who = cluster] = sources.map(({ name }) => name);
  const worst = sources.slice(0, 5).map(({ name }) => ({ ...ONE_PROCESS, host: name }));
  const known = { ...evidence, pools: { ...evidence.pools, app: who, cause: who, worst }, doNow: [who] };
  const alert = { ...WAITING, cluster, who, source: `app:${who}`, what: who, evidence: known };
  return [
    alertView(shownAs(alert)),
    ...STYLES.map((tables) =>
      detailsView({ alert, evidence: known, command: '/conns', tables, place: { kind: 'answer' } }),
    ),
  ];
}

const ONE_PROCESS = { pid: 4711, inUse: 100, capacity: 100, waiting: 9, meanWaitMs: null, timeouts: 3 };

function spokenViews(wanted: string, { alerts, silences }: Watch, place: MessagePlace): readonly MessageView[] {
  const choices = silences.slice(0, 10).map((target) => ({ target, value: 'x' }));
  const whole = { source: null, node: null, rule: null, cluster: wanted, who: 'everything' };
  const reader = { user: SHARER, place };
  const length = '4 h';
  return [
    silencedView({ silences, standing: silences, quiet: 3, reader }),
    silencedView({ silences: silences.slice(0, 1), standing: silences, quiet: 0, reader }),
    targetChoiceView({ text: wanted, choices, more: 3, length }),
    partChoiceView({ address: wanted, sources: choices, only: choices, length }),
    wholeClusterView({ choice: { target: whole, value: 'x' }, length }),
    silenceChoiceView({ text: wanted, silences, place }),
    endAllView({ silences, cluster: wanted, asked: 0, place }),
    acknowledgedView({ done: alerts.slice(0, 9), before: alerts }),
    historyChoiceView({
      question: `"${wanted}" fits several.`,
      choices: silences.map(({ who }) => ({ words: who, value: 'x' })),
    }),
  ];
}

/** Forms, and what is said in their place. */
export function everyModal(report: ConnectionReport): readonly ModalView[] {
  const watch = watchOf(report);
  const origin = {
    subject: watch.alerts[0]?.who.slice(0, 1_500) ?? 'x',
    channel: 'C1',
    responseUrl: 'https://x',
    threadTs: '1.2',
  };
  const said = [
    ...spokenViews(report.cluster, watch, PLACE),
    ...STYLES.map((tables) => alertsView({ board: watch.board, cluster: null, tables, place: PLACE })),
  ];
  return [
    ...whatIfs(report),
    silenceForm(origin, []),
    silenceForm(origin, formLines(watch.silences)),
    ...said.map((view) => modalOf(view, 'Silence')),
  ];
}

const PLACE: MessagePlace = { kind: 'answer' };

function whatIfs(report: ConnectionReport): readonly ModalView[] {
  const cluster = report.cluster.slice(0, 1_000);
  const state = {
    channel: 'C1',
    cluster,
    round: 3,
    values: { instances: '40', driver: 'go', target: 'M30' },
    taken: { maxPoolSize: 20 },
  };
  const [tier] = TIERS;
  if (tier === undefined) throw new Error('no tier');
  const fleet = {
    driver: 'any',
    mode: 'pooled',
    server: null,
    env: {},
    options: {},
    instances: 40,
    processes: 2,
    clients: 3,
    operations: { primary: 3 },
  } as const;
  const targets = [clusterTarget(report), tierTarget(tier, 50)];
  return [
    whatIfForm({ ...state, values: {}, taken: {} }, true),
    whatIfForm(state, false),
    ...targets.flatMap((target) =>
      target === null
        ? []
        : [
            whatIfAnswer({
              forecast: forecastAgainst(fleet, target),
              input: {
                fleet,
                tier: target.establishPerSecond === null ? null : { tier, nodes: 50 },
                values: {},
                taken: {},
              },
              reading: { report, ageMs: 0 },
              state,
            }),
          ],
    ),
  ];
}

export function everyHome(report: ConnectionReport): readonly HomeView[] {
  const watch = watchOf(report);
  const answer = { report, ageMs: 0 };
  const problem = report.problems[0] ?? null;
  const cards = [report.cluster, ...report.sources.map(({ name }) => name)].map((name) => ({ name, answer, problem }));
  return [
    homeView({ clusters: cards, status: statusOf(report), tables: 'table' }),
    homeView({
      clusters: cards,
      status: { ...statusOf(report), watch: watch.status },
      board: watch.board,
      tables: 'table',
    }),
    homeView({ clusters: [], status: statusOf(report), tables: 'table' }),
  ];
}

function hygieneOf({ findings, problems, accessList, at }: ConnectionReport, clusters: readonly string[]) {
  const unread = clusters.slice(0, 12).map((name) => ({ name, reason: name }));
  const read = clusters.map((name, index) => ({ name, since: index % 2 === 0 ? null : Date.parse(at), isLong: false }));
  return { clusters: read, unread: [...unread, { name: null, reason: at }], findings, problems, accessList, at };
}

function statusOf({ sources, problems, at }: ConnectionReport): BotStatus {
  const names = sources.map(({ name }) => name);
  const read = { tookMs: 12, nodesRead: 2, nodesKnown: 3 };
  const unread = { lastReadAt: null, tookMs: null, nodesRead: null, nodesKnown: null };
  return {
    version: '0.1.0',
    instance: names[0] ?? 'one',
    startedAt: at,
    clusters: names.map((name, index) => ({ name, ...(index % 2 === 0 ? { lastReadAt: at, ...read } : unread) })),
    left: names.slice(0, 30).map((name) => ({ name, reason: name })),
    problems,
    watch: null,
  };
}
