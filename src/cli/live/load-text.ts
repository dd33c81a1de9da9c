// What `load` prints before, during and after a run, and its JSON.

import { count, counted, span } from '../../core/base/format.ts';
import { inWords } from '../../core/base/problem.ts';
import { LOAD_APP, PATTERNS } from '../../core/load/patterns.ts';
import {
  type LoadEvent,
  type LoadedNode,
  type LoadResult,
  moreThanBefore,
  type NodeLoad,
} from '../../core/load/run.ts';
import { padded, printable, shortened, type TextColumn, type TextPage, tableLines, wrapped } from '../layout.ts';
import { shownJson } from '../report-export.ts';

const SCHEMA = 'atlas-conns/load/1';

type EventOf<Kind extends LoadEvent['kind']> = Extract<LoadEvent, { readonly kind: Kind }>;

export function beginText({ plan, nodes }: EventOf<'begin'>, page: TextPage): string {
  const { pattern, clients, connections, perSecond, lasts, forecast } = plan;
  const { opens, shows, needs, renews, connections: sized } = PATTERNS[pattern];
  const each = sized === null ? '' : ` with ${counted(connections, 'pooled connection')} each`;
  const atOnce = renews ? ' at most at once' : '';
  const sentences = [
    opens,
    `${counted(clients, 'client')}${each}${atOnce}, ${rate(perSecond)} on each node, for ${span(lasts)}. Their appName is ${LOAD_APP}.`,
    `The diagnosis of this pattern is ${shows}${needs === null ? '' : `; it needs ${needs}`}.`,
    'Watch it in another terminal: atlas-conns report, atlas-conns why. Ctrl-C ends it.',
  ];
  const columns: readonly TextColumn<NodeLoad>[] = [
    { title: 'NODE', kind: 'name', cell: ({ host }) => host },
    { title: 'CURRENT', kind: 'figure', cell: ({ current }) => count(current) },
    { title: 'AVAILABLE', kind: 'figure', cell: ({ available }) => count(available) },
    { title: 'CREATED', kind: 'figure', cell: ({ totalCreated }) => known(totalCreated) },
    { title: 'ACTIVE', kind: 'figure', cell: ({ active }) => known(active) },
    { title: 'MEMORY', kind: 'figure', cell: ({ residentMegabytes }) => megabytes(residentMegabytes) },
    { title: 'FORECAST', kind: 'figure', cell: ({ host }) => more(forecast[host] ?? 0) },
  ];
  const head = `${page.paint('bold', pattern)}  ${sentences[0]}`;
  const text = [head, ...sentences.slice(1)].map((line) => wrapped(line, { width: page.width, indent: 2 }));
  return `${text.join('\n')}\n\n${table(columns, nodes, page).join('\n')}\n\n${progressHead(page)}\n`;
}

function rate(perSecond: number): string {
  return perSecond >= 1
    ? `${counted(perSecond, 'new connection')} a second`
    : `${counted(Math.round(perSecond * 60), 'new connection')} a minute`;
}

const PROGRESS = [
  { title: 'TIME', width: 6 },
  { title: 'CLIENTS', width: 7 },
  { title: 'POOLED', width: 6 },
  { title: 'CURRENT', width: 7 },
  { title: 'AVAILABLE', width: 9 },
  { title: 'CREATED', width: 7 },
  { title: 'ACTIVE', width: 6 },
  { title: 'MEMORY', width: 8 },
];

function progressHead(page: TextPage): string {
  const titles = PROGRESS.map(({ title }) => title);
  return page.paint('bold', lineOf(titles, 'BUSIEST NODE', page));
}

/** Of the node that has the least left. */
export function progressLine({ at, clients, pooled, nodes }: EventOf<'progress'>, page: TextPage): string {
  const [busiest] = nodes.toSorted(
    (a, b) => b.current / (b.current + b.available) - a.current / (a.current + a.available),
  );
  if (busiest === undefined) return '';
  const { current, available, totalCreated, active, residentMegabytes, host } = busiest;
  const figures = [count(clients), count(pooled), count(current), count(available), known(totalCreated), known(active)];
  return `${lineOf([clock(at), ...figures, megabytes(residentMegabytes)], host, page)}\n`;
}

function lineOf(cells: readonly string[], host: string, { width }: TextPage): string {
  const figures = cells.map((cell, index) => padded(cell, PROGRESS[index]?.width ?? 0, 'right')).join(' ');
  const room = Math.max(LEAST_NAME, width - figures.length - 1);
  return `${figures} ${shortened(printable(host), room)}`;
}

/** A shorter name says nothing. */
const LEAST_NAME = 8;

/** `0:02`, `12:30`, `5:59:00` */
function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [first = 0, ...others] = parts[0] === 0 ? parts.slice(1) : parts;
  return [first, ...others.map((part) => String(part).padStart(2, '0'))].join(':');
}

export function endText(result: LoadResult, page: TextPage): string {
  const { plan, nodes, problem, lasted } = result;
  const columns: readonly TextColumn<LoadedNode>[] = [
    { title: 'NODE', kind: 'name', cell: ({ host }) => host },
    { title: 'FORECAST', kind: 'figure', cell: ({ forecast }) => more(forecast) },
    { title: 'SEEN', kind: 'figure', cell: (node) => more(seenOn(node)) },
    { title: 'ACTIVE', kind: 'figure', cell: ({ peak }) => known(peak.active) },
    { title: 'CREATED', kind: 'figure', cell: (node) => change(node, ({ totalCreated }) => totalCreated) },
    { title: 'MEMORY', kind: 'figure', cell: memoryOn },
    { title: 'NOW', kind: 'figure', cell: ({ after }) => known(after?.current ?? null) },
    { title: 'AVAILABLE', kind: 'figure', cell: ({ after }) => known(after?.available ?? null) },
  ];
  const sentences = [
    ...(problem === null ? [ENDS[result.end] ?? ''] : [inWords(problem)]),
    ...(PATTERNS[plan.pattern].renews ? ['The forecast is the most at once: clients or connections come and go.'] : []),
    ...fewerWords(result),
    ...nodes.flatMap((node) => costWords(node)),
    ...fallWords(nodes),
  ];
  const text = sentences.map((line) => wrapped(printable(line), { width: page.width, indent: 2 }));
  return `\n${page.paint('bold', `After ${span(lasted)}`)}\n${table(columns, nodes, page).join('\n')}\n\n${text.join('\n')}\n`;
}

const ENDS: Readonly<Record<string, string>> = {
  time: 'The time was over.',
  stopped: 'A signal ended the run.',
};

/** Why fewer connections were seen than forecast. */
function fewerWords({ plan, nodes }: LoadResult): readonly string[] {
  const { renews, monitoring } = PATTERNS[plan.pattern];
  if (renews || nodes.every((node) => seenOn(node) >= node.forecast)) return [];
  const heartbeat =
    monitoring === 'stream'
      ? ', or before their second heartbeat connections: Node.js opens them ten seconds after the start of a client'
      : '';
  return [`Fewer than forecast: the run ended before all clients and pools were there${heartbeat}.`];
}

/** Of fewer connections the figure is chance. */
const WORTH = 20;

function costWords(node: LoadedNode): readonly string[] {
  const rise = (node.peak.residentMegabytes ?? 0) - (node.before.residentMegabytes ?? 0);
  const seen = seenOn(node);
  if (seen < WORTH || rise <= 0) return [];
  const each = Math.round((1_024 * rise) / seen);
  return [`${node.host}: ${count(rise)} MB more memory at the peak, about ${count(each)} KB for each connection.`];
}

function fallWords(nodes: readonly LoadedNode[]): readonly string[] {
  const lines = nodes.flatMap((node) => {
    if (node.after === null) return [`${node.host} did not answer after the run: its connections are unknown.`];
    const above = moreThanBefore(node);
    const { remaining } = node;
    if (above === 0 && remaining !== null && remaining > 0)
      return [`${node.host} still lists ${counted(remaining, 'connection')} with the appName ${LOAD_APP}.`];
    if (above === 0) return [];
    const whose =
      remaining === null
        ? 'of other clients, or of the run and not closed yet'
        : remaining === 0
          ? 'none of them is of the run'
          : `${count(remaining)} with the appName ${LOAD_APP}`;
    return [`${node.host} has ${counted(above, 'connection')} more than before the run: ${whose}.`];
  });
  return lines.length > 0 ? lines : ['Everything is closed: each node has as few connections as before.'];
}

const seenOn = ({ before, peak }: LoadedNode): number => Math.max(0, peak.current - before.current);

function change({ before, after }: LoadedNode, figure: (node: NodeLoad) => number | null): string {
  const [first, last] = [figure(before), after === null ? null : figure(after)];
  return first === null || last === null ? '?' : more(last - first);
}

function memoryOn({ before, peak }: LoadedNode): string {
  if (before.residentMegabytes === null || peak.residentMegabytes === null) return '?';
  const rise = peak.residentMegabytes - before.residentMegabytes;
  return `${rise < 0 ? '−' : '+'}${count(Math.abs(rise))} MB`;
}

const known = (figure: number | null): string => (figure === null ? '?' : count(figure));
const more = (figure: number): string => `+${count(Math.round(figure))}`;
const megabytes = (figure: number | null): string => (figure === null ? '?' : `${count(figure)} MB`);

function table<Row>(columns: readonly TextColumn<Row>[], rows: readonly Row[], page: TextPage): readonly string[] {
  const [head = '', ...lines] = tableLines({ columns, rows, width: page.width });
  return [page.paint('bold', head), ...lines];
}

/** Schema atlas-conns/load/1, a public format. New fields go to the end of their object. */
export function loadJson({ plan, end, problem, lasted, nodes }: LoadResult): string {
  const figures = (node: NodeLoad | null) => {
    if (node === null) return null;
    const { current, available, totalCreated, active, residentMegabytes } = node;
    return { current, available, totalCreated, active, residentMegabytes };
  };
  const { pattern, clients, connections, perSecond, lasts, remarks } = plan;
  const document = {
    schema: SCHEMA,
    ...{ pattern, diagnosis: PATTERNS[pattern].shows, clients, connections, perSecond },
    ...{ seconds: { asked: lasts / 1_000, lasted: lasted / 1_000 }, end, problem, remarks },
    nodes: nodes.map((node) => {
      const { host, role, forecast, before, peak, after, remaining } = node;
      return {
        host,
        role,
        forecast,
        seen: seenOn(node),
        before: figures(before),
        peak: figures(peak),
        after: figures(after),
        moreThanBefore: moreThanBefore(node),
        remaining,
      };
    }),
  };
  return `${shownJson(document, 2)}\n`;
}
