// An incident: the alerts of one story in one message. It is the card of its main alert, with a table of all of them.
// Also what is left of a member's own message, and groups of the version before, which have a message of their own.

import type { ActionsBlock, KnownBlock } from '@slack/types';
import { type Alert, type AlertGroup, endOf, isOpen } from '../../core/alerting/alert.ts';
import { byUrgency, checkedAt, mainOf, toldBy } from '../../core/alerting/incident-story.ts';
import { count, counted, percent, span, sum } from '../../core/base/format.ts';
import { RULES } from '../../core/detection/rules.ts';
import { subjectName } from '../../core/detection/sentences.ts';
import { ACTIONS, recordKey, recordValue } from '../blockkit/action-values.ts';
import { actions, button, context, message, prose, select } from '../blockkit/blocks.ts';
import { bold, link, moment, near, type Phrase, timed } from '../blockkit/rich-text.ts';
import { figure, type TableCell, type TableColumn, table } from '../blockkit/table.ts';
import type { MessageView, TableStyle } from '../blockkit/types.ts';
import { at, handlingLine, markOf, mentioned, stateWord, stateWords, titleOf } from './alert.ts';
import { type AlertShown, cardOf } from './alert-card.ts';
import { changeCell, incidentButtons } from './alert-details.ts';

export interface IncidentShown extends AlertShown {
  /** Its main alert, see `mainOf`. */
  readonly alert: Alert;
  readonly group: AlertGroup;
  readonly members: readonly Alert[];
  readonly tables: TableStyle;
}

export function incidentView(shown: IncidentShown): MessageView {
  const { alert, group, members, tables, hasButtons } = shown;
  const title = incidentTitle(members);
  const card = cardOf({ ...shown, ...toldBy(alert, members) });
  const [course = [], ...impact] = card.head;
  const story = [course, ...beganLine(shown), ...impact, ...storyLines(group, members)];
  return message({
    said: [title, ...story, ...card.said.slice(card.head.length)],
    above: [prose([[`${markOf(alert)} `, ...title], ...story]), ...card.above],
    table: (room) => memberTable(members, { tables, room }),
    below: [card.chart, hasButtons ? incidentButtons(group, { main: alert, rows: rowsOf(members) }) : null, card.small],
  });
}

/** The title of the main alert, with the number of the other rows. */
export function incidentTitle(members: readonly Alert[]): Phrase {
  const main = mainOf(members);
  if (main === null) return ['an incident'];
  const rows = isOpen(main) ? members.filter(isOpen) : members;
  return titleOf({ ...main, judgedAt: checkedAt(members) }, rows.length - 1);
}

/** Two alerts of one node are one place. */
function placeOf({ source, node, cluster }: Alert): string {
  return JSON.stringify([cluster, source, node]);
}

/** The first of its alerts began before the incident was one. */
function startOf({ since }: AlertGroup, members: readonly Alert[]): number {
  return Math.min(since, ...members.map((member) => member.since));
}

/** The main alert may be of a later node. */
function beganLine({ alert, group, members }: IncidentShown): readonly Phrase[] {
  const start = startOf(group, members);
  return isOpen(alert) && start < alert.since ? [['This incident began at ', near(start, alert.judgedAt), '.']] : [];
}

function storyLines(group: AlertGroup, members: readonly Alert[]): readonly Phrase[] {
  const { cause } = group;
  return [
    ...(cause === null ? [] : [[bold('Common cause: '), ...timed(cause, checkedAt(members)), '.']]),
    ...(members.some(isOpen) ? [] : [resolvedLine(group, members), ...otherActs(members)]),
  ];
}

/** What people did to the other alerts of a resolved incident. */
function otherActs(members: readonly Alert[]): readonly Phrase[] {
  const told = mainOf(members)?.lastAction ?? null;
  const acts = new Map(
    members.flatMap((member) => {
      const { lastAction } = member;
      const line = handlingLine(member);
      const isSame = lastAction !== null && told !== null && lastAction.at === told.at && lastAction.act === told.act;
      return lastAction === null || line === null || isSame ? [] : [[`${lastAction.act} ${lastAction.at}`, line]];
    }),
  );
  return [...acts.values()];
}

/** `All 3 alerts of this incident are resolved: 14:31 to 14:56 (25 min). 1,068 connections were refused.` */
function resolvedLine(group: AlertGroup, members: readonly Alert[]): Phrase {
  const start = startOf(group, members);
  const end = Math.max(start, ...members.map(endOf));
  const refused = refusedBy(members);
  const sentence = refused === 0 ? '' : ` ${counted(refused, 'connection')} ${refused === 1 ? 'was' : 'were'} refused.`;
  return [
    `All ${counted(members.length, 'alert')} of this incident are resolved: `,
    ...[at(start), ' to ', at(end), ` (${span(end - start)}).${sentence}`],
  ];
}

/** Connections that the nodes refused during the incident. A node's two alerts count the same connections. */
function refusedBy(members: readonly Alert[]): number {
  const counts = members.flatMap(({ rule, evidence }) => {
    const node = evidence?.node ?? null;
    return node === null || node.refused === null ? [] : [{ host: node.host, rule, many: node.refused.count }];
  });
  const nodes = [...Map.groupBy(counts, ({ host }) => host).values()];
  return sum(nodes, (seen) => {
    const own = seen.filter(({ rule }) => rule === 'rejected');
    return Math.max(
      sum(own, ({ many }) => many),
      ...seen.map(({ many }) => many),
    );
  });
}

interface MemberRow {
  readonly name: string;
  readonly now: TableCell;
  readonly usual: TableCell;
  readonly change: TableCell;
  readonly end: TableCell;
  readonly lasted: string;
  readonly state: string;
}

/** Of resolved alerts alone, the peak, the value at the end and the duration are what is left to tell. */
function memberTable(
  members: readonly Alert[],
  { tables, room }: { readonly tables: TableStyle; readonly room: number },
): KnownBlock | null {
  const isOver = !members.some(isOpen);
  const several = new Set(
    [...Map.groupBy(members, placeOf)].flatMap(([place, alerts]) => (alerts.length > 1 ? [place] : [])),
  );
  const name: TableColumn<MemberRow> = { title: 'Source or node', kind: 'name', cell: (row) => row.name };
  const usual: TableColumn<MemberRow> = { title: 'Usual', kind: 'figure', cell: (row) => row.usual };
  const columns: readonly TableColumn<MemberRow>[] = isOver
    ? [
        name,
        { title: 'Peak', kind: 'figure', cell: ({ now }) => now },
        { title: 'At the end', kind: 'figure', cell: ({ end }) => end },
        usual,
        { title: 'Lasted', kind: 'name', cell: ({ lasted }) => lasted },
      ]
    : [
        name,
        { title: 'Now', kind: 'figure', cell: ({ now }) => now },
        usual,
        { title: 'Change', kind: 'figure', cell: ({ change }) => change },
        { title: 'State', kind: 'name', cell: ({ state }) => state },
      ];
  return table<MemberRow>({
    caption: 'The alerts of this incident',
    columns,
    rows: rowsOf(members).map((alert) => {
      const value = isOver ? alert.peak : alert.value;
      return {
        name: `${subjectName(alert)}${several.has(placeOf(alert)) ? `, ${alert.rule}` : ''}`,
        now: valueCell(alert, value),
        usual: alert.usual === null ? '-' : valueCell(alert, alert.usual),
        // Of refused connections the peak is the sum.
        end: alert.rule === 'rejected' ? '-' : valueCell(alert, alert.value),
        change: alert.usual === null ? '-' : changeCell(Math.round(value) - Math.round(alert.usual)),
        lasted: span(endOf(alert) - alert.since),
        state: `${markOf(alert)} ${stateWords(alert)}`,
      };
    }),
    rest: (rows) => ({
      name: `and ${count(rows.length)} more`,
      ...{ now: '-', usual: '-', change: '-', end: '-', lasted: '-', state: '-' },
    }),
    style: tables,
    room,
  });
}

/** The most urgent first; among equals the largest growth. */
function rowsOf(members: readonly Alert[]): readonly Alert[] {
  const growth = ({ value, usual }: Alert) => value - (usual ?? 0);
  return members.toSorted((a, b) => byUrgency({ ...a, since: 0 }, { ...b, since: 0 }) || growth(b) - growth(a));
}

/** `3,000 (100 %)`, `1,068 refused`, `25.5 a second`, `412` */
function valueCell({ rule, evidence }: Alert, value: number): TableCell {
  const node = evidence?.node ?? null;
  switch (rule) {
    case 'node-headroom':
      return node === null ? figure(value) : { value, text: `${count(value)} (${percent(value / node.limit)})` };
    case 'rejected': {
      const refused = node?.refused?.count ?? value;
      return { value: refused, text: `${count(refused)} refused` };
    }
    case 'churn':
      return { value, text: `${value.toFixed(1)} a second` };
    case 'clients':
      return { value, text: `${count(value)} clients` };
    case 'pool-exhausted':
      return { value, text: counted(value, 'process') };
    case 'unreadable':
      return '-';
    default:
      return figure(Math.round(value));
  }
}

/** A member's own message after it became a row: no figure and no state, because it is not edited again. */
export function joinedView({
  alert,
  permalink,
}: {
  readonly alert: Alert;
  /** Of the incident's message. */
  readonly permalink: string | null;
}): MessageView {
  const incident = permalink === null ? 'its message in this channel' : link(permalink, 'its message');
  const line: Phrase = [
    bold(subjectName(alert)),
    ` (${alert.rule}) is part of an incident of ${alert.cluster}: `,
    incident,
    '.',
  ];
  return message({ said: [line], above: [prose([['↪️ ', ...line]])], below: [] });
}

// Groups of the version before.

export interface GroupShown extends Pick<AlertShown, 'links' | 'mentions' | 'late'> {
  readonly group: AlertGroup;
  readonly alerts: readonly Alert[];
  readonly tables: TableStyle;
}

export function groupView(shown: GroupShown): MessageView {
  const { group, alerts, links, late, mentions } = shown;
  const title = groupTitle(group, alerts);
  const handled = sharedHandling(alerts);
  const lines: readonly Phrase[] = [
    ...(handled === null ? [] : [handled]),
    [`Each of them stands in the thread.`],
    ...(links.cluster === null ? [] : [[link(links.cluster, 'Cluster in Atlas')]]),
    ...(mentions.length === 0 ? [] : [mentioned(mentions)]),
  ];
  const judgedAt = Math.max(group.since, ...alerts.map((alert) => alert.judgedAt));
  const small: readonly Phrase[] = [
    [`${group.cluster} · last checked `, at(judgedAt)],
    ...(late === null ? [] : [late]),
  ];
  return message({
    said: [title, ...lines, ...(late === null ? [] : [late])],
    above: [prose([[`${markOf(facedAs(alerts))} `, ...title], ...lines])],
    table: (room) => alertTable(alerts, { tables: shown.tables, room }),
    below: [moves(group, alerts), context(small)],
  });
}

/** `Warning — 7 sources above their usual · prod · after an election at 09:54` */
export function groupTitle({ cluster, cause, since }: AlertGroup, alerts: readonly Alert[]): Phrase {
  const faced = facedAs(alerts);
  const open = alerts.filter(isOpen).length;
  const isOver = open === 0;
  const of = open === alerts.length || isOver ? count(alerts.length) : `${count(open)} of ${count(alerts.length)}`;
  const still = open === alerts.length || isOver ? '' : ' still';
  const headline = `${stateWord(faced)} — ${of} ${nounOf(alerts)}${still} ${severalOf(alerts)}`;
  const ends = alerts.map(endOf);
  const times: Phrase = isOver ? [at(since), ' to ', at(Math.max(since, ...ends))] : ['since ', at(since)];
  return [bold(headline), ' · ', cluster, ' · ', ...times, cause === null ? '' : ` · ${cause}`];
}

/** The state of the open alerts. The group is acknowledged, silenced or recovering only when all of them are. */
function facedAs(alerts: readonly Alert[]): Pick<Alert, 'state' | 'severity' | 'calmSince'> {
  const open = alerts.filter(isOpen);
  const [first] = open;
  const severity = open.some((alert) => alert.severity === 'critical') ? 'critical' : 'warning';
  if (first === undefined) return { state: 'ended', severity, calmSince: null };
  const state = open.every((alert) => alert.state === first.state) ? first.state : 'firing';
  return { state, severity, calmSince: open.some(({ calmSince }) => calmSince === null) ? null : first.calmSince };
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

function rowOf(alert: Alert): Row {
  const { who, value, usual, peak, since } = alert;
  return {
    name: who,
    now: figure(value),
    usual: usual === null ? '-' : figure(Math.round(usual)),
    peak: figure(peak),
    state: stateWords(alert),
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
      choices: open.map((alert) => ({
        words: `${alert.who}: ${alert.rule}, ${alert.what}`,
        value: recordKey(alert.id),
      })),
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
