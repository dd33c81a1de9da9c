// Figures of pools as words, and apps by their names, for Slack and terminal alike.

import { clipped, count, counted, joinWords, span, sum } from '../base/format.ts';
import { nearest } from '../base/fuzzy-match.ts';
import type { Problem } from '../base/problem.ts';
import type { AppPools, PoolFigures, PoolsView, ProcessPools } from './view.ts';

/** Figures between two reports do not exist after the first one. */
const UNKNOWN_RATE = '–';
export const UNKNOWN_RATE_NOTE =
  '– is unknown yet: checkouts a second and waits are worked out between two reports of a process.';

/** `0.4`, `812` */
export function rateText(perSecond: number | null): string {
  if (perSecond === null) return UNKNOWN_RATE;
  return perSecond > 0 && perSecond < 10 ? `${Math.max(0.1, Math.round(perSecond * 10) / 10)}` : count(perSecond);
}

/** `0.4 ms`, `12 ms`, `1.2 s` */
export function waitText(milliseconds: number | null): string {
  if (milliseconds === null) return UNKNOWN_RATE;
  if (milliseconds >= 1_000) return span(milliseconds);
  return `${milliseconds < 10 ? Math.round(milliseconds * 10) / 10 : Math.round(milliseconds)} ms`;
}

/** `2 clients`, `12 open`, `3 in use`, … */
export function figuresIn({ now, clients, checkoutsPerSecond, meanWaitMs }: PoolFigures): readonly string[] {
  const pending = now.pending === 0 ? [] : [`${count(now.pending)} being opened`];
  return [
    counted(clients, 'client'),
    `${count(now.open)} open`,
    ...pending,
    `${count(now.inUse)} in use`,
    `${count(now.waiting)} waiting`,
    `${rateText(checkoutsPerSecond)} checkouts/s`,
    `mean wait ${waitText(meanWaitMs)}`,
  ];
}

/** `38 of 100`; a `maxPoolSize` of 0 is without a limit. */
export function peakText(peak: PoolFigures['peak']): string {
  if (peak === null) return '–';
  const { inUse, maxPoolSize } = peak;
  return maxPoolSize === 0
    ? `${count(inUse)}, no limit`
    : `${count(inUse)} of ${maxPoolSize === null ? '?' : count(maxPoolSize)}`;
}

const MOST_LISTED = 2;

/** `a:27017 and b:27017`, `a:27017, b:27017 and 3 more` */
export function listed(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return joinWords(more > 1 ? [...names.slice(0, MOST_LISTED), `${count(more)} more`] : names);
}

/** The cluster, or the addresses that belong to none. */
export function placeText({ cluster, addresses }: Pick<AppPools, 'cluster' | 'addresses'>): string {
  if (cluster !== null) return cluster;
  return addresses.length === 0 ? 'no pool yet' : `not monitored: ${listed(addresses)}`;
}

/** `12`, `12, 2 stale`: the stale ones are in no figure. */
export function processesText({ processes, stale }: Pick<AppPools, 'processes' | 'stale'>): string {
  return stale === 0 ? count(processes.length) : `${count(processes.length)}, ${count(stale)} stale`;
}

/** `nodejs 7.9.0` */
export function driverText({ process: { driver } }: Pick<ProcessPools, 'process'>): string {
  return [driver.name, driver.version].filter(Boolean).join(' ') || '?';
}

/** `3 apps, 14 processes` */
export function totalsText({ apps }: PoolsView): string {
  const names = new Set(apps.map(({ app }) => app));
  const processes = new Set(apps.flatMap((app) => app.processes.map(({ process }) => process.id)));
  return `${counted(names.size, 'app')}, ${counted(processes.size, 'process')}`;
}

/** `stale, 40 s old` */
export function staleText({ ageMs }: Pick<ProcessPools, 'ageMs'>): string {
  return `stale, ${span(ageMs)} old`;
}

/** ISO 8601; null for a time that no clock shows. */
export function startOf({ process: { startedAt } }: Pick<ProcessPools, 'process'>): string | null {
  const start = new Date(startedAt);
  return Number.isNaN(start.getTime()) ? null : start.toISOString();
}

/** The processes of an app without a recent report; null for none. */
export function staleInWords({ processes, stale }: AppPools): string | null {
  const [first, ...others] = processes.filter(({ isStale }) => isStale).toSorted((a, b) => b.ageMs - a.ageMs);
  if (first === undefined) return null;
  const { process, ageMs } = first;
  const oldest = `the last report of ${process.host} (pid ${process.pid}) is ${span(ageMs)} old`;
  const are = others.length === 0 ? 'is' : 'are';
  return `${counted(stale, 'process')} ${are} stale: ${oldest}. Stale processes are in no sum.`;
}

/** Checkouts that an app waited for in vain, and those that wait now; null for none. */
export function troubleInWords({ now, total }: PoolFigures): string | null {
  const waiting =
    now.waiting === 0 ? [] : [`${counted(now.waiting, 'checkout')} ${now.waiting === 1 ? 'waits' : 'wait'} now`];
  const timeouts =
    total.timeouts === 0 ? [] : [`${counted(total.timeouts, 'checkout')} timed out since the processes started`];
  return waiting.length + timeouts.length === 0 ? null : `${[...waiting, ...timeouts].join(', ')}.`;
}

/** The pools of processes by server address, most open first. */
export function addressPools(processes: readonly Pick<ProcessPools, 'pools'>[]): readonly AddressPools[] {
  const pools = processes.flatMap((process) => process.pools);
  return [...Map.groupBy(pools, ({ address }) => address)]
    .map(([address, all]) => ({
      address,
      open: sum(all, ({ now }) => now.open),
      inUse: sum(all, ({ now }) => now.inUse),
      waiting: sum(all, ({ now }) => now.waiting),
    }))
    .toSorted((a, b) => b.open - a.open || (a.address < b.address ? -1 : 1));
}

interface AddressPools {
  readonly address: string;
  readonly open: number;
  readonly inUse: number;
  readonly waiting: number;
}

/** The rows of an app by its name: as written, else whatever the case, else the only name that has the text in it. */
export function appsNamed(view: PoolsView, text: string): readonly AppPools[] {
  const lower = text.toLowerCase();
  const matches: readonly ((name: string) => boolean)[] = [
    (name) => name === text,
    (name) => name.toLowerCase() === lower,
    (name) => lower !== '' && name.toLowerCase().includes(lower),
  ];
  for (const matching of matches) {
    const found = view.apps.filter(({ app }) => matching(app));
    if (found.length > 0) return found;
  }
  return [];
}

/** The rows of a cluster whose clients have one of these appNames, the busiest first. */
export function appsOf(
  { apps }: PoolsView,
  { cluster, names }: { readonly cluster: string; readonly names: readonly string[] },
): readonly AppPools[] {
  const isNamed = ({ processes }: AppPools) =>
    processes.some(
      ({ isStale, pools }) => !isStale && pools.some(({ client }) => names.includes(client.appName ?? '')),
    );
  return apps.filter((app) => app.cluster === cluster && isNamed(app));
}

/** The view with the rows of one cluster. */
export function inCluster(view: PoolsView, cluster: string | null): PoolsView {
  return cluster === null ? view : { ...view, apps: view.apps.filter((app) => app.cluster === cluster) };
}

const MOST_NAMED = 10;

export function unknownApp(
  text: string,
  { view, cluster }: { readonly view: PoolsView; readonly cluster: string | null },
): Problem {
  const names = [...new Set(view.apps.map(({ app }) => app))];
  const near = nearest(text, names);
  const where = cluster === null ? '' : ` to ${cluster}`;
  const known = names.slice(0, MOST_NAMED).map((name) => clipped(name, 60));
  const more = names.length > MOST_NAMED ? ` and ${count(names.length - MOST_NAMED)} more` : '';
  const meant = near === null ? '' : `Did you mean "${clipped(near, 60)}"? `;
  const reporting = names.length === 0 ? 'No app reports any.' : `These apps report: ${known.join(', ')}${more}.`;
  return {
    code: 'unknown-app',
    text: `No app "${clipped(text)}" reports pools${where}.`,
    remedy: `${meant}${reporting}`,
  };
}

/** The bot takes no reports. */
export const POOLS_OFF: Problem = {
  code: 'pools-off',
  text: 'This bot takes no reports of connection pools.',
  remedy:
    'Set POOLS_PORT and POOLS_TOKEN, and restart the bot. "Pools" in its src/http/README.md says how applications report.',
};

/** It takes them, and none came. */
export const POOLS_NONE: Problem = {
  code: 'pools-none',
  text: 'No application reports its connection pools yet.',
  remedy:
    'In an application, set ATLAS_CONNS_POOLS_URL and ATLAS_CONNS_POOLS_TOKEN, and call reportPools(client) of atlas-conns/reporter. "Pools" in src/http/README.md has other drivers.',
};
