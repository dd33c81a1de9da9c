// The evidence of an app whose operations wait for its own pools: where, why, and what helps. Side by side, the pools and
// the nodes tell a pool that is too small from a full server, and from connections that are never returned.

import { count, counted, joinWords, percent, span, sum } from '../base/format.ts';
import { fullestOf, headroomWord } from '../connections/node-usage.ts';
import { wordsOf } from '../diagnosis/words.ts';
import { defaultsOf } from '../drivers/defaults.ts';
import { driverOf } from '../drivers/driver.ts';
import { statusOf, uriOption } from '../drivers/options.ts';
import { type AppLook, isFullPool, meanWait, type PoolLook, type ProcessLook, waitText } from '../pools/look.ts';
import { serverOf } from '../pools/report.ts';
import type { Snapshot, SnapshotNode, SnapshotSource } from '../snapshots/snapshot.ts';
import type { AlertEvidence, ExhaustedProcess, NodeImpact, PoolImpact, PoolSource } from './evidence.ts';

/** The connections of an app that the nodes counted in a reading. */
export interface AppActivity {
  readonly active: number;
  readonly pooled: number;
  /** When they were read, in milliseconds since 1970. */
  readonly at: number;
  /** Whose they are, the largest first. */
  readonly sources: readonly PoolSource[];
}

export interface ExhaustionContext {
  /** The look, and the one before, in milliseconds since 1970. */
  readonly at: number;
  readonly since: number;
  readonly nodes: readonly Pick<SnapshotNode, 'host' | 'current' | 'limit'>[];
  /** The first label of a host where that is unique. */
  readonly short: (host: string) => string;
  /** By the `appName` of its clients; null where no recent reading has them. */
  readonly activity: AppActivity | null;
}

const MOST_WORST = 5;

/** @param exhausted the processes in which operations wait, each with the pools where they do */
export function poolEvidence(
  app: AppLook,
  exhausted: readonly ProcessLook[],
  context: ExhaustionContext,
): AlertEvidence & { readonly pools: PoolImpact } {
  const { at, since } = context;
  const pools = exhausted.flatMap((one) => one.pools);
  const node = nodeOf(pools, context);
  const worst = exhausted
    .map((one) => ({ host: one.process.host, pid: one.process.pid, ...figuresOf(one.pools) }))
    .toSorted(mostWaitingFirst)
    .slice(0, MOST_WORST);
  const known = { app, pools, node, worst, context };
  const kind = kindOf(known);
  const { doNow, thenFix } = REMEDIES[kind](known);
  return {
    ...{ readAt: at, culprits: [], changed: [], shutOut: [], hurt: [], node, doNow },
    thenFix: [...thenFix, ...boundedWait(exhausted)],
    pools: {
      ...{ app: app.app, processes: app.processes.length, exhausted: exhausted.length },
      ...figuresOf(pools),
      checkouts: sum(pools, (pool) => pool.since?.checkouts ?? 0),
      ...{ at, since, cause: CAUSES[kind](known), worst },
      ...(context.activity !== null && { sources: context.activity.sources }),
    },
  };
}

function figuresOf(pools: readonly PoolLook[]): Omit<ExhaustedProcess, 'host' | 'pid'> {
  const sizes = pools.map(({ maxPoolSize }) => maxPoolSize);
  return {
    inUse: sum(pools, ({ now }) => now.inUse),
    capacity: sizes.includes(null) ? null : sum(sizes, (size) => size ?? 0),
    waiting: sum(pools, ({ now }) => now.waiting),
    meanWaitMs: meanWait(pools),
    timeouts: sum(pools, (pool) => pool.since?.timeouts ?? 0),
  };
}

function mostWaitingFirst(a: ExhaustedProcess, b: ExhaustedProcess): number {
  return b.timeouts - a.timeouts || b.waiting - a.waiting || (b.meanWaitMs ?? 0) - (a.meanWaitMs ?? 0);
}

/** The fullest of the nodes that the pools lead to; of all nodes, where none of these tells its limit. */
function nodeOf(pools: readonly PoolLook[], { nodes, short, at }: ExhaustionContext): NodeImpact | null {
  const servers = new Set(pools.map(({ address }) => serverOf(address)));
  const own = fullestOf(nodes.filter(({ host }) => servers.has(serverOf(host))));
  const [fullest] = own.length > 0 ? own : fullestOf(nodes);
  if (fullest === undefined) return null;
  const { host, current, limit } = fullest;
  return { host, short: short(host), role: null, current, limit, at, perMinute: null, refused: null };
}

/** `leak`: connections are not returned; `stuck`: that, or slow operations; `opening`: the pools are not full. */
type Kind = 'leak' | 'stuck' | 'opening' | 'nodes' | 'pool';

interface Known {
  readonly app: AppLook;
  readonly pools: readonly PoolLook[];
  readonly node: NodeImpact | null;
  readonly worst: readonly ExhaustedProcess[];
  readonly context: ExhaustionContext;
}

/** The nodes count most connections of these processes, and nearly none of them runs an operation. */
const SEEN = 0.5;
const NEARLY_IDLE = 0.1;

function kindOf({ pools, node, context: { activity } }: Known): Kind {
  const full = pools.filter(isFullPool);
  const isKnown = pools.every(({ maxPoolSize }) => maxPoolSize !== null);
  if (full.length === 0 && isKnown) return 'opening';
  const inUse = sum(full, ({ now }) => now.inUse);
  const isStill = full.length > 0 && full.every(({ since }) => since !== null && since.checkouts === 0);
  if (isStill) {
    const isIdle = activity !== null && activity.active <= NEARLY_IDLE * inUse && activity.pooled >= SEEN * inUse;
    return isIdle ? 'leak' : 'stuck';
  }
  return node !== null && headroomWord(node.current / node.limit) !== 'fine' ? 'nodes' : 'pool';
}

const CAUSES: Readonly<Record<Kind, (known: Known) => string>> = {
  leak: ({ pools, app, node, context }) =>
    `Connections are checked out and not returned: cursors or sessions that stay open. ${stillText(pools, context)} ${activityText(app, context)}${fullText(node)}`,
  stuck: ({ pools, node, context }) =>
    `${stillText(pools, context)} Either each operation takes that long, or connections are checked out and not returned.${fullText(node)}`,
  opening: ({ pools, node }) =>
    `The pools are not full: new connections are not opened fast enough. ${openingText(pools)}${fullText(node)}`,
  nodes: ({ node }) => `The nodes are nearly full, too: a larger pool does not help.${fullText(node)}`,
  pool: ({ node }) =>
    node === null
      ? 'The pool is at its limit. No node said how full it is, so the headroom of the server is unknown.'
      : `The pool is the limit, not the server.${fullText(node)}`,
};

function stillText(pools: readonly PoolLook[], { at, since }: ExhaustionContext): string {
  const inUse = sum(pools, ({ now }) => now.inUse);
  return `${counted(inUse, 'connection')} ${inUse === 1 ? 'is' : 'are'} in use, and no checkout succeeded in the last ${span(at - since)}.`;
}

function openingText(pools: readonly PoolLook[]): string {
  const pending = sum(pools, ({ now }) => now.pending);
  return pending === 0
    ? 'None is being opened now.'
    : `${count(pending)} ${pending === 1 ? 'is' : 'are'} being opened now.`;
}

function activityText({ app }: AppLook, { activity }: ExhaustionContext): string {
  if (activity === null) return '';
  const { active, pooled, at } = activity;
  return `The nodes counted ${count(active)} active of ${counted(pooled, 'connection')} of ${app} at ${new Date(at).toISOString()}.`;
}

function fullText(node: NodeImpact | null): string {
  if (node === null) return '';
  return ` ${node.short} is at ${percent(node.current / node.limit)} of its ${count(node.limit)} connections.`;
}

type Remedies = Pick<AlertEvidence, 'doNow' | 'thenFix'>;

const REMEDIES: Readonly<Record<Kind, (known: Known) => Remedies>> = {
  leak: (known) => ({
    doNow: [`Restart ${processesText(known)}: that returns the connections.`],
    thenFix: ['Close cursors and end sessions, also after an error.'],
  }),
  stuck: (known) => ({
    doNow: [operationsText(known), `If there are none, restart ${processesText(known)}.`],
    thenFix: ['Bound the time of operations, and close cursors and sessions, also after an error.'],
  }),
  opening: () => ({
    doNow: ['Check the way from these processes to the nodes: network, TLS, and the load of the nodes.'],
    thenFix: ['If this happens after each pause, set minPoolSize to the operations at once, so that connections stay.'],
  }),
  nodes: (known) => ({
    doNow: [operationsText(known), 'Free connections on the nodes: the report says who holds them.'],
    thenFix: ['Shorten the operations: explain, indexes. Leave maxPoolSize as it is until the nodes have headroom.'],
  }),
  pool: (known) => ({
    doNow: [operationsText(known), `If there are none, start more processes of ${known.app.app}.`],
    thenFix: [wordsOf('pool-exhausted', [], largestPool(known.pools), demandOf(known.pools)).advice],
  }),
};

function operationsText({ app }: Known): string {
  return `Look for long operations of ${app.app}: db.currentOp() on the nodes, or Real-Time in Atlas.`;
}

const MOST_NAMED = 3;

/** `the processes with the most in use: web-7 (pid 4711) and web-8 (pid 12)` */
function processesText({ worst }: Known): string {
  const [first, ...more] = worst.toSorted((a, b) => b.inUse - a.inUse).slice(0, MOST_NAMED);
  const named = [first, ...more].flatMap((one) => (one === undefined ? [] : [`${one.host} (pid ${one.pid})`]));
  return named.length === 1 ? `the process ${joinWords(named)}` : `these processes first: ${joinWords(named)}`;
}

function largestPool(pools: readonly PoolLook[]): number | undefined {
  const sizes = pools.flatMap(({ maxPoolSize }) => maxPoolSize ?? []);
  return sizes.length === 0 ? undefined : Math.max(...sizes);
}

/** The most in use and waiting at once in one pool. */
const demandOf = (pools: readonly PoolLook[]) => Math.max(0, ...pools.map(({ now }) => now.inUse + now.waiting));

/** For a driver whose operations wait without end unless an option is set. */
function boundedWait(exhausted: readonly ProcessLook[]): readonly string[] {
  const hasTimeouts = exhausted.some(({ pools }) => pools.some(({ since }) => since !== null && since.timeouts > 0));
  const driver = driverOf(exhausted[0]?.process.driver.name ?? null);
  const option = uriOption('waitQueueTimeoutMS');
  if (hasTimeouts || driver === null || option === null || defaultsOf(driver).waitQueueTimeoutMS !== 0) return [];
  const name = statusOf(option, driver) === 'known' ? option.name : (option.instead ?? option.name);
  return [`Set ${name}, so that operations fail instead of waiting without end.`];
}

/** How far back a reading still tells what an app does. */
const RECENT = 15 * 60_000;
const MOST_SOURCES = 5;

/** What the last reading counted for clients with these names. Null without them, and for an old reading. */
export function activityOf(app: AppLook, reading: Snapshot | null, at: number): AppActivity | null {
  if (reading === null || at - reading.at > RECENT) return null;
  const names = new Set(app.processes.flatMap(({ pools }) => pools.flatMap(({ appName }) => appName ?? [])));
  const ownOf = ({ apps }: SnapshotSource) => apps.filter(({ name }) => name !== null && names.has(name));
  const pooledOf = (source: SnapshotSource) => sum(ownOf(source), ({ active, dormant }) => active + dormant);
  const found = reading.sources.filter((source) => ownOf(source).length > 0);
  if (found.length === 0) return null;
  return {
    active: sum(found.flatMap(ownOf), (row) => row.active),
    pooled: sum(found, pooledOf),
    at: reading.at,
    sources: found
      .toSorted((a, b) => pooledOf(b) - pooledOf(a))
      .slice(0, MOST_SOURCES)
      .map(({ id, name }) => ({ id, name })),
  };
}

/**
 * What people read first: `3 of 12 processes wait for connections: 300 of 300 in use, mean wait 2.1 s, 41 timeouts`, or
 * `…, 17 waiting, no checkout succeeded for 1 min`.
 */
export function exhaustedText({ processes, exhausted, inUse, capacity, at, since, ...pools }: PoolImpact): string {
  const many = `${count(exhausted)} of ${counted(processes, 'process')} ${exhausted === 1 ? 'waits' : 'wait'}`;
  const use = capacity === null ? `${count(inUse)} in use` : `${count(inUse)} of ${count(capacity)} in use`;
  return `${many} for connections: ${[use, ...waitParts(pools, ` for ${span(at - since)}`)].join(', ')}`;
}

/** `17 waiting`, `mean wait 2.1 s`, `41 timeouts` @param period how long no checkout succeeded */
export function waitParts(
  { waiting, meanWaitMs, timeouts }: Pick<PoolImpact, 'waiting' | 'meanWaitMs' | 'timeouts'>,
  period = '',
): readonly string[] {
  return [
    ...(waiting === 0 ? [] : [`${count(waiting)} waiting`]),
    ...(meanWaitMs === null ? [`no checkout succeeded${period}`] : [`mean wait ${waitText(meanWaitMs)}`]),
    ...(timeouts === 0 ? [] : [counted(timeouts, 'timeout')]),
  ];
}
