// The forecast of a cluster, and of one source that grows.

import type { ActionsBlock, Button } from '@slack/types';
import { count, counted, joinWords, percent } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import { clientsShown } from '../../core/connections/clients.ts';
import { shortHosts } from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import { growthSpan, growthWords, reachWords } from '../../core/forecast/growth.ts';
import {
  type ClusterForecast,
  type NodeOutlook,
  type ScaledNode,
  type SourceForecast,
  type SourceRoom,
  scaleWords,
} from '../../core/forecast/live.ts';
import { fullNow, withRoom } from '../../core/forecast/outlook.ts';
import { ACTIONS, type ActionId, viewValue, whatIfValue } from '../blockkit/action-values.ts';
import { actions, bullets, button, header, message, prose, select } from '../blockkit/blocks.ts';
import { bold, code, type Phrase, plain } from '../blockkit/rich-text.ts';
import { figure, restName, type TableCell, type TableColumn, tablePage } from '../blockkit/table.ts';
import type { MessagePlace, MessageView, TableStyle } from '../blockkit/types.ts';
import { detailButtons, forecastButton } from '../views/buttons.ts';
import { reachLines } from '../views/nodes.ts';
import { footer, problemLines, sentence, unreadLines } from '../views/notes.ts';

interface Shown {
  readonly report: ConnectionReport;
  readonly ageMs: number;
  readonly tables: TableStyle;
  readonly place: MessagePlace;
  /** The place of the table's first row, from 0. */
  readonly page?: number;
}

type Short = (host: string) => string;

const MOST_SOURCES = 12;
const MOST_NAMED = 5;
const MOST_FULL = 5;

// A cluster: when its nodes reach their limits, and how many more clients fit.

export interface ClusterForecastInput extends Shown {
  readonly forecast: ClusterForecast;
  /** Why there is no growth; null if there is, or if the history is short. */
  readonly problem: Problem | null;
  /** The slash command's name. */
  readonly command: string;
}

export function clusterForecastView(input: ClusterForecastInput): MessageView {
  const { report, forecast, ageMs, place, command, problem } = input;
  const { cluster, nodes, sources, assumptions } = forecast;
  const short = shortHosts(report);
  const title = `${plain(cluster, { max: 64 })} — forecast`;
  const full = fullNow(nodes);
  const more = full.length - MOST_FULL;
  const now = full.slice(0, MOST_FULL).map(({ host, words }): Phrase => [bold(short(host)), ` ${words}`]);
  const others: readonly Phrase[] = more > 0 ? [[`and ${counted(more, 'more node')} close to the limit.`]] : [];
  const reaching = problem === null ? outlookLines(nodes, short) : [sentence(problem)];
  const lines = [...now, ...others, ...reaching, ...unreadLines(report), ...problemLines(report)];
  const fitting = fitLines(sources, { short, command });
  const readAt = Date.parse(report.at);
  const request = { view: 'forecast', cluster, growth: null, readAt } as const;
  return message({
    said: [[title], ...lines, ...fitting],
    above: [header(title), prose(lines)],
    table: (room) => nodeTable(input, { short, room }),
    turnTo: (page) => viewValue({ ...request, page }),
    below: [
      fitting.length === 0 ? null : bullets(fitting),
      actions([growthMenu(report), whatIfButton(cluster)]),
      detailButtons(request, place),
      footer(report, { ageMs, notes: assumptions.map((words) => [words]) }),
    ],
  });
}

/** The nodes that are not full now and reach their limit; or why there are none. */
function outlookLines(all: readonly NodeOutlook[], short: Short): readonly Phrase[] {
  const nodes = withRoom(all);
  if (nodes.length === 0) return [];
  const reaching = reachLines(nodes, short);
  if (reaching.length > 0) return reaching;
  const days = Math.max(...nodes.map(({ growth }) => growth.days));
  if (nodes.some(({ growth }) => growth.kind !== 'unknown'))
    return [
      [`No ${nodes.length < all.length ? 'other ' : ''}node reaches its limit within a year ${growthSpan({ days })}.`],
    ];
  const so = days === 0 ? 'none is over yet' : `${count(days)} ${days === 1 ? 'is' : 'are'} known`;
  return [[`There is too little history for growth: it needs 7 whole days, and ${so}.`]];
}

/** Each source that is known, and one line for the others. */
function fitLines(
  sources: readonly SourceRoom[],
  { short, command }: { readonly short: Short; readonly command: string },
): readonly Phrase[] {
  const known = sources.filter(({ fits }) => fits !== null);
  const unknown = sources.filter(({ fits }) => fits === null);
  const more = known.length - MOST_SOURCES;
  return [
    ...known.slice(0, MOST_SOURCES).map((room) => fitLine(room, short)),
    ...(more > 0 ? [[`and ${counted(more, 'more source')}: `, code(`${command} forecast "<source>" x2`)]] : []),
    ...[...Map.groupBy(unknown, ({ reason }) => reason)].map(([reason, rooms]): Phrase => {
      const named = rooms.slice(0, MOST_NAMED).map(({ name }) => plain(name, { max: 60 }));
      const others = rooms.length - named.length;
      const all = joinWords(others > 0 ? [...named, `${count(others)} more`] : named);
      return [`How many more clients of ${all} fit is unknown. ${reason}`];
    }),
  ];
}

/** `Billing API: 46 more clients fit until shard-00-00 is full. Now 10 clients, with 13 connections each there.` */
function fitLine({ name, clients, fits, busiest, perClient, fitsAtLeast }: SourceRoom, short: Short): Phrase {
  const many = clientsShown({ clients: fits, ...(fitsAtLeast === true && { clientsAtLeast: true }) });
  const fit = fits === 1 ? 'more client fits' : 'more clients fit';
  const now = `${counted(clients ?? 0, 'client')}, with ${eachText(perClient ?? 0)} each there`;
  return [bold(name), `: ${many} ${fit} until `, short(busiest ?? ''), ` is full. Now ${now}.`];
}

/** `13 connections`, `2.5 connections` */
function eachText(many: number): string {
  const text = Number.isInteger(many) || many >= 100 ? count(many) : many.toFixed(1);
  return `${text} connection${many === 1 ? '' : 's'}`;
}

interface NodeRow extends Pick<NodeOutlook, 'now' | 'limit' | 'headroom'> {
  readonly name: string;
  readonly growth: string;
  readonly reaches: string;
}

const whole = (value: number | null): TableCell => (value === null ? null : figure(value));

const NODE_COLUMNS: readonly TableColumn<NodeRow>[] = [
  { title: 'Node', kind: 'name', cell: ({ name }) => name },
  { title: 'Connections', kind: 'figure', cell: ({ now }) => whole(now) },
  { title: 'Limit', kind: 'figure', cell: ({ limit }) => whole(limit) },
  { title: 'Free', kind: 'figure', cell: ({ headroom }) => whole(headroom) },
  { title: 'Growth', kind: 'figure', cell: ({ growth }) => growth },
  { title: 'Reaches its limit', kind: 'figure', cell: ({ reaches }) => reaches },
];

interface Room {
  readonly short: Short;
  readonly room: number;
}

function nodeTable({ forecast, tables, page = 0 }: ClusterForecastInput, { short, room }: Room) {
  const rows = forecast.nodes.map(({ host, growth, reaches, ...figures }): NodeRow => {
    const when = reaches === null ? '–' : reachWords(reaches).replace('reaches its limit ', '');
    return { ...figures, name: short(host), growth: growthWords(growth), reaches: when };
  });
  const rest = (left: readonly NodeRow[], where: 'after' | 'before'): NodeRow => {
    return { name: restName(left, where), now: null, limit: null, headroom: null, growth: '–', reaches: '–' };
  };
  const caption = 'Nodes, their limits and their growth';
  return tablePage({ caption, columns: NODE_COLUMNS, rows, rest, from: page, style: tables, room });
}

function growthMenu({ cluster, sources }: ConnectionReport) {
  return select({
    action: ACTIONS.forecast,
    placeholder: 'Twice the load of…',
    choices: sources.map(({ id, name }) => ({
      words: plain(name, { max: 70 }),
      value: viewValue({ view: 'forecast', cluster, growth: { source: { id }, scale: { factor: 2 } } }),
    })),
  });
}

function whatIfButton(cluster: string): Button {
  const label = 'A fleet of clients that does not exist yet';
  return button({ action: ACTIONS.whatIf, word: 'What if…', value: whatIfValue(cluster), label });
}

// One source that grows: its nodes in each scenario.

export interface SourceForecastInput extends Shown {
  readonly forecast: SourceForecast;
}

const SCENARIOS = [
  ['scaled', 'Then'],
  ['full', 'Full pools'],
  ['deploy', 'Rolling deploy'],
  ['election', 'After an election'],
] as const;
type ScenarioField = (typeof SCENARIOS)[number][0];

export function sourceForecastView(input: SourceForecastInput): MessageView {
  const { report, forecast, ageMs, place } = input;
  const { cluster, source, scale, nodes, assumptions } = forecast;
  const short = shortHosts(report);
  const title = `${plain(source.name, { max: 60 })} ${scaleWords(scale)} — ${plain(cluster, { max: 48 })}`;
  const lines = [...fitsLine(nodes), clientsLine(forecast), ...limitLines(nodes, short), ...unreadLines(report)];
  const readAt = Date.parse(report.at);
  const request = { view: 'forecast', cluster, growth: { source, scale }, readAt } as const;
  return message({
    said: [[title], ...lines],
    above: [header(title), prose(lines)],
    table: (room) => scenarioTable(input, { short, room }),
    turnTo: (page) => viewValue({ ...request, page }),
    below: [
      scaleButtons(forecast, readAt),
      detailButtons(request, place, [forecastButton(cluster, readAt)]),
      footer(report, { ageMs, notes: assumptions.map((words) => [words]) }),
    ],
  });
}

/** `10 clients now, 20 then.` */
function clientsLine({ clients, scale }: SourceForecast): Phrase {
  const { now, scaled } = clients;
  return now === null || scaled === null
    ? [`All of its connections ${scaleWords(scale)}. The number of its clients is unknown.`]
    : [`${counted(now, 'client')} now, ${count(scaled)} then.`];
}

/** `Fits: the fullest node is at 30 % of its limit, 32 % in a rolling deploy.` Nothing where the growth alone exceeds it. */
function fitsLine(nodes: readonly ScaledNode[]): readonly Phrase[] {
  const [then] = sharesOf(nodes, 'scaled');
  const [deploy] = sharesOf(nodes, 'deploy');
  if (then === undefined || then.share > 1) return [];
  const more = deploy === undefined || deploy.share > 1 ? '' : `, ${percent(deploy.share)} in a rolling deploy`;
  return [[bold('Fits: '), `the fullest node is at ${percent(then.share)} of its limit${more}.`]];
}

/** A line for each scenario that exceeds a limit; without one, the fullest node of all scenarios. */
function limitLines(nodes: readonly ScaledNode[], short: Short): readonly Phrase[] {
  const worst = SCENARIOS.flatMap(([field, words]) => {
    const shares = sharesOf(nodes, field);
    const [first] = shares;
    return first === undefined
      ? []
      : [{ ...first, field, words, over: shares.filter(({ share }) => share > 1).length }];
  });
  const [highest] = worst.toSorted((a, b) => b.share - a.share);
  if (highest === undefined) return [['The limits of the nodes are unknown.']];
  const { words, host, share } = highest;
  if (share <= 1)
    return [
      ['No limit is exceeded. The highest is ', bold(short(host)), ` at ${percent(share)} (${words.toLowerCase()}).`],
    ];
  return worst
    .filter(({ over }) => over > 0)
    .map((one): Phrase => {
      const more = one.over - 1;
      const others =
        more === 0 ? '' : ` ${counted(more, 'more node')} ${more === 1 ? 'exceeds its' : 'exceed their'} limit.`;
      return [
        bold(`${one.field === 'full' ? `${one.words}, the worst case` : one.words}: `),
        short(one.host),
        ` at ${percent(one.share)} of its limit.${others}`,
      ];
    });
}

/** The highest first; without nodes whose limit is unknown. */
function sharesOf(nodes: readonly ScaledNode[], field: ScenarioField) {
  return nodes
    .flatMap(({ host, limit, [field]: value }) =>
      value === null || limit === null || limit <= 0 ? [] : [{ host, share: value / limit }],
    )
    .toSorted((a, b) => b.share - a.share);
}

interface ScaledRow extends Pick<ScaledNode, 'limit' | 'now' | ScenarioField> {
  readonly name: string;
}

const SCALED_COLUMNS: readonly TableColumn<ScaledRow>[] = [
  { title: 'Node', kind: 'name', cell: ({ name }) => name },
  ...([['now', 'Now'], ...SCENARIOS] as const).map(
    ([field, title]): TableColumn<ScaledRow> => ({ title, kind: 'figure', cell: (row) => ofLimit(row[field], row) }),
  ),
];

/** `530 (53 %)` */
function ofLimit(value: number | null, { limit }: ScaledRow): TableCell {
  if (value === null) return null;
  const share = limit === null || limit <= 0 ? '' : ` (${percent(value / limit)})`;
  return { value, text: `${count(value)}${share}` };
}

function scenarioTable({ forecast, tables, page = 0 }: SourceForecastInput, { short, room }: Room) {
  const rows = forecast.nodes.map(({ host, ...figures }): ScaledRow => ({ ...figures, name: short(host) }));
  const nothing = { limit: null, now: null, scaled: null, full: null, deploy: null, election: null };
  const rest = (left: readonly ScaledRow[], where: 'after' | 'before'): ScaledRow => {
    return { ...nothing, name: restName(left, where) };
  };
  const caption = 'All connections of each node, and their share of its limit';
  return tablePage({ caption, columns: SCALED_COLUMNS, rows, rest, from: page, style: tables, room });
}

function scaleButtons({ cluster, source, scale }: SourceForecast, readAt: number): ActionsBlock {
  const to = (factor: number, action: ActionId) =>
    button({
      action,
      word: `×${factor}`,
      value: viewValue({ view: 'forecast', cluster, growth: { source, scale: { factor } }, readAt }),
      label: `${source.name} ×${factor}`,
      isChosen: 'factor' in scale && scale.factor === factor,
    });
  return actions([to(2, ACTIONS.forecastX2), to(4, ACTIONS.forecastX4), whatIfButton(cluster)]);
}
