// What a button or an option carries: which cluster, source and view are meant, in at most 75 characters.
// The same text always has the same key, so that a click still means something after a restart of the bot.

import { createHash } from 'node:crypto';
import type { SilenceTarget } from '../../core/alerting/silence.ts';
import { durationText, parseDuration } from '../../core/base/duration.ts';
import { jsonIn, listOf } from '../../core/base/json.ts';
import { DIMENSIONS, type Dimension } from '../../core/connections/group-by.ts';
import { isRuleName } from '../../core/detection/rules.ts';

export const ACTIONS = {
  refresh: 'refresh',
  nodes: 'nodes',
  share: 'share',
  chooseSource: 'choose_source',
  chooseCluster: 'choose_cluster',
  back: 'back',
  showLast: 'show_last',
  openCluster: 'open_cluster',
  homeRefresh: 'home_refresh',
  homeBack: 'home_back',
  freshReport: 'fresh_report',
  /** Below alerts, groups of them and sources alike: their values say what they are about. */
  alertAcknowledge: 'alert_acknowledge',
  alertSilence: 'alert_silence',
  alertDetails: 'alert_details',
  /** One alert of a group. */
  groupSelect: 'group_select',
  unsilence: 'unsilence',
  /** Which of several targets a command meant. */
  silenceChosen: 'silence_chosen',
  history: 'history',
  history1h: 'history_1h',
  history24h: 'history_24h',
  history7d: 'history_7d',
  history35d: 'history_35d',
  history400d: 'history_400d',
} as const;
export type ActionId = (typeof ACTIONS)[keyof typeof ACTIONS];

/** What Refresh and Back lead to; `project` is the hygiene of all clusters of the project that the cluster is of. */
const TARGET_VIEWS = ['report', 'source', 'nodes', 'hygiene', 'project'] as const;
export type TargetView = (typeof TARGET_VIEWS)[number];

export interface TargetInput {
  /** A cluster's name. */
  readonly cluster: string;
  /** A source's id; null or absent where the whole cluster is meant. */
  readonly source?: string | null;
  readonly by?: Dimension;
  readonly view?: TargetView;
}

/** What `readTarget` found: `cluster` and `source` are keys, to be held against known texts with `matchesKey`. */
export interface ViewTarget {
  readonly cluster: string;
  readonly source: string | null;
  readonly by: Dimension;
  readonly view: TargetView;
}

/** Four fields of at most 7, 6, 28 and 28 characters with three bars between them: 72. */
const LONGEST_KEY = 28;
/** Of a button; Slack takes 2,000, and a modal's metadata has room for one more. */
const LONGEST_VALUE = 1_500;
const SEPARATOR = '|';
/** What may stand as it is: neither the separator nor the mark of a hash is among it. */
const plain = /^[\w.:/ -]+$/;

/** `view|by|cluster|source`, at most 75 characters: the smaller of the documented limits of an option's value. */
export function targetValue({ cluster, source = null, by = 'source', view = 'report' }: TargetInput): string {
  return [view, by, keyOf(cluster), source === null ? '' : keyOf(source)].join(SEPARATOR);
}

/** `history|7d|cluster|source`: no source is the whole cluster. */
export function historyValue(of: {
  readonly cluster: string;
  readonly source: string | null;
  readonly window: number;
}) {
  const { cluster, source, window } = of;
  return ['history', durationText(window), keyOf(cluster), source === null ? '' : keyOf(source)].join(SEPARATOR);
}

/** Null for what we never wrote. */
export function readHistory(
  value: string,
): { readonly cluster: string; readonly source: string | null; readonly window: number } | null {
  const [view, text = '', cluster, source, ...rest] = value.split(SEPARATOR);
  const window = parseDuration(text);
  if (view !== 'history' || window === null || !cluster || source === undefined || rest.length > 0) return null;
  return { cluster, source: source === '' ? null : source, window };
}

/** Null for what we never wrote. */
export function readTarget(value: string): ViewTarget | null {
  const [first, second, cluster, source, ...rest] = value.split(SEPARATOR);
  const view = TARGET_VIEWS.find((known) => known === first);
  const by = DIMENSIONS.find((known) => known === second);
  if (view === undefined || by === undefined || !cluster || source === undefined || rest.length > 0) return null;
  return { view, by, cluster, source: source === '' ? null : source };
}

/** Whether a cluster's name or a source's id is the one that `key` stands for. */
export function matchesKey(text: string, key: string): boolean {
  return keyOf(text) === key;
}

/** Of an alert, a group or a silence, for a button: its id, which leads to it however old it is. */
export function recordValue(id: string): string {
  return id.length <= LONGEST_VALUE ? id : recordKey(id);
}

/** Of an alert, for an option: leads to it as long as the board has it. */
export function recordKey(id: string): string {
  return hashed(id);
}

/** The text itself where it is short and plain, else 96 bits of its hash. */
function keyOf(text: string): string {
  if (text.length <= LONGEST_KEY && plain.test(text)) return text;
  return hashed(text);
}

function hashed(text: string): string {
  return `#${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`;
}

// What a button carries that silences one of several targets: all that was asked for, so that nothing is kept meanwhile.

export interface Chosen {
  readonly target: SilenceTarget;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly reason: string | null;
  readonly hold: boolean;
}

/** Of a button's value. */
const LONGEST = 2_000;

/** Null where a name is so long that no button takes it. */
export function chosenValue({ target, until, reason, hold }: Chosen): string | null {
  const { cluster, source, node, rule, who } = target;
  const value = JSON.stringify([cluster, source, node, rule, who, until, hold, reason]);
  return value.length <= LONGEST ? value : null;
}

/** Null for what we never wrote. */
export function readChosen(value: string): Chosen | null {
  const [cluster, source, node, rule, who, until, hold, reason] = listOf(jsonIn(value));
  const texts = [cluster, source, node, reason].map(textOrNull);
  const [inCluster, ofSource, ofNode, why] = texts;
  if (typeof who !== 'string' || typeof until !== 'number' || typeof hold !== 'boolean') return null;
  const ofRule = typeof rule === 'string' && isRuleName(rule) ? rule : null;
  if (inCluster === undefined || ofSource === undefined || ofNode === undefined || why === undefined) return null;
  // A rule that is no more would leave a silence of everything.
  if (rule !== null && ofRule === null) return null;
  return {
    target: { cluster: inCluster, source: ofSource, node: ofNode, rule: ofRule, who },
    until,
    reason: why,
    hold,
  };
}

/** Undefined for what is neither. */
function textOrNull(value: unknown): string | null | undefined {
  return value === null || typeof value === 'string' ? value : undefined;
}
