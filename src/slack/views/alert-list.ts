// The list of alerts and silences: the most urgent first, resolved ones last; acknowledged by person, silenced with the
// end; the rules in force.

import type { KnownBlock } from '@slack/types';
import { type Alert, endOf, isOpen } from '../../core/alerting/alert.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import { count, counted, span } from '../../core/base/format.ts';
import { RULE_NAMES, RULES, type RuleBook, ruleWords } from '../../core/detection/rules.ts';
import { subjectName } from '../../core/detection/sentences.ts';
import type { AlertOverview } from '../../core/ports/monitor.ts';
import { ACTIONS, boardValue, recordKey, recordValue } from '../blockkit/action-values.ts';
import { actions, button, context, header, message, prose, select } from '../blockkit/blocks.ts';
import { LIMITS } from '../blockkit/limits.ts';
import { moment, type Phrase, plain } from '../blockkit/rich-text.ts';
import { restName, type TableCell, type TableColumn, table, tablePage } from '../blockkit/table.ts';
import type { MessagePlace, MessageView, TablePage, TableStyle } from '../blockkit/types.ts';
import { at, factsOf, markOf, reasonOf, stateWord, stateWords, titleOf } from './alert.ts';
import { acknowledgedWords, learningLines, silenceLine, stateCounts, waitingLines } from './alert-status.ts';

export interface AlertListInput {
  readonly board: AlertOverview;
  /** Null for all clusters. */
  readonly cluster: string | null;
  readonly tables: TableStyle;
  readonly place: MessagePlace;
  /** The place of the table's first row, from 0. */
  readonly page?: number;
  /** The result of the last action, shown first. */
  readonly notice?: Phrase | null;
}

const MOST_SILENCES = 10;
const MOST_ACKNOWLEDGED = 10;
/** Alerts that the fallback text names. */
const MOST_NAMED = 10;

export function alertsView({ board, cluster, tables, place, notice = null, page = 0 }: AlertListInput): MessageView {
  const alerts = board.alerts.filter((alert) => cluster === null || alert.cluster === cluster);
  const silences = board.silences.filter((one) => cluster === null || one.cluster === null || one.cluster === cluster);
  const open = alerts.filter(isOpen).toSorted(byState);
  const title = boardTitle(open, cluster);
  const quiet: readonly Phrase[] = open
    .filter(({ state }) => state === 'acknowledged')
    .slice(0, MOST_ACKNOWLEDGED)
    .map((alert) => acknowledgedWords(alert, { place }));
  const learning = board.learning.filter((one) => cluster === null || one.cluster === cluster);
  const resolved = resolvedOnce(alerts);
  const listed = [...open.map((alert) => ({ alert, times: 1 })), ...resolved];
  const remarks = [...quiet, ...waitingLines(board.waiting), ...learningLines(learning)];
  const shown = silences.slice(0, MOST_SILENCES);
  const more = silences.length - shown.length;
  const moreLine: Phrase = [`and ${counted(more, 'more silence')}.`];
  return message({
    said: [
      ...(notice === null ? [] : [notice]),
      [title],
      ...listed.slice(0, MOST_NAMED).map(({ alert }) => alertLine(alert)),
      ...remarks,
      ...shown.map((silence) => silenceLine(silence, { place })),
      ...(more > 0 ? [moreLine] : []),
    ],
    above: [notice === null ? null : prose([notice]), header(title)],
    table: (room) => alertTable(listed, { tables, page, room }),
    turnTo: (from) => boardValue({ cluster, page: from }),
    below: [
      detailsMenu(listed.map(({ alert }) => alert)),
      remarks.length === 0 ? null : prose(remarks),
      ...shown.flatMap((silence) => silenceBlocks(silence, place)),
      more > 0 ? prose([moreLine]) : null,
      ...rulesBlocks(board.book),
    ],
  });
}

const ORDER = ['firing', 'acknowledged', 'silenced', 'ended'] as const;

/** Critical before warning before recovering, then what people have seen to. */
function byState(a: Alert, b: Alert): number {
  const calm = ({ calmSince }: Alert) => (calmSince === null ? 0 : 1);
  const critical = ({ severity }: Alert) => (severity === 'critical' ? 0 : 1);
  return (
    ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
    calm(a) - calm(b) ||
    critical(a) - critical(b) ||
    b.since - a.since
  );
}

function boardTitle(open: readonly Alert[], cluster: string | null): string {
  const where = cluster === null ? 'Alerts' : `${plain(cluster, { max: 64 })} — alerts`;
  return `${where}: ${open.length === 0 ? 'none is open' : stateCounts(open)}`;
}

interface Listed {
  readonly alert: Alert;
  /** How many alerts of its rule and source were resolved within the day. */
  readonly times: number;
}

/** The newest of each rule and source, newest first. */
function resolvedOnce(alerts: readonly Alert[]): readonly Listed[] {
  const resolved = alerts.filter((alert) => !isOpen(alert)).toSorted((a, b) => endOf(b) - endOf(a));
  const same = Map.groupBy(resolved, ({ rule, who, cluster }) => JSON.stringify([rule, who, cluster]));
  return [...same.values()].flatMap(([alert, ...before]) =>
    alert === undefined ? [] : [{ alert, times: before.length + 1 }],
  );
}

/** `Warning — Billing API: 412 dormant connections, usually 61, in prod since 09:55` */
function alertLine(alert: Alert): Phrase {
  if (!isOpen(alert)) return titleOf(alert);
  const { cluster, since } = alert;
  return [`${stateWords(alert)} — `, ...factsOf(alert), `, in ${cluster} since `, at(since)];
}

function silenceBlocks(silence: Silence, place: MessagePlace): readonly KnownBlock[] {
  const line = silenceLine(silence, { place });
  const where: Phrase = silence.cluster === null ? line : [...line, ` · ${silence.cluster}`];
  const end = button({
    action: ACTIONS.unsilence,
    word: 'Unsilence',
    value: recordValue(silence.id),
    label: `End the silence of ${silence.who}`,
  });
  return [prose([where]), actions([end])];
}

function detailsMenu(listed: readonly Alert[]): KnownBlock | null {
  const menu = select({
    action: ACTIONS.groupSelect,
    placeholder: 'Details of…',
    choices: listed.map((alert) => ({
      words: `${plain(subjectName(alert), { max: 36 })}: ${alert.rule} (${plain(alert.cluster, { max: 18 })})`,
      value: recordKey(alert.id),
    })),
  });
  return menu === null ? null : actions([menu]);
}

interface Row {
  readonly alert: string;
  readonly what: string;
  readonly since: TableCell;
  readonly cluster: string;
  readonly rule: string;
  readonly why: string;
}

const columns: readonly TableColumn<Row>[] = [
  { title: 'Alert', kind: 'name', cell: ({ alert }) => alert },
  { title: 'Against usual', kind: 'sentence', cell: ({ what }) => what },
  { title: 'Since', kind: 'name', cell: ({ since }) => since },
  { title: 'Cluster', kind: 'name', cell: ({ cluster }) => cluster },
  { title: 'Rule', kind: 'name', cell: ({ rule }) => rule },
  { title: 'Why', kind: 'sentence', cell: ({ why }) => why },
];

function alertTable(
  listed: readonly Listed[],
  { tables, page, room }: { readonly tables: TableStyle; readonly page: number; readonly room: number },
): TablePage | null {
  return tablePage({
    caption: 'Alerts',
    columns,
    rows: listed.map(rowOf),
    rest: (rows, where) => ({
      alert: restName(rows, where),
      ...{ what: '-', since: '-', cluster: '-', rule: '-', why: '-' },
    }),
    from: page,
    style: tables,
    room,
  });
}

function rowOf({ alert, times }: Listed): Row {
  const { cluster, since, rule, calmSince } = alert;
  const { words, hasNoPeak } = RULES[rule];
  const { was, calm } = words;
  const often = times === 1 ? '' : `, the last of ${count(times)}`;
  const lasted = `${was} for ${span(endOf(alert) - since)}${often}`;
  const calmWords = hasNoPeak ? calm : `${calm}: ${figureText(alert)}`;
  const what = calmSince === null ? figureText(alert) : calmWords;
  const isHandled = alert.state === 'acknowledged' || alert.state === 'silenced';
  const standing = isHandled && calmSince === null ? `${what} (${alert.severity})` : what;
  return {
    alert: `${markOf(alert)} ${stateWord(alert)}: ${subjectName(alert)}`,
    what: (isOpen(alert) ? standing : lasted) || '-',
    since: moment(new Date(since).toISOString(), 'date-time'),
    cluster,
    rule,
    why: reasonOf(alert) ?? '-',
  };
}

function figureText({ rule, what, evidence }: Alert): string {
  const refused = rule === 'rejected' ? (evidence?.node?.refused ?? null) : null;
  return refused === null ? what : `${counted(refused.count, 'connection')} refused`;
}

// The rules in force, as a table of text: a message has room for one table, and that is the alerts'.

interface RuleRow {
  readonly rule: string;
  readonly fires: string;
  readonly readings: string;
}

/** Each rule that is on, with its line and unit; then those that are off, the overrides and the repetition. */
function rulesBlocks({ rules, overrides }: RuleBook): readonly KnownBlock[] {
  const rows = RULE_NAMES.flatMap((rule): readonly RuleRow[] => {
    const words = ruleWords(rules, rule);
    return words === null ? [] : [{ rule, ...words }];
  });
  const off = RULE_NAMES.filter((rule) => rules[rule] === null);
  const more = [
    off.length === 0 ? [] : [`Off: ${off.join(', ')}.`],
    overrides.length === 0 ? [] : [`${counted(overrides.length, 'override')} in the settings.`],
    [`An alert that still fires is repeated after ${span(rules.repeat)}.`],
  ].flat();
  const drawn = table<RuleRow>({
    caption: 'Rules',
    columns: [
      { title: 'Rule', kind: 'name', cell: ({ rule }) => rule },
      { title: 'Fires at', kind: 'sentence', cell: ({ fires }) => fires },
      { title: 'Readings', kind: 'name', cell: ({ readings }) => readings },
    ],
    rows,
    rest: () => ({ rule: '-', fires: '-', readings: '-' }),
    style: 'text',
    room: LIMITS.tableCharacters,
  });
  return [...(drawn === null ? [] : [drawn]), context([[more.join(' ')]])];
}
