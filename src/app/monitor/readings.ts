// Runs the slots of a cluster: claim, read, evaluate, write. During a store outage readings stay in memory. Also takes
// extra readings between the slots.

import { MINUTE } from '../../core/base/duration.ts';
import { UpstreamError } from '../../errors.ts';
import { type Backlog, createBacklog, type Unwritten } from './backlog.ts';
import { type Before, takeReading, writeExtra, writeReading } from './evaluate-reading.ts';
import { codesOf, createReadingLog, type ReadingLog, type ReadingOutcome } from './logging.ts';
import type { KnownAlerts } from './recall.ts';
import type { Claims } from './slot-claims.ts';
import type { StandIn } from './stand-in.ts';
import type { StateCache } from './state-cache.ts';
import { createStoreOutage, type StoreOutage } from './store-outage.ts';
import { isAway } from './transaction.ts';
import type { DecisionResult, MonitorInput } from './types.ts';

export interface ReadingRunner {
  /** One slot of one cluster. */
  run(cluster: string, slot: number, signal: AbortSignal): Promise<void>;
  /** The last reading of this process; null before the first. */
  last(cluster: string): LastReading | null;
  /** Forgets a cluster that is no longer monitored. */
  forget(cluster: string): void;
  readonly backlog: Pick<Backlog, 'size' | 'lost'>;
  readonly outage: StoreOutage;
  readonly extra: ExtraReadings;
}

interface LastReading {
  readonly slot: number;
  /** No node answered, so nothing was read. */
  readonly failed: boolean;
}

export function createReadingRunner(
  input: MonitorInput & {
    readonly memory: StateCache;
    readonly recall: KnownAlerts;
    readonly standIn: StandIn;
    readonly claims: Claims;
    readonly clusters: () => readonly string[];
    /** The next slot of a cluster, in milliseconds since 1970; null if there is none. */
    readonly next: (cluster: string) => number | null;
  },
): ReadingRunner {
  const { memory, recall, standIn, claims, log, onDecided } = input;
  const backlog = createBacklog(input.packing);
  const before: Before = new Map();
  const latest = new Map<string, LastReading>();
  const readingLog = createReadingLog(input);

  const decided = (what: DecisionResult | null) => {
    onDecided();
    if (what !== null) input.onNotifications?.(what);
  };
  const flush = async (signal: AbortSignal) => {
    for (let reading = backlog.first(); reading !== null && !signal.aborted; reading = backlog.first()) {
      try {
        if (reading.claimed || (await claims.isOurs(reading.snapshot.cluster, reading.slot)))
          decided(await writeReading(input, reading));
      } catch (error) {
        if (isAway(error)) throw error;
        // It would block every reading after it.
        log.error(
          { err: error, cluster: reading.snapshot.cluster, slot: new Date(reading.slot) },
          'unwritten reading was lost',
        );
        backlog.lose(reading);
      }
      backlog.done(reading);
    }
  };
  const outage = createStoreOutage({
    ...input,
    flush,
    waiting: backlog.size,
    isNotifier: () => input.clusters().some(claims.holds),
    standIn: {
      ...standIn,
      begin: () => standIn.begin(input.clusters().filter(claims.holds), backlog.all()),
    },
  });
  const keep = (reading: Unwritten) => {
    backlog.push(reading);
    standIn.judge(reading);
  };
  /** Null if another replica got the slot. */
  const claim = async (cluster: string, slot: number, signal: AbortSignal): Promise<'ours' | 'unclaimed' | null> => {
    try {
      if (outage.since() === null) return (await claims.claim(cluster, slot, signal)) ? 'ours' : null;
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      outage.begin(error);
    }
    // The replica that last read the cluster continues. If that is unknown, a second reading of the slot must be
    // avoided.
    return claims.holds(cluster) ? 'unclaimed' : null;
  };
  const write = async (reading: Unwritten) => {
    if (outage.since() !== null) return keep(reading);
    try {
      decided(await writeReading(input, reading));
    } catch (error) {
      if (!isAway(error)) {
        backlog.lose(reading);
        throw error;
      }
      keep({ ...reading, mayBeWritten: true });
      return outage.begin(error);
    }
    await recall.learn(reading.snapshot.cluster);
    await memory.save(reading.snapshot.cluster).catch((error: unknown) => {
      if (!(error instanceof UpstreamError)) throw error;
      outage.begin(error);
    });
  };

  return {
    async run(cluster, slot, signal) {
      const claimed = await claim(cluster, slot, signal);
      if (claimed === null) return;
      let finished: object = {};
      const onTaken = (outcome: ReadingOutcome) => {
        const { complete, nodesRead } = outcome;
        finished = { complete, nodesRead, problems: codesOf(outcome) };
        readingLog.record(outcome);
      };
      const snapshot = await takeReading(input, { cluster, before, last: memory.last(cluster), onTaken }, signal);
      if (snapshot === null) {
        readingLog.forget(cluster);
        return log.info({ cluster }, 'reading skipped, cluster not readable');
      }
      const failed = snapshot.nodes.every(({ problem }) => problem !== null);
      latest.set(cluster, { slot, failed });
      await write({ slot, snapshot, claimed: claimed === 'ours', mayBeWritten: false });
      log.debug({ cluster, slot: new Date(slot), ...finished }, 'cluster reading finished');
    },
    last: (cluster) => latest.get(cluster) ?? null,
    forget(cluster) {
      before.delete(cluster);
      latest.delete(cluster);
    },
    backlog,
    outage,
    extra: createExtraReadings({ ...input, outage, readingLog }),
  };
}

// Extra readings: taken at once when a node becomes critical, so that its alert can say who fills it.

interface ExtraReadings {
  /**
   * In the background, at most one in five minutes, of all replicas. A scheduled reading that runs or begins within a
   * minute stands in.
   */
  begin(cluster: string): void;
  /** Resolves when none runs. */
  ended(): Promise<void>;
}

/** What was read, or why nothing was. */
type ExtraReading =
  | { readonly kind: 'taken'; readonly outcome: ReadingOutcome }
  | { readonly kind: 'left-out'; readonly reason: string };

const EXTRA_EVERY = 5 * MINUTE;
const STANDS_IN_WITHIN = MINUTE;
/** A reading has timeouts of two minutes. */
const LONGEST_READING = 2 * MINUTE;

interface ExtraInput
  extends Pick<
    MonitorInput,
    'reports' | 'store' | 'book' | 'routing' | 'instance' | 'now' | 'log' | 'signal' | 'onDecided'
  > {
  readonly memory: StateCache;
  readonly outage: Pick<StoreOutage, 'since' | 'begin'>;
  readonly readingLog: Pick<ReadingLog, 'record'>;
  readonly next: (cluster: string) => number | null;
}

function createExtraReadings(input: ExtraInput): ExtraReadings {
  const { outage, readingLog, log, onDecided } = input;
  const running = new Set<string>();
  const works = new Set<Promise<void>>();

  const read = async (cluster: string, signal: AbortSignal): Promise<ExtraReading> => {
    const why = await whyNoExtra(input, cluster);
    if (why !== null) return leftOut(why);
    let outcome: ReadingOutcome | null = null;
    const onTaken = (found: ReadingOutcome) => {
      outcome = found;
      readingLog.record(found);
    };
    // The scheduled readings compare their holders with one another.
    const snapshot = await takeReading(input, { cluster, before: new Map(), last: null, onTaken }, signal);
    if (snapshot === null || outcome === null) return leftOut('the cluster is not readable');
    await writeExtra(input, { ...snapshot, extra: true });
    onDecided();
    return { kind: 'taken', outcome };
  };
  const take = async (cluster: string, signal: AbortSignal): Promise<ExtraReading> => {
    if (outage.since() !== null) return leftOut(STORE_AWAY);
    if (running.has(cluster)) return leftOut(TAKEN);
    running.add(cluster);
    try {
      return await read(cluster, signal);
    } catch (error) {
      if (!isAway(error)) throw error;
      outage.begin(error);
      return leftOut(STORE_AWAY);
    } finally {
      running.delete(cluster);
    }
  };
  const inBackground = async (cluster: string) => {
    try {
      const found = await take(cluster, input.signal);
      if (found.kind === 'left-out') return log.debug({ cluster, reason: found.reason }, 'extra reading left out');
      const { complete, nodesRead } = found.outcome;
      log.debug({ cluster, complete, nodesRead, problems: codesOf(found.outcome) }, 'extra reading finished');
    } catch (error) {
      if (!input.signal.aborted) log.error({ err: error, cluster }, 'extra reading has failed');
    }
  };
  return {
    begin(cluster) {
      const work = inBackground(cluster).finally(() => works.delete(work));
      works.add(work);
    },
    ended: async () => void (await Promise.all(works)),
  };
}

const STORE_AWAY = 'the store is unavailable';
const TAKEN = 'another extra reading was taken within five minutes';

function leftOut(reason: string): ExtraReading {
  return { kind: 'left-out', reason };
}

/** Null if an extra reading may be taken: then its claim is this replica's. */
async function whyNoExtra({ store, instance, now, next }: ExtraInput, cluster: string): Promise<string | null> {
  const at = now().getTime();
  const slot = next(cluster);
  if (slot !== null && slot - at <= STANDS_IN_WITHIN) return 'a scheduled reading begins within a minute';
  const last = await store.lastClaim(cluster);
  const isRecent = last !== null && Math.abs(at - last.slot) < LONGEST_READING;
  if (isRecent && !(await store.hasReading({ cluster, slot: last.slot }))) return 'a scheduled reading runs';
  // Two claims side by side may be seconds apart.
  for await (const { extra } of store.snapshots({ cluster, after: at - EXTRA_EVERY, until: at }))
    if (extra === true) return TAKEN;
  const claim = { cluster: `${cluster}#extra`, slot: at - (at % EXTRA_EVERY), instance };
  return (await store.claim(claim)) ? null : TAKEN;
}
