// The value of a button or an option: cluster, source and view, in at most 75 characters. The same text always has the
// same key, so that a click still works after a restart of the bot.

import { createHash } from 'node:crypto';
import type { SilenceTarget } from '../../core/alerting/silence-target.ts';
import { durationText, parseDuration } from '../../core/base/duration.ts';
import { jsonIn, listOf } from '../../core/base/json.ts';
import { DIMENSIONS, type Dimension } from '../../core/connections/group-by.ts';
import { isRuleName } from '../../core/detection/rules.ts';
import type { Scale } from '../../core/forecast/live.ts';

export const ACTIONS = {
  refresh: 'refresh',
  nodes: 'nodes',
  share: 'share',
  chooseSource: 'choose_source',
  chooseCluster: 'choose_cluster',
  back: 'back',
  showLast: 'show_last',
  openCluster: 'open_cluster',
  /** One of several sources that match a name. */
  sourceOfCluster: 'source_of_cluster',
  /** Another page of a view's table, or of the overview's. */
  earlierRows: 'earlier_rows',
  laterRows: 'later_rows',
  homeRefresh: 'home_refresh',
  homeBack: 'home_back',
  freshReport: 'fresh_report',
  /** Below alerts, groups and sources alike. Their values say which one is meant. */
  alertAcknowledge: 'alert_acknowledge',
  alertSilence: 'alert_silence',
  alertDetails: 'alert_details',
  /** What is rare: the new level is normal, or a view. */
  alertMore: 'alert_more',
  /** The answer to the question whether it is. */
  alertAccept: 'alert_accept',
  /** One alert of a group. */
  groupSelect: 'group_select',
  unsilence: 'unsilence',
  /** All silences that were in force when the question was asked. */
  unsilenceAll: 'unsilence_all',
  /** The chosen one of several targets of a command. */
  silenceChosen: 'silence_chosen',
  /** Opens the form for a connection string; or shows it again, in place of an answer. */
  lintOpen: 'lint_open',
  lintAgain: 'lint_again',
  /** Why a source, or a cluster, has so many. Below an alert, the answer never replaces the alert's message. */
  why: 'why',
  alertWhy: 'alert_why',
  history: 'history',
  history1h: 'history_1h',
  history24h: 'history_24h',
  history7d: 'history_7d',
  history35d: 'history_35d',
  history400d: 'history_400d',
  /** Of a cluster; in a menu, of one of its sources. */
  forecast: 'forecast',
  forecastX2: 'forecast_x2',
  forecastX4: 'forecast_x4',
  /** Opens the form of a fleet that does not exist yet. */
  whatIf: 'what_if',
  /** The pools of one app, or of all. */
  pools: 'pools',
} as const;
export type ActionId = (typeof ACTIONS)[keyof typeof ACTIONS];

/** How a source is named: by a person's text, by the key of a button, or by its id. */
export type SourceReference = { readonly text: string } | { readonly key: string } | { readonly id: string };

interface Views<Source> {
  readonly report: { readonly by: Dimension };
  readonly source: { readonly source: Source };
  readonly nodes: object;
  readonly hygiene: object;
  /** The access list findings of all clusters of the project that the cluster belongs to. */
  readonly project: object;
  /** `source` null: the cluster as a whole. */
  readonly why: { readonly source: Source | null };
  /** `source` null: the cluster as a whole. `window` in milliseconds back from now. */
  readonly history: { readonly source: Source | null; readonly window: number };
  /** `growth` null: the cluster as a whole. */
  readonly forecast: { readonly growth: { readonly source: Source; readonly scale: Scale } | null };
}

interface AnyView {
  /** Its name, or its key on a button. */
  readonly cluster: string;
  /** When the reading on the screen was read, in milliseconds since 1970: Share and Back mean this one. */
  readonly readAt?: number;
  readonly page?: TablePosition;
}

/** A view of a cluster. */
export type ViewRequest<Name extends ViewName = ViewName, Source = SourceReference> = {
  [View in Name]: { readonly view: View } & AnyView & Views<Source>[View];
}[Name];
/** The page of its table: the place of the first row, from 0. Left out for the first page. */
type TablePosition = number;
type ViewName = keyof Views<never>;

/** A view on a button: with the source's id when it is written, with the source's key when it is read. */
export type ButtonView = ViewRequest<ViewName, { readonly id: string }>;
export type PressedView = ViewRequest<ViewName, { readonly key: string }>;

/** Four fields of at most 8, 7, 28 and 28 characters with three bars between them: 74. A page is on buttons alone. */
const LONGEST_KEY = 28;
/** For a button. Slack accepts 2,000, but the metadata of a form must hold the value too. */
const LONGEST_VALUE = 1_500;
const SEPARATOR = '|';
/** Texts that are written unchanged: they contain neither the separator nor the mark of a hash. */
const plain = /^[\w.:/ -]+$/;

/**
 * `report|app|prod|`, `source|source|prod|203.0.113.9`, `history|7d|prod|`, `why|source|prod|`,
 * `forecast|x2|prod|203.0.113.9`, at most 75 characters: the smaller of the documented limits of an option's value. A
 * button's value may end with the time of a reading and a page: `nodes|source|prod||mi4x0`, `report|app|prod|||99`.
 */
export function viewValue(request: ButtonView): string {
  const { view, cluster, readAt, page } = request;
  const source = sourceIn(request);
  const detail = detailOf(request);
  const fields = [view, detail, keyOf(cluster), source === null ? '' : keyOf(source.id)];
  const isOfReading = readAt !== undefined || page !== undefined;
  const time = isOfReading ? [readAt?.toString(36) ?? ''] : [];
  return [...fields, ...time, ...(page === undefined ? [] : [`${page}`])].join(SEPARATOR);
}

function sourceIn(request: ButtonView): { readonly id: string } | null {
  if (request.view === 'forecast') return request.growth?.source ?? null;
  return request.view === 'history' || request.view === 'source' || request.view === 'why' ? request.source : null;
}

function detailOf(request: ButtonView): string {
  if (request.view === 'history') return durationText(request.window);
  if (request.view === 'forecast' && request.growth !== null) return scaleText(request.growth.scale);
  return request.view === 'report' ? request.by : 'source';
}

/** `x1.5`, `40c` */
const scaleText = (scale: Scale): string => ('factor' in scale ? `x${scale.factor}` : `${scale.clients}c`);

function readScale(text: string): Scale | null {
  const { factor, clients } = /^x(?<factor>\d{1,4}(?:\.\d{1,2})?)$|^(?<clients>\d{1,6})c$/.exec(text)?.groups ?? {};
  const many = Number(factor ?? clients ?? 0);
  return many === 0 ? null : clients === undefined ? { factor: many } : { clients: many };
}

/** The report of a cluster by source. */
export function reportValue(cluster: string, readAt?: number): string {
  return viewValue({ view: 'report', cluster, by: 'source', ...(readAt !== undefined && { readAt }) });
}

/** Cluster and source are keys, for `matchesKey`. Null for a value that the bot never wrote. */
export function readView(value: string): PressedView | null {
  const [view, detail = '', cluster, key, time, from, ...rest] = value.split(SEPARATOR);
  if (!cluster || key === undefined || rest.length > 0) return null;
  if (from !== undefined && !/^\d{1,9}$/.test(from)) return null;
  // Without a time there is only a page behind it.
  if (time !== undefined && !(time === '' ? from !== undefined : /^[0-9a-z]{1,9}$/.test(time))) return null;
  const source = key === '' ? null : { key };
  const readAt = time === undefined || time === '' ? {} : { readAt: Number.parseInt(time, 36) };
  const place = { cluster, ...readAt, ...(from !== undefined && { page: Number(from) }) };
  if (view === 'history') {
    const window = parseDuration(detail);
    return window === null ? null : { view, ...place, source, window };
  }
  if (view === 'forecast') {
    const scale = readScale(detail);
    const growth = source === null || scale === null ? null : { source, scale };
    return (source === null) === (growth === null) ? { view, ...place, growth } : null;
  }
  const by = DIMENSIONS.find((known) => known === detail);
  if (by === undefined) return null;
  if (view === 'why') return { view, ...place, source };
  if (view === 'nodes' || view === 'hygiene' || view === 'project') return { view, ...place };
  if (view === 'source' && source !== null) return { view, ...place, source };
  return view === 'report' || view === 'source' ? { view: 'report', ...place, by } : null;
}

/** The overview of all clusters that answers a question about none of them. `by` and `window` are for what it opens. */
export interface OverviewRequest {
  readonly about: (typeof OVERVIEWS)[number];
  readonly by: Dimension;
  /** Milliseconds back from now. */
  readonly window: number;
  readonly page?: TablePosition;
}
const OVERVIEWS = ['report', 'nodes', 'history'] as const;
/** In the place of a cluster. No cluster's key has this character. */
const ALL = '*';

/** `report|source|*|24h|99` */
export function overviewValue({ about, by, window, page = 0 }: OverviewRequest): string {
  return [about, by, ALL, durationText(window), page].join(SEPARATOR);
}

/** Null for a value of a view. */
export function readOverview(value: string): OverviewRequest | null {
  const [view, detail, cluster, duration = '', from] = value.split(SEPARATOR);
  const about = OVERVIEWS.find((known) => known === view);
  const by = DIMENSIONS.find((known) => known === detail);
  const window = parseDuration(duration);
  if (from === undefined || !/^\d{1,9}$/.test(from) || cluster !== ALL) return null;
  return about === undefined || by === undefined || window === null ? null : { about, by, window, page: Number(from) };
}

/** The list of a cluster's alerts, or of all with null. */
export interface BoardPage {
  /** Its key on a button that is read. */
  readonly cluster: string | null;
  readonly page: TablePosition;
}
const BOARD = 'alerts';

/** `alerts|*|99` */
export function boardValue({ cluster, page }: BoardPage): string {
  return [BOARD, cluster === null ? ALL : keyOf(cluster), page].join(SEPARATOR);
}

/** Null for another value. */
export function readBoard(value: string): BoardPage | null {
  const [view, cluster, from, ...rest] = value.split(SEPARATOR);
  if (view !== BOARD || !cluster || from === undefined || !/^\d{1,9}$/.test(from) || rest.length > 0) return null;
  return { cluster: cluster === ALL ? null : cluster, page: Number(from) };
}

/** The pools that applications report: of one app or of all, to one cluster or to all. */
export interface PoolsPage {
  /** Null for all apps; its key on a button that is read. */
  readonly app: string | null;
  /** Null for every cluster. `none`: servers of no monitored cluster. Its key on a button that is read. */
  readonly cluster: string | { readonly none: true } | null;
  readonly page: TablePosition;
}
const POOLS = 'pools';

/** `pools|billing|prod|0`, `pools|*|*|99`; without a cluster, `pools|billing||0` */
export function poolsValue({ app, cluster, page }: PoolsPage): string {
  const place = cluster === null ? ALL : typeof cluster === 'string' ? keyOf(cluster) : '';
  return [POOLS, app === null ? ALL : keyOf(app), place, page].join(SEPARATOR);
}

/** Null for another value. */
export function readPools(value: string): PoolsPage | null {
  const [view, app, cluster, from, ...rest] = value.split(SEPARATOR);
  if (view !== POOLS || !app || cluster === undefined || rest.length > 0) return null;
  if (from === undefined || !/^\d{1,9}$/.test(from)) return null;
  const place = cluster === ALL ? null : cluster === '' ? ({ none: true } as const) : cluster;
  return { app: app === ALL ? null : app, cluster: place, page: Number(from) };
}

/** Whether `key` was made from this cluster's name or source's id. */
export function matchesKey(text: string, key: string): boolean {
  return keyOf(text) === key;
}

/** For a button: the id of an alert, a group or a silence. It works at any age. */
export function recordValue(id: string): string {
  return id.length <= LONGEST_VALUE ? id : recordKey(id);
}

/** For an option: works while the alert is in the list. */
export function recordKey(id: string): string {
  return hashed(id);
}

/** The text itself if it is short and plain, else 96 bits of its hash. */
function keyOf(text: string): string {
  if (text.length <= LONGEST_KEY && plain.test(text)) return text;
  return hashed(text);
}

function hashed(text: string): string {
  return `#${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`;
}

/** For an option that accepts the level of an alert: works while the alert is in the list. */
export function acceptValue(id: string): string {
  return `${ACCEPT}${recordKey(id)}`;
}

const ACCEPT = 'accept';

/** The key of the alert whose level is accepted; null for another option. */
export function readAccept(value: string): string | null {
  return value.startsWith(`${ACCEPT}#`) ? value.slice(ACCEPT.length) : null;
}

// The value of a button that silences one of several targets. It holds the whole request, so the bot stores nothing.

export interface Chosen {
  readonly target: SilenceTarget;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly reason: string | null;
  readonly hold: boolean;
}

/** Slack's limit for a button's value. */
const LONGEST = 2_000;

/** Null when the names are too long for a button. */
export function chosenValue({ target, until, reason, hold }: Chosen): string | null {
  const { cluster, source, node, rule, who } = target;
  const value = JSON.stringify([cluster, source, node, rule, who, until, hold, reason]);
  return value.length <= LONGEST ? value : null;
}

/** Null for a value that the bot never wrote. */
export function readChosen(value: string): Chosen | null {
  const [cluster, source, node, rule, who, until, hold, reason] = listOf(jsonIn(value));
  const texts = [cluster, source, node, reason].map(textOrNull);
  const [inCluster, ofSource, ofNode, why] = texts;
  if (typeof who !== 'string' || typeof until !== 'number' || typeof hold !== 'boolean') return null;
  const ofRule = typeof rule === 'string' && isRuleName(rule) ? rule : null;
  if (inCluster === undefined || ofSource === undefined || ofNode === undefined || why === undefined) return null;
  // Without an unknown rule, the silence would cover every rule.
  if (rule !== null && ofRule === null) return null;
  return {
    target: { cluster: inCluster, source: ofSource, node: ofNode, rule: ofRule, who },
    until,
    reason: why,
    hold,
  };
}

/** Undefined for anything else. */
function textOrNull(value: unknown): string | null | undefined {
  return value === null || typeof value === 'string' ? value : undefined;
}

/** Silences made after the question are not meant. */
export interface EndingAll {
  /** Null for those of all clusters. The name when it is written, its key when it is read: see `matchesKey`. */
  readonly cluster: string | null;
  /** When it was asked, in milliseconds since 1970. */
  readonly asked: number;
}

export function endingAllValue({ cluster, asked }: EndingAll): string {
  return JSON.stringify([asked, cluster === null ? null : keyOf(cluster)]);
}

/** Null for a value that the bot never wrote. */
export function readEndingAll(value: string): EndingAll | null {
  const [asked, cluster] = listOf(jsonIn(value));
  const within = textOrNull(cluster);
  return typeof asked !== 'number' || within === undefined ? null : { cluster: within, asked };
}

// The value of the button that opens the form of a fleet. It names what the form begins with, so that the form is opened
// without a look-up.

export function whatIfValue(cluster: string): string {
  const value = JSON.stringify([cluster]);
  return value.length <= LONGEST_VALUE ? value : '[]';
}

/** The cluster; null for none, so that the form offers tiers alone. */
export function readWhatIf(value: string): string | null {
  return textOrNull(listOf(jsonIn(value))[0]) ?? null;
}
