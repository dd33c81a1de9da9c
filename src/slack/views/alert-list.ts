// The list of alerts and silences: firing with reasons, acknowledged by person, silenced with the end; the rules in
// force.

import type { KnownBlock } from '@slack/types';
import { type Alert, endOf, isOpen } from '../../core/alerting/alert.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import { durationText } from '../../core/base/duration.ts';
import { count, counted } from '../../core/base/format.ts';
import { RULE_NAMES, RULES, type RuleBook, thresholdText } from '../../core/detection/rules.ts';
import type { AlertOverview } from '../../core/ports/monitor.ts';
import { ACTIONS, recordKey, recordValue } from '../blockkit/action-values.ts';
import { actions, button, context, header, message, prose, select } from '../blockkit/blocks.ts';
import { bold, moment, type Phrase, plain } from '../blockkit/rich-text.ts';
import { type TableCell, type TableColumn, table } from '../blockkit/table.ts';
import type { MessagePlace, MessageView, TableStyle } from '../blockkit/types.ts';
import { at, nowOf, STATES } from './alert.ts';
import { acknowledgedWords, learningLines, silenceLine, stateCounts, waitingLines } from './alert-status.ts';

export interface AlertListInput {
  readonly board: AlertOverview;
  /** Null for all clusters. */
  readonly cluster: string | null;
  readonly tables: TableStyle;
  readonly place: MessagePlace;
  /** The result of the last action, shown first. */
  readonly notice?: Phrase | null;
}

const MOST_SILENCES = 10;
const MOST_ACKNOWLEDGED = 10;
const MOST_ENDED = 5;
/** Alerts that the fallback text names. */
const MOST_NAMED = 10;

export function alertsView({ board, cluster, tables, place, notice = null }: AlertListInput): MessageView {
  const alerts = board.alerts.filter((alert) => cluster === null || alert.cluster === cluster);
  const silences = board.silences.filter((one) => cluster === null || one.cluster === null || one.cluster === cluster);
  const open = alerts.filter(isOpen).toSorted(byState);
  const title = titleOf(open, cluster);
  const quiet: readonly Phrase[] = open
    .filter(({ state }) => state === 'acknowledged')
    .slice(0, MOST_ACKNOWLEDGED)
    .map((alert) => acknowledgedWords(alert, { place }));
  const learning = board.learning.filter((one) => cluster === null || one.cluster === cluster);
  const remarks = [...quiet, ...endedLines(alerts), ...waitingLines(board.waiting), ...learningLines(learning)];
  const shown = silences.slice(0, MOST_SILENCES);
  const more = silences.length - shown.length;
  const moreLine: Phrase = [`and ${counted(more, 'more silence')}.`];
  const rules = rulesLine(board.book);
  return message({
    said: [
      ...(notice === null ? [] : [notice]),
      [title],
      ...open.slice(0, MOST_NAMED).map(alertLine),
      ...remarks,
      ...shown.map((silence) => silenceLine(silence, { place })),
      ...(more > 0 ? [moreLine] : []),
    ],
    above: [notice === null ? null : prose([notice]), header(title)],
    table: (room) => alertTable(open, { tables, room }),
    below: [
      detailsMenu(open),
      remarks.length === 0 ? null : prose(remarks),
      ...shown.flatMap((silence) => silenceBlocks(silence, place)),
      more > 0 ? prose([moreLine]) : null,
      context([rules]),
    ],
  });
}

const ORDER = ['firing', 'acknowledged', 'silenced', 'ended'] as const;

function byState(a: Alert, b: Alert): number {
  const critical = ({ severity }: Alert) => (severity === 'critical' ? 0 : 1);
  return ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || critical(a) - critical(b) || b.since - a.since;
}

function titleOf(open: readonly Alert[], cluster: string | null): string {
  const where = cluster === null ? 'Alerts' : `${plain(cluster, { max: 64 })} — alerts`;
  return `${where}: ${open.length === 0 ? 'none is open' : stateCounts(open)}`;
}

/** `Firing: Billing API in prod, 412 dormant connections, usually 61, firing since 09:55` */
function alertLine(alert: Alert): Phrase {
  const { state, severity, who, cluster, since } = alert;
  return [
    `${STATES[state]}${severity === 'critical' ? ' (critical)' : ''}: `,
    bold(who),
    ` in ${cluster}, `,
    ...nowOf(alert),
    ', firing since ',
    at(since),
  ];
}

function endedLines(alerts: readonly Alert[]): readonly Phrase[] {
  // The newest alert comes first.
  const ended = Map.groupBy(
    alerts.filter(({ state }) => state === 'ended'),
    ({ who, cluster }) => JSON.stringify([who, cluster]),
  );
  const more = ended.size - MOST_ENDED;
  return ended.size === 0
    ? []
    : [
        [
          'Ended in the last day: ',
          ...[...ended.values()].slice(0, MOST_ENDED).flatMap(endedWords),
          more > 0 ? ` and ${count(more)} more.` : '.',
        ],
      ];
}

/** `Billing API in prod (09:00)`, `Billing API in prod (3 alerts, the last at 09:00)` */
function endedWords(ended: readonly Alert[], index: number): Phrase {
  const last = ended.reduce((newest, alert) => (endOf(alert) > endOf(newest) ? alert : newest));
  const many = ended.length === 1 ? '' : `${counted(ended.length, 'alert')}, the last at `;
  return [index === 0 ? '' : ', ', bold(last.who), ` in ${last.cluster} (${many}`, at(endOf(last)), ')'];
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

function detailsMenu(open: readonly Alert[]): KnownBlock | null {
  const menu = select({
    action: ACTIONS.groupSelect,
    placeholder: 'Choose an alert',
    choices: open.map(({ id, who, cluster }) => ({
      words: `${plain(who, { max: 50 })} (${cluster})`,
      value: recordKey(id),
    })),
  });
  return menu === null ? null : actions([menu]);
}

interface Row {
  readonly state: string;
  readonly who: string;
  readonly cluster: string;
  readonly what: string;
  readonly since: TableCell;
  readonly why: string;
}

const columns: readonly TableColumn<Row>[] = [
  { title: 'State', kind: 'name', cell: ({ state }) => state },
  { title: 'Alert', kind: 'name', cell: ({ who }) => who },
  { title: 'Cluster', kind: 'name', cell: ({ cluster }) => cluster },
  { title: 'What', kind: 'sentence', cell: ({ what }) => what },
  { title: 'Firing since', kind: 'name', cell: ({ since }) => since },
  { title: 'Why', kind: 'sentence', cell: ({ why }) => why },
];

function alertTable(
  open: readonly Alert[],
  { tables, room }: { readonly tables: TableStyle; readonly room: number },
): KnownBlock | null {
  return table({
    caption: 'Open alerts',
    columns,
    rows: open.map(rowOf),
    rest: (rows) => ({
      state: '-',
      who: `and ${count(rows.length)} more`,
      cluster: '-',
      what: '-',
      since: '-',
      why: '-',
    }),
    style: tables,
    room,
  });
}

function rowOf({ state, severity, who, cluster, what, since, rule, reason, calmSince }: Alert): Row {
  const critical = severity === 'critical' ? ', critical' : '';
  return {
    state: `${STATES[state]}${critical}`,
    who,
    cluster,
    what: calmSince !== null ? `${RULES[rule].words.calm}, ends if it stays so` : what === '' ? '-' : what,
    since: moment(new Date(since).toISOString(), 'date-time'),
    why: reason === '' || calmSince !== null ? rule : `${rule}: ${reason}`,
  };
}

/** `dormant-spike: 2.5 × its usual and 30 more, 2 of 3 readings`, the rules that are off, the number of overrides. */
function rulesLine({ rules, overrides }: RuleBook): Phrase {
  const on = RULE_NAMES.flatMap((rule) => {
    const words = thresholdText(rules, rule);
    return words === null ? [] : [words === '' ? rule : `${rule}: ${words}`];
  });
  const off = RULE_NAMES.filter((rule) => rules[rule] === null);
  const more = overrides.length === 0 ? '' : ` · ${counted(overrides.length, 'override')}`;
  const none = off.length === 0 ? '' : ` · off: ${off.join(', ')}`;
  return [`Rules: ${on.join(' · ')}${none}${more} · repeated after ${durationText(rules.repeat)}.`];
}
