// Runs the slots of a cluster: claim, read, evaluate, write. During a store outage readings stay in memory.

import { UpstreamError } from '../../errors.ts';
import { type Backlog, createBacklog, type Unwritten } from './backlog.ts';
import { type Before, takeReading, writeReading } from './evaluate-reading.ts';
import { codesOf, createReadingLog, type ReadingOutcome } from './logging.ts';
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
  /** A reading for the log alone, before the first slot: what cannot be read is known at once. Never rejects. */
  atStart(cluster: string, signal: AbortSignal): Promise<void>;
  /** The last reading of this process; null before the first. */
  last(cluster: string): LastReading | null;
  /** Forgets a cluster that is no longer monitored. */
  forget(cluster: string): void;
  readonly backlog: Pick<Backlog, 'size' | 'lost'>;
  readonly outage: StoreOutage;
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
      const onTaken = (outcome: ReadingOutcome) => {
        const { complete, nodesRead } = outcome;
        log.debug(
          { cluster, slot: new Date(slot), complete, nodesRead, problems: codesOf(outcome) },
          'cluster reading finished',
        );
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
    },
    async atStart(cluster, signal) {
      const onTaken = (outcome: ReadingOutcome) => {
        const { nodesRead } = outcome;
        // Without an outbox, the caller prints what was read.
        const isBot = input.onNotifications === undefined;
        if (isBot && codesOf(outcome).length === 0) log.info({ cluster, nodesRead }, 'cluster was read at start');
        readingLog.record(outcome);
      };
      try {
        await takeReading(input, { cluster, before: new Map(), last: null, onTaken }, signal);
      } catch (err) {
        if (!signal.aborted) log.error({ err, cluster }, 'reading at start failed');
      }
    },
    last: (cluster) => latest.get(cluster) ?? null,
    forget(cluster) {
      before.delete(cluster);
      latest.delete(cluster);
    },
    backlog,
    outage,
  };
}
