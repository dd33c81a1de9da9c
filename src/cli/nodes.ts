// `atlas-conns nodes`: each node of a cluster, with its role, connections, limit and clients.

import type { Commands } from '../app/commands/types.ts';
import { withTimeout } from '../core/base/abort.ts';
import { count, counted, percent } from '../core/base/format.ts';
import { clientsShown } from '../core/connections/clients.ts';
import { fullness, nodesRead, nodesUnread, shortHosts } from '../core/connections/node-usage.ts';
import type { ConnectionReport, ReportNode } from '../core/connections/report.ts';
import type { NodeGrowth } from '../core/forecast/growth.ts';
import { clusterForecast } from '../core/forecast/live.ts';
import { outlookLines } from './forecast.ts';
import { painter, printable, type TextColumn, type TextPage, tableLines, wrapped } from './layout.ts';
import { nodesJson } from './report-export.ts';
import { remarkLines } from './report-text.ts';
import type { Terminal } from './terminal.ts';

/** @returns the exit code: 0 every node was read, 1 a node could not be read */
export async function showNodes(input: {
  readonly cluster: string | null;
  readonly options: { readonly json?: true };
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { cluster, options, commands, terminal, signal } = input;
  const report = await commands.report({ cluster, threads: false, signal });
  const page = { width: terminal.columns, paint: painter(terminal.colors) };
  await terminal.out(
    options.json ? nodesJson(report) : nodesText(report, page, await growthAtHand(report, { commands, signal })),
  );
  return nodesUnread(report).length === 0 && nodesRead(report).length > 0 ? 0 : 1;
}

/** The sentences about growth are not worth a longer wait. */
const AT_HAND_MS = 1_000;

/** By host; empty where there is no store, or while it does not answer. */
async function growthAtHand(
  report: ConnectionReport,
  { commands, signal }: { readonly commands: Commands; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, NodeGrowth>> {
  const hosts = nodesRead(report).map(({ host }) => host);
  const asked = commands.growth({ cluster: report.cluster, hosts, signal });
  return (await withTimeout(asked, { ms: AT_HAND_MS }))?.growth ?? new Map();
}

const known = (figure: number | null) => (figure === null ? '?' : count(figure));

function nodesText(report: ConnectionReport, page: TextPage, growth: ReadonlyMap<string, NodeGrowth>): string {
  const { width, paint } = page;
  const short = shortHosts(report);
  const columns: readonly TextColumn<ReportNode>[] = [
    { title: 'NODE', kind: 'name', cell: ({ host }) => short(host) },
    { title: 'ROLE', kind: 'name', cell: ({ role }) => role },
    { title: 'CONNECTIONS', kind: 'figure', cell: ({ current, connections }) => known(current ?? connections) },
    { title: 'LIMIT', kind: 'figure', cell: ({ limit }) => known(limit) },
    { title: 'USED', kind: 'figure', cell: usedOf },
    { title: 'CLIENTS', kind: 'figure', cell: clientsShown },
    { title: 'REFUSED', kind: 'figure', cell: ({ rejected }) => known(rejected) },
  ];
  const rows = nodesRead(report);
  const unread = nodesUnread(report).length;
  const [head = '', ...lines] = rows.length === 0 ? [] : tableLines({ columns, rows, width });
  const title = `${paint('bold', printable(report.cluster))}  ${counted(report.nodes.length, 'node')}${unread === 0 ? '' : `, ${count(unread)} not read`}`;
  const sections = [
    [title],
    head === '' ? [] : [paint('bold', head), ...lines],
    head === ''
      ? []
      : [wrapped('REFUSED: connections that the node refused since it started. ? is unknown.', { width, indent: 2 })],
    outlookLines(clusterForecast(report, growth).nodes, short).map((line) => wrapped(line, { width, indent: 2 })),
    remarkLines({ ...report, findings: [] }, page),
  ];
  return sections
    .filter((all) => all.length > 0)
    .map((all) => `${all.join('\n')}\n`)
    .join('\n');
}

function usedOf(node: ReportNode): string {
  const full = fullness(node);
  return full === null ? '?' : percent(full.ratio);
}
