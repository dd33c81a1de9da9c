// The details of one alert, for one person: growth by source, app, address, driver and node, and the ways from there.
// Also the buttons that an alert has everywhere.

import type { ActionsBlock, Button, KnownBlock, Overflow } from '@slack/types';
import { type Alert, type AlertGroup, isOpen } from '../../core/alerting/alert.ts';
import { clipped, count, counted, joinWords } from '../../core/base/format.ts';
import { isAboutApp, isAcceptable } from '../../core/detection/rules.ts';
import { subjectName } from '../../core/detection/sentences.ts';
import { isPartlyNamed } from '../../core/evidence/culprits.ts';
import type { AlertEvidence, Culprit, Grown, PoolImpact } from '../../core/evidence/evidence.ts';
import { appOfSource, waitText } from '../../core/pools/look.ts';
import { DEFAULT_WINDOW } from '../../core/snapshots/time-window.ts';
import { ACTIONS, acceptValue, poolsValue, recordKey, recordValue, viewValue } from '../blockkit/action-values.ts';
import { actions, button, context, message, overflow, prose, select } from '../blockkit/blocks.ts';
import { bold, code, link, type Phrase } from '../blockkit/rich-text.ts';
import { figure, type NumberCell, restName, type TableCell, table } from '../blockkit/table.ts';
import type { MessagePlace, MessageView, TableStyle } from '../blockkit/types.ts';
import { at, handlingLine, markOf, reasonOf, stateWord, titleOf } from './alert.ts';
import { processesLine, processName, useFigure } from './alert-status.ts';
import { homeBack, whyButton } from './buttons.ts';

/** Below an open alert's message. */
export function alertButtons(alert: Alert): ActionsBlock {
  const { id, who: name } = alert;
  const details = button({
    action: ACTIONS.alertDetails,
    word: 'Details',
    value: recordValue(id),
    label: `Details of ${name}`,
  });
  return actions([...handlingButtons(alert), details, whyOf(alert), rareMoves(alert)]);
}

/** Of the alert's source; of a node's alert the largest culprit. Null where no source is named. */
function whyOf({ cluster, rule, source, who: name, evidence }: Alert): Button | null {
  if (isAboutApp(rule)) return null;
  const [culprit] = evidence?.culprits ?? [];
  const named = source !== null ? { id: source, name } : culprit && { id: culprit.source, name: culprit.name };
  return named === undefined ? null : whyButton({ cluster, source: named }, ACTIONS.alertWhy);
}

function handlingButtons({ id, state, who: name }: Alert): readonly (Button | null)[] {
  const value = recordValue(id);
  return [
    state === 'firing'
      ? button({ action: ACTIONS.alertAcknowledge, word: 'Acknowledge', value, label: `Acknowledge: ${name}` })
      : null,
    button({ action: ACTIONS.alertSilence, word: 'Silence…', value, label: `Silence: ${name}` }),
  ];
}

/** Null without a usual that could be accepted. Slack wants at least two options, so the history is one. */
function rareMoves({ id, cluster, source, rule }: Alert): Overflow | null {
  if (source === null || !isAcceptable(rule)) return null;
  const history = viewValue({ view: 'history', cluster, source: { id: source }, window: DEFAULT_WINDOW });
  return overflow({
    action: ACTIONS.alertMore,
    choices: [
      { words: 'This is normal now', value: acceptValue(id) },
      { words: 'History of the last day', value: history },
    ],
  });
}

/** They act on all open alerts; the menu leads to one. */
export function incidentButtons(
  { id, cluster }: AlertGroup,
  { main, rows }: { readonly main: Alert; readonly rows: readonly Alert[] },
): ActionsBlock | null {
  const open = rows.filter(isOpen);
  if (open.length === 0) return null;
  const value = recordValue(id);
  const all = open.length === 1 ? '' : ' all';
  return actions([
    open.some(({ state }) => state === 'firing')
      ? button({
          action: ACTIONS.alertAcknowledge,
          word: `Acknowledge${all}`,
          value,
          label: `Acknowledge the alerts of this incident of ${cluster}`,
        })
      : null,
    button({
      action: ACTIONS.alertSilence,
      word: `Silence${all}…`,
      value,
      label: `Silence the alerts of this incident of ${cluster}`,
    }),
    button({
      action: ACTIONS.alertDetails,
      word: 'Details',
      value: recordValue(main.id),
      label: `Details of ${main.who}`,
    }),
    whyOf(main),
    select({
      action: ACTIONS.groupSelect,
      placeholder: 'One of them…',
      choices: rows.map((alert) => ({
        words: `${subjectName(alert)}: ${alert.rule}, ${stateWord(alert).toLowerCase()}`,
        value: recordKey(alert.id),
      })),
    }),
  ]);
}

interface DetailsShown {
  readonly alert: Alert;
  readonly evidence: AlertEvidence;
  /** The slash command's name. */
  readonly command: string;
  readonly tables: TableStyle;
  readonly place: MessagePlace;
}

export function detailsView({ alert, evidence, command, tables, place }: DetailsShown): MessageView {
  const { rule, cluster, judgedAt } = alert;
  const reason = reasonOf(alert);
  const { readAt, culprits } = evidence;
  const title = titleOf(alert);
  const handled = handlingLine(alert);
  const read: Phrase =
    readAt === null
      ? ['no reading yet']
      : [culprits.length === 0 ? 'nothing grew, as read at ' : 'as read at ', at(readAt)];
  const { pools } = evidence;
  const lines: readonly Phrase[] = [
    ...(handled === null ? [] : [handled]),
    ...(reason === null ? [] : [[bold('Why: '), reason]]),
    ...(pools === undefined
      ? [[bold('Growth against the usual'), ', ', ...read, '.']]
      : [[bold('Processes that wait most'), ', as of ', at(pools.at), '.'], ...processesLine(alert, command)]),
  ];
  return message({
    said: [title, ...lines],
    above: [prose([[`${markOf(alert)} `, ...title], ...lines])],
    table: (room) =>
      pools === undefined ? growthTable(alert, { culprits, tables, room }) : processTable(pools, { tables, room }),
    below: [
      moves(alert, place),
      context([[`${rule} on ${cluster} · last checked `, at(judgedAt)], ownerSettings(alert)]),
    ],
  });
}

/** The question after "This is normal now". It lasts longer than a silence, and nothing takes it back. */
export function acceptQuestionView(alert: Alert): MessageView {
  const { id, what, cluster } = alert;
  const lines: readonly Phrase[] = [
    [bold(subjectName(alert)), ` in ${cluster} has ${what}. Is this level normal from now on?`],
    [
      'Then the alert is resolved, and the usual begins at the level of the last hours. A later fall is learned in days.',
    ],
  ];
  const yes = button({
    action: ACTIONS.alertAccept,
    word: 'Yes, this is normal',
    value: acceptValue(id),
    label: `Accept the level of ${subjectName(alert)}`,
    isGrave: true,
  });
  return message({ said: lines, above: [prose(lines)], below: [actions([yes])] });
}

/** Where an owner is set. A label names the clients of a source. */
function ownerSettings({ source, rule }: Alert): Phrase {
  return [
    'The owner and the runbook are set by ',
    code('owner'),
    ' and ',
    code('runbook'),
    ...(source === null || isAboutApp(rule) ? [' on a route ('] : [' on a label (', code('labels'), '), a route (']),
    code('slack.routes'),
    ') or an override (',
    code('rules.overrides'),
    ').',
  ];
}

/** Answers "This is normal now": the accepted alerts, else why none was. */
export function acceptedView({
  done,
  before,
}: {
  readonly done: readonly Alert[];
  readonly before: readonly Alert[];
}): MessageView {
  const lines = [
    ...done.map(
      (alert): Phrase => [
        'Accepted as normal: ',
        bold(subjectName(alert)),
        `, ${alert.what}. The alert is resolved, and the usual begins at the level of the last hours.`,
      ],
    ),
    ...before.map(
      (alert): Phrase => [
        bold(subjectName(alert)),
        isOpen(alert) ? ' was not accepted: it changed meanwhile. Try again.' : ' is resolved already.',
      ],
    ),
  ];
  return message({ said: lines, above: [prose(lines)], below: [] });
}

/** To all processes of an app; null for other alerts. */
function poolsOf({ source, cluster, who: name }: Alert): Button | null {
  const app = appOfSource(source);
  if (app === null) return null;
  const value = poolsValue({ app, cluster, page: 0 });
  return button({ action: ACTIONS.pools, word: 'Pools', value, label: `Pools of ${name}` });
}

/** To the newest reading, and what can be done about the alert. */
function moves(alert: Alert, place: MessagePlace): ActionsBlock {
  const { cluster, source, node, rule } = alert;
  const open =
    source === null || isAboutApp(rule)
      ? button({
          action: ACTIONS.nodes,
          word: node === null && source === null ? 'Read the cluster' : 'Read the nodes',
          value: viewValue({ view: 'nodes', cluster }),
          label: `Nodes of ${cluster}`,
        })
      : button({
          action: ACTIONS.chooseSource,
          word: 'Read the source',
          value: viewValue({ view: 'source', cluster, source: { id: source } }),
          label: `Newest reading of ${alert.who}`,
        });
  const handling = isOpen(alert) ? [...handlingButtons(alert), rareMoves(alert)] : [];
  return actions([place.kind === 'home' ? homeBack(cluster) : null, open, whyOf(alert) ?? poolsOf(alert), ...handling]);
}

interface Row {
  readonly what: string;
  readonly now: TableCell;
  readonly usual: TableCell;
  readonly change: TableCell;
  readonly source: string;
}

/** Each source is followed by its parts. */
function growthTable(
  alert: Alert,
  {
    culprits,
    tables,
    room,
  }: { readonly culprits: readonly Culprit[]; readonly tables: TableStyle; readonly room: number },
): KnownBlock | null {
  const isOne = alert.source !== null;
  return table<Row>({
    caption: `Growth of ${subjectName(alert)}`,
    columns: [
      { title: 'What', kind: 'name', cell: ({ what }) => what },
      { title: 'Now', kind: 'figure', cell: ({ now }) => now },
      { title: 'Usual', kind: 'figure', cell: ({ usual }) => usual },
      { title: 'Change', kind: 'figure', cell: ({ change }) => change },
      ...(isOne ? [] : [{ title: 'Source', kind: 'name' as const, cell: ({ source }: Row) => source }]),
    ],
    rows: culprits.flatMap(rowsOf),
    rest: (rows) => ({
      what: `and ${counted(rows.length, 'more row')}`,
      now: '-',
      usual: '-',
      change: '-',
      source: '-',
    }),
    style: tables,
    room,
  });
}

function rowsOf({ name, now, usual, more, grown, clients }: Culprit): readonly Row[] {
  const row = (what: string, part: Pick<Grown, 'now' | 'usual' | 'more'>): Row => ({
    what,
    now: figure(part.now),
    usual: part.usual === null ? null : figure(part.usual),
    change: changeCell(part.more),
    source: name,
  });
  const instances: readonly Row[] =
    clients === null
      ? []
      : [{ what: 'MongoClients', now: clients.now, usual: clients.usual, change: '-', source: name }];
  return [
    row(name, { now, usual, more }),
    ...grown.map((part) => row(`${part.kind} ${part.name}`, part)),
    ...instances,
  ];
}

interface ProcessRow {
  readonly process: string;
  readonly use: string;
  readonly wait: string;
  readonly waiting: TableCell;
  readonly timeouts: TableCell;
}

/** Of an app's alert. */
function processTable(
  { worst }: PoolImpact,
  { tables, room }: { readonly tables: TableStyle; readonly room: number },
): KnownBlock | null {
  return table<ProcessRow>({
    caption: 'Processes that wait most',
    columns: [
      { title: 'Process', kind: 'name', cell: ({ process }) => process },
      { title: 'In use', kind: 'name', cell: ({ use }) => use },
      { title: 'Mean wait', kind: 'name', cell: ({ wait }) => wait },
      { title: 'Waiting', kind: 'figure', cell: ({ waiting }) => waiting },
      { title: 'Timeouts', kind: 'figure', cell: ({ timeouts }) => timeouts },
    ],
    rows: worst.map((one) => ({
      process: processName(one),
      use: useFigure(one),
      wait: one.meanWaitMs === null ? '-' : waitText(one.meanWaitMs),
      waiting: figure(one.waiting),
      timeouts: figure(one.timeouts),
    })),
    rest: (rows, where) => ({ process: restName(rows, where), use: '-', wait: '-', waiting: '-', timeouts: '-' }),
    style: tables,
    room,
  });
}

/** `+1,842`, `-12` */
export function changeCell(more: number): NumberCell {
  return { value: more, text: more < 0 ? `-${count(-more)}` : `+${count(more)}` };
}

// A culprit in words, for the card.

const LONGEST_NAME = 60;
export const nameOf = (name: string): string => clipped(name, LONGEST_NAME);

/**
 * `Billing API +1,842 (1,903 on this node, usually 61): app billing; on all nodes from 203.0.113.9 +980 and other
 * addresses. 40 MongoClients, usually 12. → its alert`; of a source's alert without the name.
 */
export function culpritLine(
  culprit: Culprit,
  told: {
    readonly place: string;
    readonly isNamed: boolean;
    /** Its figures are those on all nodes. */
    readonly onAll: boolean;
    /** Of the alert of the source; null for none. */
    readonly permalink: string | null;
  },
): Phrase {
  const { name, now, usual, more, grown, clients } = culprit;
  const { place, isNamed, onAll, permalink } = told;
  const against =
    usual === null ? `${count(now)}${place}, usual unknown` : `${count(now)}${place}, usually ${count(usual)}`;
  const from = addressWords(culprit);
  // Parts are counted on all nodes. Beside the figure of a node, that of its app would only confuse.
  const parts = onAll
    ? [partWords(grown, 'app', withMore), from, partWords(grown, 'node', withMore)]
    : [partWords(grown, 'app', nameOf), from === '' ? '' : `on all nodes from ${from}`];
  const where = parts.filter((words) => words !== '').join('; ');
  const instances = clients === null ? '' : ` ${clientsWords(clients)}.`;
  return [
    ...(isNamed ? [bold(`${nameOf(name)} `)] : []),
    `${changeCell(more).text} (${against})${where === '' ? '' : `: ${where}`}.${instances}`,
    ...(permalink === null ? [] : [' → ', link(permalink, 'its alert')]),
  ];
}

const withMore = (name: string, more: number): string => `${nameOf(name)} ${changeCell(more).text}`;

const grownOf = (grown: readonly Grown[], kind: Grown['kind']): readonly Grown[] =>
  grown.filter((part) => part.kind === kind && part.more > 0);

/** `app billing +212 and cron +40`; empty for none. */
function partWords(
  grown: readonly Grown[],
  kind: 'app' | 'node',
  worded: (name: string, more: number) => string,
): string {
  const words = grownOf(grown, kind).map(({ name, more }) => worded(name, more));
  return words.length === 0 ? '' : `${kind} ${joinWords(words)}`;
}

/** `203.0.113.9 +980, 203.0.113.14 +860 and other addresses`; empty for none. */
function addressWords(culprit: Culprit): string {
  const words = grownOf(culprit.grown, 'address').map(({ name, more }) => withMore(name, more));
  return joinWords(isPartlyNamed(culprit) ? [...words, 'other addresses'] : words);
}

/** `40 MongoClients, usually 12` */
function clientsWords({ now, usual }: NonNullable<Culprit['clients']>): string {
  return `${now} MongoClients${usual === null ? '' : `, usually ${usual}`}`;
}
