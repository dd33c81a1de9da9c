// What applications report of their connection pools, asked from a running bot: as text, JSON or CSV.

import type { Commands } from '../../app/commands/types.ts';
import { nearest } from '../../core/base/fuzzy-match.ts';
import { poolsJson } from '../../core/pools/json.ts';
import type { PoolsView } from '../../core/pools/view.ts';
import { appsNamed, inCluster, unknownApp } from '../../core/pools/words.ts';
import { UserError } from '../../errors.ts';
import { painter, printable } from '../layout.ts';
import { shownJson } from '../report-export.ts';
import type { Terminal } from '../terminal.ts';
import type { WithCluster } from '../words.ts';
import { appText, listText } from './pools-text.ts';

export interface PoolsContext {
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Called with the exit code. */
  readonly exit: (code: number) => void;
}

export interface PoolsOptions extends WithCluster {
  readonly json?: true;
  readonly csv?: true;
  readonly url?: string;
}

export async function showPools(
  input: Omit<PoolsContext, 'exit'> & { readonly app: string | null; readonly options: PoolsOptions },
): Promise<number> {
  const { app, options, commands, terminal, signal } = input;
  const { view, url, remarks } = await commands.pools({ url: options.url ?? null, signal });
  for (const remark of remarks) terminal.err(`${printable(remark)}\n`);
  const within = inCluster(view, options.cluster === undefined ? null : clusterNamed(view, options.cluster));
  const chosen = app === null ? within : { ...within, apps: rowsNamed(within, app) };
  if (options.json === true) await terminal.out(`${shownJson(poolsJson(chosen), 2)}\n`);
  else if (options.csv === true) await terminal.out(await poolsCsv(chosen));
  else {
    const page = { width: terminal.columns, paint: painter(terminal.colors), url };
    const isOne = app !== null && new Set(chosen.apps.map((row) => row.app)).size === 1;
    await terminal.out(isOne ? chosen.apps.map((row) => appText(row, view, page)).join('\n') : listText(chosen, page));
  }
  return 0;
}

/** @throws UserError for an app that does not report */
function rowsNamed(view: PoolsView, app: string): PoolsView['apps'] {
  const rows = appsNamed(view, app);
  if (rows.length > 0) return rows;
  const { text, remedy } = unknownApp(app, { view, cluster: null });
  throw new UserError(text, remedy);
}

/** @throws UserError for a cluster to which no app reports pools */
function clusterNamed({ apps }: PoolsView, typed: string): string {
  const known = [...new Set(apps.flatMap(({ cluster }) => cluster ?? []))];
  const found =
    known.find((name) => name === typed) ?? known.find((name) => name.toLowerCase() === typed.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(typed, known);
  const meant = near === null ? '' : `Did you mean "${near}"? `;
  const those =
    known.length === 0 ? 'No app reports pools to a monitored cluster.' : `Apps report pools to ${known.join(', ')}.`;
  throw new UserError(`No app reports pools to "${typed}".`, `${meant}${those}`);
}

const HEAD = [
  ...['app', 'cluster', 'host', 'pid', 'process', 'driver', 'driver_version', 'started_at', 'age_ms', 'stale'],
  ...['client', 'app_name', 'address', 'open', 'pending', 'in_use', 'waiting', 'max_open', 'max_in_use', 'max_waiting'],
  ...['max_pool_size', 'min_pool_size', 'max_idle_time_ms', 'created', 'closed', 'checkouts', 'failed', 'timeouts'],
  ...['cleared', 'wait_ms'],
];

async function poolsCsv({ apps }: PoolsView): Promise<string> {
  const { csvRows } = await import('../csv.ts');
  const rows = apps.flatMap(({ app, cluster, processes }) =>
    processes.flatMap(({ process, ageMs, isStale, pools }) =>
      pools.map(({ client, address, now, max, total }) => [
        ...[app, cluster, process.host, process.pid, process.id, process.driver.name, process.driver.version],
        ...[new Date(process.startedAt).toISOString(), ageMs, String(isStale)],
        ...[client.n, client.appName, address, now.open, now.pending, now.inUse, now.waiting],
        ...[max.open, max.inUse, max.waiting, client.options.maxPoolSize, client.options.minPoolSize],
        ...[client.options.maxIdleTimeMS, total.created, total.closed, total.checkouts, total.failed, total.timeouts],
        ...[total.cleared, total.waitMs],
      ]),
    ),
  );
  return csvRows([HEAD, ...rows]);
}
