// App Home: every cluster with its headroom and its largest sources, then the bot's own status.

import type { KnownBlock } from '@slack/types';
import { isOpen } from '../../core/alerting/alert.ts';
import { count, counted, percent } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import { byFullness, connectionsOf, headroomWord, nodesRead, shortHosts } from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { AlertOverview } from '../../core/ports/monitor.ts';
import type { BotStatus, ReportAnswer } from '../../core/ports/reports.ts';
import { ACTIONS, reportValue } from '../blockkit/action-values.ts';
import { actions, button, drawn, header, prose } from '../blockkit/blocks.ts';
import { withoutCharts } from '../blockkit/fallback.ts';
import { LIMITS } from '../blockkit/limits.ts';
import { bold, moment, type Phrase } from '../blockkit/rich-text.ts';
import type { HomeView, MessageView, TableStyle } from '../blockkit/types.ts';
import { learningLines, silenceLine, stateCounts } from './alert-status.ts';
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

const LOUDEST = 3;
const MOST_ALERTS = 3;
const MOST_SILENCES = 10;
/** Each cluster takes three blocks. The rest of a hundred is for the bot's own status. */
const MOST_CLUSTERS = 25;

export function homeView({ clusters, status, board = null }: HomeViewInput): HomeView {
  const remarks = [...learningLines(board?.learning ?? []), ...leftLines(status.left), ...problemLines(status)];
  const about = [[`atlas-conns ${status.version}. `, ...selfLine(status)], ...watchLines(status.watch), ...remarks];
  const self = [...silenceBlocks(board), header('This bot'), prose(about)];
  const cards: KnownBlock[] = [];
  let shown = 0;
  for (const blocks of clusters.slice(0, MOST_CLUSTERS).map((one) => card(one, { status, board }))) {
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

interface Known {
  readonly status: BotStatus;
  readonly board: AlertOverview | null;
}

function card({ name, answer, problem }: ClusterCard, known: Known): readonly KnownBlock[] {
  const open = button({
    action: ACTIONS.openCluster,
    word: 'Open report',
    value: reportValue(name),
    label: `Open the report of ${name}`,
  });
  const lines: readonly Phrase[] = [
    headline({ name, answer, problem }),
    ...(answer === null ? [] : readingLines(answer.report)),
    ...statusLines(name, known),
    ...(problem === null ? [] : [sentence(problem)]),
  ];
  return [{ type: 'divider' }, prose(lines), actions([open])];
}

/** `Alerts: 2 firing, 1 silenced: Billing API, Web EU` and `Next reading 10:05` */
function statusLines(cluster: string, { status, board }: Known): readonly Phrase[] {
  const open = board?.alerts.filter((alert) => alert.cluster === cluster && isOpen(alert)) ?? [];
  const next = status.watch?.clusters.find(({ name }) => name === cluster)?.next ?? null;
  // Firing alerts come first. Several alerts may be of one source.
  const names = [...new Set(open.map(({ who }) => who))];
  const named = names.slice(0, MOST_ALERTS).flatMap((who, index): Phrase => [index === 0 ? ': ' : ', ', bold(who)]);
  const more = names.length > MOST_ALERTS ? ' and others' : '';
  return [
    ...(open.length === 0 ? [] : [['Alerts: ', stateCounts(open), ...named, more]]),
    ...(next === null ? [] : [['Next reading ', moment(new Date(next).toISOString(), 'date-time')]]),
  ];
}

/** `prod — busiest node at 31 %, fine` */
function headline({ name, answer, problem }: ClusterCard): Phrase {
  if (answer === null) return [bold(name), problem === null ? ' — not read yet' : ' — could not be read'];
  if (nodesRead(answer.report).length === 0) return [bold(name), ' — no node could be read'];
  const [busiest] = byFullness(answer.report);
  const connections = connectionsOf(answer.report);
  if (busiest === undefined) return [bold(name), ` — ${connections}`];
  const { host, ratio } = busiest;
  const node = shortHosts(answer.report)(host);
  return [bold(name), ` — busiest node at ${percent(ratio)}, ${headroomWord(ratio)} (`, node, `) · ${connections}`];
}

function readingLines(report: ConnectionReport): readonly Phrase[] {
  const loudest = report.sources
    .slice(0, LOUDEST)
    .flatMap(
      ({ name, active, dormant, monitors }, at): Phrase => [
        at === 0 ? 'Loudest: ' : ', ',
        bold(name),
        ` ${count(active + dormant + monitors)}`,
      ],
    );
  const of = `, ${nodesRead(report).length} of ${counted(report.nodes.length, 'node')}`;
  return [...(loudest.length === 0 ? [] : [loudest]), ['Last read ', moment(report.at, 'date-time'), of]];
}
