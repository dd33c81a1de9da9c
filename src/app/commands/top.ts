// Use case: reads a cluster, or follows the readings of the store, and tells every change, until it is stopped.

import { withTimeout } from '../../core/base/abort.ts';
import type { Wait } from '../../core/base/clock.ts';
import { DAY } from '../../core/base/duration.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Label } from '../../core/connections/access-list.ts';
import { orNull, type Redact } from '../../core/connections/redaction.ts';
import { reportInChunks } from '../../core/connections/report.ts';
import type { AppPools, PoolsView } from '../../core/pools/view.ts';
import type { Store } from '../../core/ports/store.ts';
import { redactedSnapshot, type Snapshot } from '../../core/snapshots/snapshot.ts';
import { rowsOfPools } from '../../core/top/of-pools.ts';
import { readingOfReport } from '../../core/top/of-report.ts';
import { readingOfSnapshot } from '../../core/top/of-snapshot.ts';
import { isAnswered, type TopReading } from '../../core/top/row.ts';
import { pace } from '../../core/top/track.ts';
import { ConfigError, UpstreamError, UserError } from '../../errors.ts';
import type { ClusterRegistry } from '../clusters/registry.ts';
import { runInChunks } from '../scheduler/timers.ts';
import { storedCluster } from './history.ts';
import { type PoolsCommandInput, pools } from './pools.ts';
import type { TopFailure, TopRequest, TopUpdate, World } from './types.ts';

interface TopWorld {
  readonly now: () => Date;
  readonly wait: Wait;
  readonly redact: Redact;
  readonly progress: (text: string | null) => void;
  /** Rejects with ConfigError if no bot is known, and with UpstreamError if it does not answer. */
  readonly pools: (signal: AbortSignal) => Promise<PoolsView>;
}

/** Asks the bot of the settings, or the one at `poolsUrl`, as typed. */
export function poolsReaderOf(
  input: Pick<PoolsCommandInput, 'settings' | 'env'> & Pick<World, 'log'> & { readonly poolsUrl: string | null },
): TopWorld['pools'] {
  const { settings, env, log, poolsUrl: url } = input;
  let isRemarked = false;
  return async (signal) => {
    const { fetchPools } = await import('../../http/pools-client.ts');
    const asked = { settings, env, url, option: '--pools-url', fetchPools, hide: log.hide, signal };
    const { view, remarks } = await pools(asked);
    if (remarks.length > 0 && !isRemarked) log.warn({ remarks }, 'pools address was remarked');
    isRemarked = true;
    return view;
  };
}

/** One attempt to read. */
interface Attempt {
  readonly cluster: string;
  readonly reading: TopReading | null;
  readonly failure: TopFailure | null;
  readonly busyMs: number;
}

/** The pace may change while it waits: it is asked this often. */
const STEP_MS = 200;
/** An answer with the pools of 10,000 processes has 20 MB, and processes report no more often. */
const POOLS_MS = 5_000;

/** Never two readings at once. Rejects if the first one cannot begin; a later failure is told. */
export async function* top(
  world: TopWorld,
  request: Pick<TopRequest, 'everyMs' | 'showsPools' | 'signal'>,
  read: (before: TopReading | null, signal: AbortSignal) => Promise<Attempt>,
): AsyncGenerator<TopUpdate> {
  const { now, wait } = world;
  const { everyMs, signal } = request;
  const pooled = poolsReader(world, request);
  let before: TopReading | null = null;
  let last: Attempt | null = null;
  while (!signal.aborted) {
    const began = now().getTime();
    pooled.begin();
    const attempt: Attempt = await read(before, signal).catch((error: unknown) => failed(error, last, began, signal));
    before = attempt.reading ?? before;
    const { cluster } = attempt;
    const every = () => pace({ everyMs: everyMs(), busyMs: attempt.busyMs });
    last = attempt;
    yield { ...attempt, pools: toldPools(await pooled.answer(), { world, cluster }) };
    // A clock that is set back does not stop the readings.
    for (let waited = Math.max(0, now().getTime() - began); waited < every() && !signal.aborted; waited += STEP_MS) {
      await wait(Math.min(STEP_MS, Math.max(1, every() - waited)), signal);
      // The view of the pools may have been opened meanwhile.
      pooled.begin();
      const late = await pooled.late();
      if (late !== null) yield { ...attempt, reading: null, pools: toldPools(late, { world, cluster }) };
    }
  }
}

function toldPools(
  { view, problem }: PoolsRead,
  { world, cluster }: { readonly world: TopWorld; readonly cluster: string },
): TopUpdate['pools'] {
  return { rows: view === null ? null : rowsOfPools(redactedPools(view, world.redact), cluster), problem };
}

/** @throws the error if there was no reading before, or it is a fault of ours */
function failed(error: unknown, last: Attempt | null, at: number, signal: AbortSignal): Attempt {
  if (last === null || signal.aborted) throw error;
  const problem =
    error instanceof UpstreamError
      ? error.problem
      : error instanceof UserError
        ? { code: 'user', text: error.message, remedy: error.remedy }
        : null;
  if (problem === null) throw error;
  return { ...last, reading: null, failure: { at, problem } };
}

interface PoolsRead {
  /** Null when nothing new was read. */
  readonly view: PoolsView | null;
  readonly problem: Problem | null;
}

interface PoolsReader {
  /** Asks if it is time to. A fault is thrown by the two below. */
  begin(): void;
  /** Later readings of the cluster do not wait for a bot that answers slowly: they have the last answer. */
  answer(): Promise<PoolsRead>;
  /** Without waiting: what has come since; null if nothing has. */
  late(): Promise<PoolsRead | null>;
}

function poolsReader(
  { pools: read, now }: TopWorld,
  { showsPools, everyMs, signal }: Pick<TopRequest, 'showsPools' | 'everyMs' | 'signal'>,
): PoolsReader {
  let running: Promise<PoolsRead> | null = null;
  let isThere = false;
  let isFirst = true;
  let wasShown = false;
  let asked = Number.NEGATIVE_INFINITY;
  let problem: Problem | null = null;
  const ask = async (): Promise<PoolsRead> => {
    try {
      const view = await read(signal);
      // The clock of the bot may be another: ages are as of now.
      return { view: { ...view, at: now().getTime() }, problem: null };
    } catch (error) {
      if (error instanceof UpstreamError) return { view: null, problem: error.problem };
      if (signal.aborted) return { view: null, problem };
      if (error instanceof ConfigError) return { view: null, problem: error.problems[0] ?? null };
      throw error;
    } finally {
      isThere = true;
    }
  };
  const taken = (answer: PoolsRead) => {
    running = null;
    problem = answer.problem;
    return answer;
  };
  return {
    begin() {
      const isShown = showsPools();
      // A view that is opened has its answer at once. A clock that is set back does not keep it old.
      const pause = wasShown ? Math.max(POOLS_MS, everyMs()) : POOLS_MS;
      wasShown = isShown;
      if (!isShown || running !== null || Math.abs(now().getTime() - asked) < pause) return;
      asked = now().getTime();
      isThere = false;
      running = ask();
      running.catch(() => undefined);
    },
    async answer() {
      const waits = isFirst;
      isFirst = false;
      if (running === null) return { view: null, problem };
      const answer = waits ? await running : await withTimeout(running, { ms: STEP_MS });
      return answer === undefined ? { view: null, problem } : taken(answer);
    },
    async late() {
      return running !== null && isThere ? taken(await running) : null;
    },
  };
}

function redactedPools(view: PoolsView, redact: Redact): PoolsView {
  return { ...view, apps: view.apps.map((app) => redactedApp(app, redact)) };
}

function redactedApp(app: AppPools, redact: Redact): AppPools {
  return {
    ...app,
    app: redact(app.app),
    addresses: app.addresses.map(redact),
    processes: app.processes.map((one) => ({
      ...one,
      process: { ...one.process, host: redact(one.process.host) },
      pools: one.pools.map((pool) => ({ ...pool, address: redact(pool.address) })),
    })),
  };
}

// Where the readings come from.

/** Over the connections of the registry, which stay open between readings. */
export function liveReadings(
  world: TopWorld & { readonly registry: ClusterRegistry; readonly labels: readonly Label[] },
  requested: string | null,
): (before: TopReading | null, signal: AbortSignal) => Promise<Attempt> {
  const { registry, labels, redact, now, progress } = world;
  let isFirst = true;
  const say = (text: string | null) => {
    if (isFirst) progress(text);
  };
  return async (before, signal) => {
    say('Finding the cluster…');
    const { cluster, naming, closed } = await registry.open(orNull(requested, redact), signal);
    say(`Reading ${cluster.name}…`);
    const within = AbortSignal.any([signal, closed]);
    const [reading, names] = await Promise.all([cluster.read({ signal: within }), naming.read(within)]).catch(
      (error) => {
        // The next reading finds out whether it moved or is gone.
        throw closed.aborted && !signal.aborted ? new UpstreamError(movedProblem(cluster.name)) : error;
      },
    );
    const report = await runInChunks(reportInChunks({ reading, ...names, labels, redact, now: now() }));
    say(null);
    isFirst = false;
    const busyMs = Math.max(0, ...reading.nodes.map((node) => (node.kind === 'totals' ? 0 : (node.busyMs ?? 0))));
    const next = readingOfReport(report, before);
    const unread = next.nodes.find(({ problem }) => problem !== null)?.problem ?? next.problems[0] ?? NOTHING_READ;
    const failure = isAnswered(next) ? null : { at: next.at, problem: unread };
    return { cluster: cluster.name, reading: next, failure, busyMs };
  };
}

function movedProblem(name: string): Problem {
  return { code: 'cluster-closed', text: `${name} was moved or paused while it was read.`, remedy: '' };
}

const NOTHING_READ: Problem = {
  code: 'nothing-read',
  text: 'No node of the cluster could be read.',
  remedy: 'Try: atlas-conns check.',
};

/** The newest reading of the store, then each one that follows. */
export function storedReadings(
  { now, redact }: TopWorld,
  {
    store,
    requested,
    defaultCluster,
  }: { readonly store: Store; readonly requested: string | null; readonly defaultCluster: string | null },
): (before: TopReading | null, signal: AbortSignal) => Promise<Attempt> {
  let cluster: string | null = null;
  let seen = 0;
  // Of the newest reading: it stays until a later one has an answer.
  let failure: TopFailure | null = null;
  return async (before) => {
    cluster ??= await storedCluster(store, orNull(requested, redact), defaultCluster);
    const newest = (await store.head(cluster))?.at ?? null;
    // The first reading alone is enough for the start.
    const at = now().getTime();
    const after = seen > 0 ? seen : newest === null ? at - DAY : newest - 1;
    // The clock of the bot may be ahead.
    const until = Math.max(at, newest ?? 0);
    let reading: TopReading | null = null;
    for await (const snapshot of store.snapshots({ cluster, after, until })) {
      seen = snapshot.at;
      const next = readingOfSnapshot(redactedSnapshot(snapshot, redact), reading ?? before);
      failure = isAnswered(next) ? null : { at: next.at, problem: failureOf(snapshot, next) };
      reading = next;
    }
    return { cluster: redact(cluster), reading, failure, busyMs: 0 };
  };
}

function failureOf(snapshot: Snapshot, { nodes, problems }: TopReading): Problem {
  const unread = nodes.find(({ problem }) => problem !== null)?.problem;
  return problems[0] ?? unread ?? { ...NOTHING_READ, text: `No node of ${snapshot.cluster} could be read.` };
}
