// App Home: every cluster with its headroom and its largest sources, then the bot's own status.

import type { KnownBlock } from '@slack/types';
import { byStanding, type Standing, standingOf, standingWords } from '../../core/alerting/standing.ts';
import { count, counted, percent } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import { byFullness, connectionsOf, nodesRead, shortHosts } from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { AlertOverview } from '../../core/ports/monitor.ts';
import type { BotStatus, ReportAnswer } from '../../core/ports/reports.ts';
import { failedSnapshot, snapshotOf } from '../../core/snapshots/from-report.ts';
import type { Snapshot } from '../../core/snapshots/snapshot.ts';
import { ACTIONS, reportValue } from '../blockkit/action-values.ts';
import { actions, button, drawn, header, prose } from '../blockkit/blocks.ts';
import { withoutCharts } from '../blockkit/fallback.ts';
import { LIMITS } from '../blockkit/limits.ts';
import { bold, moment, type Phrase } from '../blockkit/rich-text.ts';
import type { HomeView, MessageView, TableStyle } from '../blockkit/types.ts';
import { markOf } from './alert.ts';
import { learningLines, silenceLine } from './alert-status.ts';
import { problemLines, sentence } from './notes.ts';
import { leftLines, selfLine, watchLines } from './status.ts';

export interface ClusterCard {
  readonly name: string;
  /** Null before the first reading, and after a failed one. */
  readonly answer: ReportAnswer | null;
  readonly problem: Problem | null;
}

export interface HomeViewInput {
  readonly clusters: readonly ClusterCard[];
  readonly status: BotStatus;
  /** Null without a monitor, and while its store does not answer. */
  readonly board?: AlertOverview | null;
  readonly tables: TableStyle;
}

const LARGEST = 3;
const MOST_ALERTS = 3;
const MOST_SILENCES = 10;
/** Each cluster takes three blocks. The rest of a hundred is for the bot's own status. */
const MOST_CLUSTERS = 25;

/** The clusters that need a person come first, then the largest. */
export function homeView({ status, board = null, ...input }: HomeViewInput): HomeView {
  const clusters = input.clusters
    .map((one) => ({ ...one, standing: standingOf({ ...readingOf(one), alerts: board?.alerts ?? [] }) }))
    .toSorted((a, b) => byStanding(a.standing, b.standing));
  const remarks = [...learningLines(board?.learning ?? []), ...leftLines(status.left), ...problemLines(status)];
  const about = [[`atlas-conns ${status.version}. `, ...selfLine(status)], ...watchLines(status.watch), ...remarks];
  const self = [...silenceBlocks(board), header('This bot'), prose(about)];
  const cards: KnownBlock[] = [];
  let shown = 0;
  for (const blocks of clusters.slice(0, MOST_CLUSTERS).map((one) => card(one, status))) {
    if (drawn([...cards, ...blocks, ...self]) > LIMITS.drawn) break;
    cards.push(...blocks);
    shown += 1;
  }
  const more = clusters.length - shown;
  const none: Phrase = ['I watch no cluster.'];
  return {
    type: 'home',
    blocks: [
      header('Connections'),
      actions([
        button({ action: ACTIONS.homeRefresh, word: 'Refresh', value: 'home', label: 'Read all clusters again' }),
      ]),
      ...(clusters.length === 0 ? [prose([none])] : cards),
      ...(more > 0 ? [prose([[`and ${counted(more, 'more cluster')}: ask for a report by its name.`]])] : []),
      { type: 'divider' },
      ...self,
    ],
  };
}

/** A message opened inside Home. */
export function homeOf(view: MessageView): HomeView {
  return { type: 'home', blocks: withoutCharts(view).blocks.slice(0, LIMITS.homeBlocks) };
}

/** The silences: target, end and person. */
function silenceBlocks(board: AlertOverview | null): readonly KnownBlock[] {
  const silences = board?.silences ?? [];
  if (silences.length === 0) return [];
  const more = silences.length - MOST_SILENCES;
  const lines = silences.slice(0, MOST_SILENCES).map((silence): Phrase => {
    const where = silence.cluster === null ? '' : ` · ${silence.cluster}`;
    return [...silenceLine(silence, { place: { kind: 'home' } }), where];
  });
  const rest: readonly Phrase[] = more > 0 ? [[`and ${counted(more, 'more silence')}.`]] : [];
  return [header('Silences'), prose([...lines, ...rest])];
}

/** A cluster that cannot be read now is not known by what it was before. */
function readingOf({ name, answer, problem }: ClusterCard): {
  readonly cluster: string;
  readonly reading: Snapshot | null;
} {
  if (problem !== null)
    return { cluster: name, reading: failedSnapshot({ cluster: name, at: 0, problem: problem.text }) };
  return { cluster: name, reading: answer === null ? null : snapshotOf(answer.report, { before: null }) };
}

interface Card extends ClusterCard {
  readonly standing: Standing;
}

function card({ name, answer, problem, standing }: Card, status: BotStatus): readonly KnownBlock[] {
  const open = button({
    action: ACTIONS.openCluster,
    word: 'Open report',
    value: reportValue(name),
    label: `Open the report of ${name}`,
  });
  const next = status.watch?.clusters.find((one) => one.name === name)?.next ?? null;
  const lines: readonly Phrase[] = [
    headline(standing, answer),
    ...alertLines(standing),
    ...(answer === null ? [] : readingLines(answer.report)),
    ...(next === null ? [] : [['Next reading ', moment(new Date(next).toISOString(), 'date-time')]]),
    ...(problem === null ? [] : [sentence(problem)]),
  ];
  return [{ type: 'divider' }, prose(lines), actions([open])];
}

/** `Alerts: 🔴 Billing API, 🔕 Web EU and others`, the most severe first. */
function alertLines({ alerts }: Standing): readonly Phrase[] {
  // Several alerts may be of one source.
  const worst = [...Map.groupBy(alerts, ({ who }) => who).values()].flatMap(([first]) => first ?? []);
  if (worst.length === 0) return [];
  const named = worst
    .slice(0, MOST_ALERTS)
    .flatMap((alert, index): Phrase => [index === 0 ? '' : ', ', `${markOf(alert)} `, bold(alert.who)]);
  return [['Alerts: ', ...named, worst.length > MOST_ALERTS ? ' and others' : '']];
}

/** `🔴 prod — 2 critical · busiest node at 93 % (shard-00-00) · 785 connections on 2 of 3 nodes` */
function headline(standing: Standing, answer: ReportAnswer | null): Phrase {
  const { cluster, alerts } = standing;
  const [worst] = alerts;
  const start: Phrase = [
    worst === undefined ? '' : `${markOf(worst)} `,
    bold(cluster),
    ` — ${standingWords(standing)}`,
  ];
  if (answer === null || nodesRead(answer.report).length === 0) return start;
  const { report } = answer;
  const read = nodesRead(report).length;
  const of = read === report.nodes.length ? '' : ` on ${read} of ${counted(report.nodes.length, 'node')}`;
  const connections = ` · ${connectionsOf(report)}${of}`;
  const [busiest] = byFullness(report);
  if (busiest === undefined) return [...start, connections];
  const node = shortHosts(report)(busiest.host);
  return [...start, ` · busiest node at ${percent(busiest.ratio)} (`, node, `)${connections}`];
}

function readingLines(report: ConnectionReport): readonly Phrase[] {
  const largest = report.sources
    .slice(0, LARGEST)
    .flatMap(
      ({ name, active, dormant, monitors }, at): Phrase => [
        at === 0 ? 'Largest: ' : ', ',
        bold(name),
        ` ${count(active + dormant + monitors)}`,
      ],
    );
  return [...(largest.length === 0 ? [] : [largest]), ['Last read ', moment(report.at, 'date-time')]];
}
