// The pools that applications report: all apps, and one app by process, beside what the nodes count.

import type { ActionsBlock } from '@slack/types';
import { clipped, count, counted, sum } from '../../core/base/format.ts';
import { shortHosts } from '../../core/connections/node-usage.ts';
import { seenAlone, seenInWords } from '../../core/pools/seen.ts';
import type { AppPools, PoolFigures, PoolsView, ProcessPools } from '../../core/pools/view.ts';
import {
  addressPools,
  driverText,
  figuresIn,
  peakText,
  placeText,
  processesText,
  rateText,
  staleInWords,
  staleText,
  startOf,
  totalsText,
  troubleInWords,
  UNKNOWN_RATE_NOTE,
  waitText,
} from '../../core/pools/words.ts';
import { ACTIONS, type PoolsPage, poolsValue } from '../blockkit/action-values.ts';
import { actions, button, context, header, message, prose, select } from '../blockkit/blocks.ts';
import { LIMITS } from '../blockkit/limits.ts';
import { bold, code, moment, type Phrase, plain } from '../blockkit/rich-text.ts';
import { figure, restName, type TableCell, tablePage } from '../blockkit/table.ts';
import type { MessagePlace, MessageView, TablePage, TableStyle } from '../blockkit/types.ts';
import { sharerLines } from '../views/notes.ts';

interface PoolsViewInput {
  readonly view: PoolsView;
  readonly tables: TableStyle;
  readonly place: MessagePlace;
  /** What is shown, for the buttons: see `poolsValue`. */
  readonly shown: PoolsPage;
}

const LONGEST_NAME = 60;
/** Apps with a line of their own above the table. */
const MOST_IN_WORDS = 3;
const MOST_NODES = 5;
const nameOf = (name: string) => clipped(name, LONGEST_NAME);

/** @param input.title which pools they are */
export function poolsListView(
  input: PoolsViewInput & { readonly title: string; readonly command: string },
): MessageView {
  const { view, place, shown, command } = input;
  const title = `${input.title}: ${totalsText(view)}`;
  const lines = [...sharerLines(place), ...troubleLines(view), ...staleLines(view)];
  const menu = select({
    action: ACTIONS.pools,
    placeholder: 'Choose an app',
    choices: view.apps.slice(0, LIMITS.options).map((app) => ({
      words: `${plain(app.app, { max: 30 })} (${count(app.now.open)}), ${plain(placeText(app), { max: 24 })}`,
      value: poolsValue(pageOf(app)),
    })),
  });
  const [first] = view.apps;
  const hint: readonly Phrase[] =
    first === undefined ? [] : [['One app by process: ', code(`${command} pools "${nameOf(first.app)}"`)]];
  return message({
    said: [[title], ...lines, ...view.apps.map(saidOf)],
    above: [header(title), lines.length === 0 ? null : prose(lines)],
    table: (room) => appsTable({ ...input, room }),
    turnTo: (page) => poolsValue({ ...shown, page }),
    below: [menuAndButtons(menu === null ? [] : [menu], { place, shown }), footer(view, hint)],
  });
}

const pageOf = (app: AppPools): PoolsPage => ({ app: app.app, cluster: app.cluster ?? { none: true }, page: 0 });

/** The table in words, for people who cannot see it. */
function saidOf(app: AppPools): Phrase {
  const { now } = app;
  return [
    `${nameOf(app.app)} (${placeText(app)}): ${count(now.open)} open, ${count(now.inUse)} in use, ${count(now.waiting)} waiting`,
  ];
}

/** What keeps checkouts waiting comes first. */
function troubleLines({ apps }: PoolsView): readonly Phrase[] {
  const found = apps.flatMap((app) => {
    const trouble = troubleInWords(app);
    return trouble === null ? [] : [{ app, trouble }];
  });
  const more = found.length - MOST_IN_WORDS;
  return [
    ...found.slice(0, MOST_IN_WORDS).map(({ app, trouble }): Phrase => [bold(nameOf(app.app)), `: ${trouble}`]),
    ...(more > 0 ? [[`and ${counted(more, 'more app')} whose checkouts waited in vain.`]] : []),
  ];
}

function staleLines({ apps }: PoolsView): readonly Phrase[] {
  const stale = apps.filter((app) => app.stale > 0);
  const more = stale.slice(MOST_IN_WORDS);
  return [
    ...stale.slice(0, MOST_IN_WORDS).map((app): Phrase => [bold(nameOf(app.app)), `: ${staleInWords(app) ?? ''}`]),
    ...(more.length > 0
      ? [
          [
            `and ${counted(more.length, 'more app')} with ${counted(
              sum(more, (app) => app.stale),
              'process',
            )} that are stale.`,
          ],
        ]
      : []),
  ];
}

interface AppRow extends Pick<PoolFigures, 'now' | 'checkoutsPerSecond'> {
  readonly name: string;
  readonly place: string;
  readonly processes: { readonly value: number; readonly text: string };
  readonly peak: string;
  readonly timeouts: number;
  /** Pooled connections; null when no reading tells them, or not for this app alone. */
  readonly seen: number | null;
}

function appsTable({ view, tables, shown, room }: PoolsViewInput & { readonly room: number }): TablePage | null {
  return tablePage<AppRow>({
    caption: 'Connection pools by app',
    columns: [
      { title: 'App', kind: 'name', cell: ({ name }) => name },
      { title: 'Cluster', kind: 'name', cell: ({ place }) => place },
      { title: 'Processes', kind: 'figure', cell: ({ processes }) => processes },
      { title: 'Open', kind: 'figure', cell: ({ now }) => figure(now.open) },
      { title: 'In use', kind: 'figure', cell: ({ now }) => figure(now.inUse) },
      { title: 'Waiting', kind: 'figure', cell: ({ now }) => figure(now.waiting) },
      { title: 'Checkouts/s', kind: 'figure', cell: rateCell },
      { title: 'Most in use', kind: 'name', cell: ({ peak }) => peak },
      { title: 'Timeouts', kind: 'figure', cell: ({ timeouts }) => figure(timeouts) },
      { title: 'Nodes count', kind: 'figure', cell: ({ seen }) => (seen === null ? null : figure(seen)) },
    ],
    rows: view.apps.map((app) => appRow(app, view)),
    rest: (rows, where) => ({
      name: restName(rows, where),
      place: '-',
      processes: figure(sum(rows, ({ processes }) => processes.value)),
      now: nowOf(rows),
      checkoutsPerSecond: rateOf(rows),
      peak: '-',
      timeouts: sum(rows, ({ timeouts }) => timeouts),
      seen: null,
    }),
    from: shown.page,
    style: tables,
    room,
  });
}

function appRow(app: AppPools, view: PoolsView): AppRow {
  return {
    ...app,
    name: app.app,
    place: placeText(app),
    processes: { value: app.processes.length, text: processesText(app) },
    peak: peakText(app.peak),
    timeouts: app.total.timeouts,
    seen: seenAlone(app, view),
  };
}

function nowOf(rows: readonly Pick<PoolFigures, 'now'>[]): PoolFigures['now'] {
  const total = (name: keyof PoolFigures['now']) => sum(rows, ({ now }) => now[name]);
  return { open: total('open'), pending: total('pending'), inUse: total('inUse'), waiting: total('waiting') };
}

/** Null while none of them is known. */
function rateOf(rows: readonly Pick<PoolFigures, 'checkoutsPerSecond'>[]): number | null {
  const known = rows.flatMap(({ checkoutsPerSecond }) => checkoutsPerSecond ?? []);
  return known.length === 0 ? null : sum(known, (rate) => rate);
}

function rateCell({ checkoutsPerSecond }: Pick<PoolFigures, 'checkoutsPerSecond'>): TableCell {
  const text = rateText(checkoutsPerSecond);
  return checkoutsPerSecond === null ? text : { value: Math.round(checkoutsPerSecond * 10) / 10, text };
}

/** @param input.app one of the view */
export function appPoolsView(input: PoolsViewInput & { readonly app: AppPools }): MessageView {
  const { view, app, place, shown } = input;
  const title = `Pools of ${plain(app.app, { max: LONGEST_NAME })}: ${counted(app.processes.length, 'process')}`;
  const short = shortHosts({ nodes: app.addresses.map((host) => ({ host })) });
  const trouble = troubleInWords(app);
  const stale = staleInWords(app);
  const lines: readonly Phrase[] = [
    ...sharerLines(place),
    [bold(placeText(app)), ` · ${figuresIn(app).join(' · ')}`],
    ...(trouble === null ? [] : [[trouble]]),
    ...(stale === null ? [] : [[stale]]),
    [seenInWords(app, view)],
    ...nodeLines(app, short),
  ];
  const back = button({
    action: ACTIONS.back,
    word: 'Back',
    value: poolsValue({ app: null, cluster: null, page: 0 }),
    label: 'Back to the pools of all apps',
  });
  return message({
    said: [[title], ...lines],
    above: [header(title), prose(lines)],
    table: (room) => processTable({ ...input, short, room }),
    turnTo: (page) => poolsValue({ ...shown, page }),
    below: [
      menuAndButtons([], { place, shown, back: place.kind === 'shared' ? null : back }),
      footer(view, leftLines(app)),
    ],
  });
}

function nodeLines(app: AppPools, short: (host: string) => string): readonly Phrase[] {
  const nodes = addressPools(app.processes.filter(({ isStale }) => !isStale));
  const more = nodes.slice(MOST_NODES);
  return [
    ...nodes
      .slice(0, MOST_NODES)
      .map(
        ({ address, open, inUse, waiting }): Phrase => [
          bold(short(address)),
          `: ${count(open)} open, ${count(inUse)} in use, ${count(waiting)} waiting`,
        ],
      ),
    ...(more.length > 0
      ? [[`and ${counted(more.length, 'more node')} with ${count(sum(more, ({ open }) => open))} open.`]]
      : []),
  ];
}

function leftLines({ processes }: AppPools): readonly Phrase[] {
  const left = sum(processes, (process) => process.left);
  return left === 0
    ? []
    : [[`The processes left ${counted(left, 'pool')} out of their reports: a report has the 100 largest.`]];
}

interface ProcessRow extends Pick<PoolFigures, 'now' | 'peak' | 'meanWaitMs'> {
  readonly host: TableCell;
  readonly pid: string;
  readonly driver: string;
  readonly since: TableCell;
  readonly failed: number;
  readonly timeouts: number;
  readonly nodes: string;
}

function processTable({
  app,
  tables,
  shown,
  short,
  room,
}: PoolsViewInput & {
  readonly app: AppPools;
  readonly short: (host: string) => string;
  readonly room: number;
}): TablePage | null {
  return tablePage<ProcessRow>({
    caption: 'Connection pools by process',
    columns: [
      { title: 'Host', kind: 'name', cell: ({ host }) => host },
      { title: 'Pid', kind: 'name', cell: ({ pid }) => pid },
      { title: 'Open', kind: 'figure', cell: ({ now }) => figure(now.open) },
      { title: 'In use', kind: 'figure', cell: ({ now }) => figure(now.inUse) },
      { title: 'Waiting', kind: 'figure', cell: ({ now }) => figure(now.waiting) },
      { title: 'Most in use', kind: 'name', cell: ({ peak }) => peakText(peak) },
      { title: 'Mean wait', kind: 'name', cell: ({ meanWaitMs }) => waitText(meanWaitMs) },
      { title: 'Failed', kind: 'figure', cell: ({ failed }) => figure(failed) },
      { title: 'Timeouts', kind: 'figure', cell: ({ timeouts }) => figure(timeouts) },
      { title: 'Open by node', kind: 'name', cell: ({ nodes }) => nodes },
      { title: 'Driver', kind: 'name', cell: ({ driver }) => driver },
      { title: 'Since', kind: 'name', cell: ({ since }) => since },
    ],
    rows: app.processes.map((process) => processRow(process, short)),
    rest: (rows, where) => ({
      ...{ host: restName(rows, where), pid: '-', driver: '-', since: '-', nodes: '-', peak: null, meanWaitMs: null },
      now: nowOf(rows),
      failed: sum(rows, ({ failed }) => failed),
      timeouts: sum(rows, ({ timeouts }) => timeouts),
    }),
    from: shown.page,
    style: tables,
    room,
  });
}

function processRow(process: ProcessPools, short: (host: string) => string): ProcessRow {
  const { host, pid } = process.process;
  const since = startOf(process);
  return {
    ...process,
    host: process.isStale ? [host, ` (${staleText(process)})`] : host,
    pid: String(pid),
    driver: driverText(process),
    since: since === null ? '?' : moment(since, 'date-time'),
    failed: process.total.failed,
    timeouts: process.total.timeouts,
    nodes: addressPools([process])
      .map(({ address, open }) => `${short(address)} ${count(open)}`)
      .join(', '),
  };
}

/** Below both views. A shared message belongs to everyone, so it has neither Refresh nor Share. */
function menuAndButtons(
  first: Parameters<typeof actions>[0],
  of: {
    readonly place: MessagePlace;
    readonly shown: PoolsPage;
    readonly back?: Parameters<typeof actions>[0][number];
  },
): ActionsBlock | null {
  const { place, shown, back = null } = of;
  const value = poolsValue({ ...shown, page: 0 });
  const refresh = button({ action: ACTIONS.refresh, word: 'Refresh', value, label: 'Show the newest reports' });
  const share = button({ action: ACTIONS.share, word: 'Share', value, label: 'Share the pools with this channel' });
  const all = [...first, back, place.kind === 'shared' ? null : refresh, place.kind === 'answer' ? share : null].filter(
    (element) => element !== null,
  );
  return all.length === 0 ? null : actions(all);
}

function footer({ at, apps }: PoolsView, notes: readonly Phrase[]) {
  const isUnknown = apps.some(({ processes }) =>
    processes.some((one) => !one.isStale && one.checkoutsPerSecond === null),
  );
  const isUnseen = apps.some(({ seen }) => seen === null);
  return context([
    ['reports of ', moment(new Date(at).toISOString(), 'seconds'), ', as the applications sent them'],
    ...notes,
    ...(isUnknown ? [[UNKNOWN_RATE_NOTE]] : []),
    ...(isUnseen
      ? [['? is unknown: the nodes count an app by the appName of its clients, in a reading of all nodes.']]
      : []),
  ]);
}

/** No application reports: how one does. */
export function noPoolsView(lines: readonly Phrase[], input: Pick<PoolsViewInput, 'place' | 'shown'>): MessageView {
  return message({ said: lines, above: [prose(lines)], below: [menuAndButtons([], input)] });
}
