// What the nodes count for an app, beside what its processes report. `$currentOp` shows the appName of a client, so
// clients without one cannot be compared.

import { count, counted, span, sum } from '../base/format.ts';
import { groupReport } from '../connections/group-by.ts';
import { isRead } from '../connections/node-usage.ts';
import type { ConnectionReport, ReportNode } from '../connections/report.ts';
import type { Counts } from '../connections/source.ts';
import { driverNamed, driverOf } from '../drivers/driver.ts';
import { monitorsOnNode } from '../drivers/monitors.ts';
import type { AppPools, AppSeen, PoolContext, PoolsView, ProcessPools } from './view.ts';
import { listed } from './words.ts';

/**
 * @param last the last reading of a cluster; null where there is none
 * @returns null for an app when a client has no appName, or a node was not read: its connections would be missing
 */
export function seenIn(last: (cluster: string) => ConnectionReport | null): PoolContext['seenOf'] {
  const readings = new Map<string, Reading | null>();
  return (app) => {
    const { cluster } = app;
    const names = appNamesOf(app);
    if (cluster === null || names === null || names.length === 0) return null;
    const reading = readings.get(cluster) ?? readingOf(last(cluster));
    readings.set(cluster, reading);
    if (reading === null) return null;
    const found = names.map((name) => reading.apps.get(name) ?? NOTHING);
    return {
      at: reading.at,
      pooled: sum(found, ({ active, dormant }) => active + dormant),
      monitors: sum(found, ({ monitors }) => monitors),
      expectedMonitors: sum(freshOf(app), (process) => expectedOf(process, reading.nodes)),
    };
  };
}

interface Reading {
  readonly at: number;
  readonly nodes: readonly ReportNode[];
  readonly apps: ReadonlyMap<string, Counts>;
}

const NOTHING: Counts = { active: 0, dormant: 0, monitors: 0 };

/** Null without a reading whose nodes all tell their connections. */
function readingOf(report: ConnectionReport | null): Reading | null {
  const nodes = report?.nodes.filter(isRead) ?? [];
  if (report === null || nodes.length === 0 || nodes.length < report.nodes.length) return null;
  if (nodes.some(({ connections }) => connections === null)) return null;
  const apps = groupReport(report, 'app').flatMap(({ name, ...row }) => (name === null ? [] : [[name, row] as const]));
  return { at: Date.parse(report.at), nodes, apps: new Map(apps) };
}

/**
 * A client watches every node but hidden ones, whether or not it has a pool there. An arbiter is watched, too, but it is
 * not read, so its heartbeats are in neither figure.
 */
function expectedOf({ process, clients }: ProcessPools, nodes: readonly ReportNode[]): number {
  const { name, version } = process.driver;
  const driver = driverOf(name) ?? driverNamed(name) ?? 'any';
  const driverVersion = version === '' ? null : version;
  const each = sum(nodes, ({ hidden, version: server }) =>
    monitorsOnNode({ driver, driverVersion, server, env: {} }, hidden === true ? 'hidden' : 'secondary'),
  );
  return clients * each;
}

const freshOf = ({ processes }: Pick<AppPools, 'processes'>) => processes.filter(({ isStale }) => !isStale);

/** Of the clients that report; null when one of them has none. */
function appNamesOf(app: Pick<AppPools, 'processes'>): readonly string[] | null {
  const names = freshOf(app).flatMap(({ pools }) => pools.map(({ client }) => client.appName));
  const known = names.flatMap((name) => name || []);
  return known.length < names.length ? null : [...new Set(known)].toSorted();
}

// In words.

/** A smaller difference arises between a reading and a report: load goes on. */
const TOLERANCE = { share: 0.1, connections: 5 };
/** From this age of the reading on, it explains a difference. */
const OLD_MS = 60_000;

/** What the nodes count for the app against its reports, and the likely reason of a difference. */
export function seenInWords(app: AppPools, view: PoolsView): string {
  const { cluster, seen } = app;
  const compared = cannotCompare(app);
  if (compared !== null) return compared;
  if (cluster === null || seen === null)
    return `The nodes of ${cluster ?? 'its cluster'} cannot be compared: there is no reading of all of them yet.`;
  const sharing = sharingWith(app, view);
  if (sharing === null)
    return `The nodes cannot count it separately: other apps use one of its appNames, too. Give each app its own appName.`;
  const together = [app, ...sharing];
  const said = sum(together, ({ now }) => now.open);
  const pending = sum(together, ({ now }) => now.pending);
  const expected = sum(together, (one) => one.seen?.expectedMonitors ?? 0);
  const held = seen.pooled + seen.monitors;
  const age = Math.max(0, view.at - seen.at);
  const read = `The nodes of ${cluster} count ${count(seen.pooled)} pooled connections and ${counted(seen.monitors, 'heartbeat')} for ${named(together)}, read ${span(age)} ago.`;
  const reported = `The reports have ${count(said)} open${pending === 0 ? '' : ` and ${count(pending)} being opened`}, and ${counted(expected, 'heartbeat')} ${expected === 1 ? 'is' : 'are'} expected.`;
  // A client that polls has one of two heartbeats on each node, and so has one that just started.
  const [least, most] = [said + expected / 2, said + pending + expected];
  const tolerance = Math.max(TOLERANCE.connections, TOLERANCE.share * most);
  const difference = held > most ? held - most : held < least ? held - least : 0;
  const verdict =
    Math.abs(difference) <= tolerance ? 'That fits.' : differenceInWords(difference, { together, age, seen });
  return `${read} ${reported} ${verdict}`;
}

function cannotCompare(app: AppPools): string | null {
  const { cluster, addresses, processes, stale } = app;
  if (addresses.length === 0) return 'It has no pool yet: nothing can be compared.';
  if (cluster === null)
    return `${listed(addresses)} ${addresses.length === 1 ? 'belongs' : 'belong'} to no monitored cluster: no node can be compared, and no alert watches it.`;
  if (stale === processes.length) return 'All of its processes are stale, so nothing can be compared.';
  if (appNamesOf(app) !== null) return null;
  const pools = freshOf(app).flatMap((process) =>
    process.pools.map(({ client }) => ({ client, id: process.process.id })),
  );
  const clients = new Map(pools.map(({ client, id }) => [`${id} ${client.n}`, client.appName]));
  const unnamed = [...clients.values()].filter((name) => name === null || name === '').length;
  return `${count(unnamed)} of its ${counted(clients.size, 'client')} ${unnamed === 1 ? 'has' : 'have'} no appName, so the nodes cannot count them as its own. Set appName in the connection string.`;
}

/** The pooled connections that the nodes count for it; null when unknown, or when other apps share one of its appNames. */
export function seenAlone(app: AppPools, view: PoolsView): number | null {
  return app.seen !== null && sharingWith(app, view)?.length === 0 ? app.seen.pooled : null;
}

/** The other apps of exactly the same appNames; null when only some names are the same. */
function sharingWith(app: AppPools, { apps }: PoolsView): readonly AppPools[] | null {
  const own = appNamesOf(app) ?? [];
  const others = apps.filter((one) => one !== app && one.cluster === app.cluster);
  const sharing = others.filter((one) => namesIn(one).some((name) => own.includes(name)));
  const isSame = (one: AppPools) => appNamesOf(one)?.join('\n') === own.join('\n');
  return sharing.every(isSame) ? sharing : null;
}

const namesIn = (app: AppPools) =>
  freshOf(app).flatMap(({ pools }) => pools.flatMap(({ client }) => client.appName ?? []));

/** `appName "billing"`, `appName "billing", which billing and worker share` */
function named(together: readonly AppPools[]): string {
  const [app, ...others] = together;
  const names = app === undefined ? [] : (appNamesOf(app) ?? []);
  const words = `appName ${listed(names.map((name) => `"${name}"`))}`;
  return others.length === 0 ? words : `${words}, which ${listed(together.map((one) => one.app))} share`;
}

function differenceInWords(
  difference: number,
  of: { readonly together: readonly AppPools[]; readonly age: number; readonly seen: AppSeen },
): string {
  const { together, age, seen } = of;
  const amount = count(Math.abs(difference));
  const processes = together.flatMap((app) => app.processes);
  if (difference > 0) {
    const stale = processes.filter(({ isStale }) => isStale);
    const left = sum(processes, (process) => process.left);
    const likely = [
      ...(stale.length > 0
        ? [
            `${counted(stale.length, 'stale process')} with ${count(sum(stale, ({ now }) => now.open))} open when last heard`,
          ]
        : []),
      ...(left > 0 ? [`${counted(left, 'pool')} left out of the reports`] : []),
      'processes that do not report',
      'clients that were never closed (a leak)',
    ];
    return `The nodes count ${amount} more. Likely: ${likely.join(', or ')}.`;
  }
  const younger = processes.filter(({ process, isStale }) => !isStale && process.startedAt > seen.at).length;
  const likely = [
    ...(younger > 0 ? [`${counted(younger, 'process')} started after the reading`] : []),
    ...(age > OLD_MS ? ['pools grew after the reading'] : []),
    'connections go through a proxy',
  ];
  return `The nodes count ${amount} fewer. Likely: ${likely.join(', or ')}.`;
}
