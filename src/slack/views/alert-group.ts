// Many alerts that began in one reading: one message with a table. Each alert has its own message in the thread.

import type { ActionsBlock, KnownBlock } from '@slack/types';
import { type Alert, type AlertGroup, type AlertState, endOf, isOpen } from '../../core/alerting/alert.ts';
import { count } from '../../core/base/format.ts';
import { RULES } from '../../core/detection/rules.ts';
import { ACTIONS, recordKey, recordValue } from '../blockkit/action-values.ts';
import { actions, button, context, message, prose, select } from '../blockkit/blocks.ts';
import { bold, link, moment, type Phrase } from '../blockkit/rich-text.ts';
import { figure, type TableCell, table } from '../blockkit/table.ts';
import type { MessageView, TableStyle } from '../blockkit/types.ts';
import { type AlertShown, at, handlingLine, MARKS, mentioned, STATES } from './alert.ts';

export interface GroupShown extends Pick<AlertShown, 'links' | 'mentions' | 'late'> {
  readonly group: AlertGroup;
  readonly alerts: readonly Alert[];
  readonly tables: TableStyle;
}

export function groupView(shown: GroupShown): MessageView {
  const { group, alerts, links, late, mentions } = shown;
  const state = stateOf(alerts);
  const title = groupTitle(group, alerts);
  const handled = sharedHandling(alerts);
  const lines: readonly Phrase[] = [
    ...(handled === null ? [] : [handled]),
    [`Each of them stands in the thread.`],
    ...(links.cluster === null ? [] : [[link(links.cluster, 'Cluster in Atlas')]]),
    ...(mentions.length === 0 ? [] : [mentioned(mentions)]),
  ];
  const judgedAt = Math.max(group.since, ...alerts.map((alert) => alert.judgedAt));
  const small: readonly Phrase[] = [[`${group.cluster} · judged `, at(judgedAt)], ...(late === null ? [] : [late])];
  return message({
    said: [title, ...lines, ...(late === null ? [] : [late])],
    above: [prose([[`${MARKS[state]} `, ...title], ...lines])],
    table: (room) => alertTable(alerts, { tables: shown.tables, room }),
    below: [moves(group, alerts), context(small)],
  });
}

/** `Firing — 7 sources above their usual · prod · after an election at 09:54` */
export function groupTitle({ cluster, cause, since }: AlertGroup, alerts: readonly Alert[]): Phrase {
  const state = stateOf(alerts);
  const open = alerts.filter(isOpen).length;
  const of =
    open === alerts.length || state === 'ended' ? count(alerts.length) : `${count(open)} of ${count(alerts.length)}`;
  const still = open === alerts.length || state === 'ended' ? '' : ' still';
  const critical = alerts.some((alert) => isOpen(alert) && alert.severity === 'critical') ? ' (critical)' : '';
  const headline = `${STATES[state]}${critical} — ${of} ${nounOf(alerts)}${still} ${severalOf(alerts)}`;
  const ends = alerts.map(endOf);
  const times: Phrase = state === 'ended' ? [at(since), ' to ', at(Math.max(since, ...ends))] : ['since ', at(since)];
  return [bold(headline), ' · ', cluster, ' · ', ...times, cause === null ? '' : ` · ${cause}`];
}

/** The state of the open alerts. The group is acknowledged or silenced only when all of them are. */
function stateOf(alerts: readonly Alert[]): AlertState {
  const open = alerts.filter(isOpen);
  const [first] = open;
  if (first === undefined) return 'ended';
  return open.every(({ state }) => state === first.state) ? first.state : 'firing';
}

function nounOf(alerts: readonly Alert[]): string {
  if (alerts.every(({ source }) => source !== null)) return 'sources';
  return alerts.every(({ node }) => node !== null) ? 'nodes' : 'alerts';
}

function severalOf(alerts: readonly Alert[]): string {
  const words = new Set(alerts.map(({ rule }) => RULES[rule].words.several));
  const [only] = words;
  return words.size === 1 && only !== undefined ? only : 'with alerts';
}

/** The last action, if one person handled all alerts at once. */
function sharedHandling(alerts: readonly Alert[]): Phrase | null {
  const [first, ...others] = alerts.filter(isOpen);
  const lastAction = JSON.stringify(first?.lastAction ?? null);
  const isShared = others.every((other) => JSON.stringify(other.lastAction) === lastAction);
  return first === undefined || !isShared ? null : handlingLine(first);
}

function alertTable(
  alerts: readonly Alert[],
  { tables, room }: { readonly tables: TableStyle; readonly room: number },
): KnownBlock | null {
  return table<Row>({
    caption: 'The alerts of this group',
    columns: [
      { title: nounOf(alerts) === 'nodes' ? 'Node' : 'Source', kind: 'name', cell: ({ name }) => name },
      { title: 'Now', kind: 'figure', cell: ({ now }) => now },
      { title: 'Usual', kind: 'figure', cell: ({ usual }) => usual },
      { title: 'Peak', kind: 'figure', cell: ({ peak }) => peak },
      { title: 'State', kind: 'name', cell: ({ state }) => state },
      { title: 'Since', kind: 'name', cell: ({ since }) => since },
    ],
    rows: alerts.map(rowOf),
    rest: (rows) => ({
      name: `and ${count(rows.length)} more`,
      now: '-',
      usual: '-',
      peak: '-',
      state: '-',
      since: '-',
    }),
    style: tables,
    room,
  });
}

interface Row {
  readonly name: string;
  readonly now: TableCell;
  readonly usual: TableCell;
  readonly peak: TableCell;
  readonly state: string;
  readonly since: TableCell;
}

function rowOf({ who, value, usual, peak, state, severity, since }: Alert): Row {
  const critical = severity === 'critical' && state !== 'ended' ? ', critical' : '';
  return {
    name: who,
    now: figure(value),
    usual: usual === null ? '-' : figure(Math.round(usual)),
    peak: figure(peak),
    state: `${STATES[state]}${critical}`,
    since: moment(new Date(since).toISOString(), 'date-time'),
  };
}

function moves({ id, cluster }: AlertGroup, alerts: readonly Alert[]): ActionsBlock | null {
  const open = alerts.filter(isOpen);
  if (open.length === 0) return null;
  const value = recordValue(id);
  return actions([
    select({
      action: ACTIONS.groupSelect,
      placeholder: 'Choose one',
      choices: open.map((alert) => ({ words: `${alert.who}: ${alert.what}`, value: recordKey(alert.id) })),
    }),
    open.some(({ state }) => state === 'firing')
      ? button({
          action: ACTIONS.alertAcknowledge,
          word: 'Acknowledge all',
          value,
          label: `Acknowledge all of these alerts of ${cluster}`,
        })
      : null,
    button({
      action: ACTIONS.alertSilence,
      word: 'Silence all…',
      value,
      label: `Silence all of these alerts of ${cluster}`,
    }),
  ]);
}
