// The pools of applications as text: all apps, and one app by process.

import stringWidth from 'string-width';
import { count, counted, sum } from '../../core/base/format.ts';
import { inWords } from '../../core/base/problem.ts';
import { shortHosts } from '../../core/connections/node-usage.ts';
import { seenAlone, seenInWords } from '../../core/pools/seen.ts';
import type { AppPools, PoolsView, ProcessPools } from '../../core/pools/view.ts';
import {
  addressPools,
  driverText,
  figuresIn,
  POOLS_NONE,
  peakText,
  placeText,
  processesText,
  rateText,
  staleInWords,
  startOf,
  totalsText,
  troubleInWords,
  UNKNOWN_RATE_NOTE,
  waitText,
} from '../../core/pools/words.ts';
import { minute, printable, type TextColumn, type TextPage, tableLines, wrapped, zoneLine } from '../layout.ts';

interface PoolsTextPage extends TextPage {
  /** Of the bot that was asked. */
  readonly url: string;
}

const appsIn = (view: PoolsView): readonly TextColumn<AppPools>[] => [
  { title: 'APP', kind: 'name', cell: ({ app }) => app },
  { title: 'OPEN', kind: 'figure', cell: ({ now }) => count(now.open) },
  { title: 'IN USE', kind: 'figure', cell: ({ now }) => count(now.inUse) },
  { title: 'WAITING', kind: 'figure', cell: ({ now }) => count(now.waiting) },
  { title: 'PER S', kind: 'figure', cell: ({ checkoutsPerSecond }) => rateText(checkoutsPerSecond) },
  { title: 'MOST USED', kind: 'figure', cell: ({ peak }) => peakText(peak) },
  { title: 'CLUSTER', kind: 'name', cell: placeText },
  { title: 'TIMEOUTS', kind: 'figure', cell: ({ total }) => count(total.timeouts) },
  { title: 'PROCESSES', kind: 'figure', cell: processesText },
  { title: 'SEEN', kind: 'figure', cell: (app) => seenText(seenAlone(app, view)) },
];

function seenText(seen: number | null): string {
  return seen === null ? '?' : count(seen);
}

/** Of apps with trouble, as many in words. */
const MOST_IN_WORDS = 5;

export function listText(view: PoolsView, page: PoolsTextPage): string {
  const { width, paint, url } = page;
  const { apps } = view;
  if (apps.length === 0) return `${wrapped(`${url}: ${inWords(POOLS_NONE)}`, { width, indent: 2 })}\n`;
  const lines = (all: readonly string[]) => all.map((line) => wrapped(printable(line), { width, indent: 2 }));
  const shown = table(appsIn(view), apps, page);
  return sections([
    [wrapped(`${paint('bold', 'Pools')}  ${totalsText(view)}  ${printable(url)}`, { width, indent: 2 })],
    shown,
    lines([...worded(apps, troubleInWords), ...worded(apps, staleInWords)]),
    lines([...legend(shown[0] ?? ''), ...notes(apps)]),
  ]);
}

const LEGEND = {
  'PER S': 'checkouts a second.',
  'MOST USED': 'connections in use at once in one pool, of maxPoolSize.',
  SEEN: 'pooled connections that the nodes count for the app.',
};

/** Of the columns that are shown. */
function legend(head: string): readonly string[] {
  const words = Object.entries(LEGEND).flatMap(([title, meaning]) =>
    head.includes(title) ? [`${title}: ${meaning}`] : [],
  );
  return words.length === 0 ? [] : [words.join(' ')];
}

/** `billing (prod): 3 checkouts wait now.` */
function worded(apps: readonly AppPools[], say: (app: AppPools) => string | null): readonly string[] {
  const said = apps.flatMap((app) => {
    const words = say(app);
    return words === null ? [] : [`${app.app} (${placeText(app)}): ${words}`];
  });
  const more = said.length - MOST_IN_WORDS;
  return more > 0 ? [...said.slice(0, MOST_IN_WORDS), `and ${counted(more, 'more app')}`] : said;
}

function notes(apps: readonly AppPools[]): readonly string[] {
  const fresh = apps.flatMap(({ processes }) => processes.filter(({ isStale }) => !isStale));
  const left = sum(fresh, (process) => process.left);
  return [
    ...(fresh.some(({ checkoutsPerSecond }) => checkoutsPerSecond === null) ? [UNKNOWN_RATE_NOTE] : []),
    ...(left === 0
      ? []
      : [`${counted(left, 'pool')} left out of the reports, which have the 100 largest of a process.`]),
  ];
}

/** One app to one cluster. @param view it is compared with the other apps of its appName */
export function appText(app: AppPools, view: PoolsView, page: PoolsTextPage): string {
  const { width, paint } = page;
  const short = shortHosts({ nodes: app.addresses.map((host) => ({ host })) });
  const lines = (all: readonly (string | null)[]) =>
    all.flatMap((line) => (line === null ? [] : [wrapped(printable(line), { width, indent: 2 })]));
  const fresh = app.processes.filter(({ isStale }) => !isStale);
  const title = `${paint('bold', printable(app.app))}  ${printable(placeText(app))}  ${counted(app.processes.length, 'process')}`;
  return sections([
    [wrapped(title, { width, indent: 2 }), ...lines([figuresIn(app).join('  ')])],
    lines([troubleInWords(app), staleInWords(app), seenInWords(app, view)]),
    table(
      NODES,
      addressPools(fresh).map((node) => ({ ...node, name: short(node.address) })),
      page,
    ),
    table(PROCESSES, app.processes, page),
    lines([...notes([app]), zoneLine()]),
  ]);
}

interface NodeRow {
  readonly name: string;
  readonly open: number;
  readonly inUse: number;
  readonly waiting: number;
}

const NODES: readonly TextColumn<NodeRow>[] = [
  { title: 'NODE', kind: 'name', cell: ({ name }) => name },
  { title: 'OPEN', kind: 'figure', cell: ({ open }) => count(open) },
  { title: 'IN USE', kind: 'figure', cell: ({ inUse }) => count(inUse) },
  { title: 'WAITING', kind: 'figure', cell: ({ waiting }) => count(waiting) },
];

const PROCESSES: readonly TextColumn<ProcessPools>[] = [
  { title: 'HOST', kind: 'name', cell: ({ process }) => process.host },
  { title: 'PID', kind: 'figure', cell: ({ process }) => String(process.pid) },
  { title: 'OPEN', kind: 'figure', cell: ({ now }) => count(now.open) },
  { title: 'IN USE', kind: 'figure', cell: ({ now }) => count(now.inUse) },
  { title: 'WAITING', kind: 'figure', cell: ({ now }) => count(now.waiting) },
  { title: 'MOST USED', kind: 'figure', cell: ({ peak }) => peakText(peak) },
  { title: 'MEAN WAIT', kind: 'figure', cell: ({ meanWaitMs }) => waitText(meanWaitMs) },
  { title: 'FAILED', kind: 'figure', cell: ({ total }) => count(total.failed) },
  { title: 'STATE', kind: 'name', cell: (one) => (one.isStale ? 'stale' : 'reports') },
  { title: 'DRIVER', kind: 'name', cell: driverText },
  { title: 'SINCE', kind: 'name', cell: sinceText },
];

function sinceText(process: ProcessPools): string {
  const start = startOf(process);
  return start === null ? '?' : minute(start);
}

/** Columns of a name; that of the row itself may be shorter. */
const LEAST_NAME = 16;
const LEAST_FIRST = 8;
const GAP = 2;

/** With as many of the first columns as fit; the others say what is less urgent. */
function table<Row>(columns: readonly TextColumn<Row>[], rows: readonly Row[], page: TextPage): readonly string[] {
  if (rows.length === 0) return [];
  const { width, paint } = page;
  const widthOf = ({ title, kind, cell }: TextColumn<Row>) => {
    const natural = rows.reduce((most, row) => Math.max(most, stringWidth(printable(cell(row)))), title.length);
    const least = kind === 'name' ? (title === columns[0]?.title ? LEAST_FIRST : LEAST_NAME) : natural;
    return Math.min(least, natural);
  };
  let room = width + GAP;
  const first = columns.findIndex((column) => {
    room -= widthOf(column) + GAP;
    return room < 0;
  });
  const shown = first === -1 ? columns : columns.slice(0, Math.max(2, first));
  const [head = '', ...lines] = tableLines({ columns: shown, rows, width });
  return [paint('bold', head), ...lines];
}

function sections(all: readonly (readonly string[])[]): string {
  return all
    .filter((section) => section.length > 0)
    .map((section) => `${section.join('\n')}\n`)
    .join('\n');
}
