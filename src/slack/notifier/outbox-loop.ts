// The notifier's loop: leases deliveries from the outbox, sends them, and records the outcomes.

import { setTimeout as wait } from 'node:timers/promises';
import { LONGEST_POSTPONEMENT, type MessageRef } from '../../core/alerting/delivery.ts';
import { withTimeout } from '../../core/base/abort.ts';
import type { LeasedDelivery, Outbox } from '../../core/ports/store.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import type { NotifierTiming } from '../client/settings.ts';
import type { Deliver } from './deliver.ts';
import type { RefreshTurns } from './pacing.ts';
import type { DeliveryOutcome } from './policy.ts';

export interface Loop {
  start(): void;
  /** Leases no more, returns waiting deliveries, and waits for running ones. */
  stop(waitMs: number): Promise<void>;
  /** Reports that something is in the outbox. */
  poke(): void;
}

export interface LoopInput {
  readonly outbox: Outbox;
  readonly deliver: Deliver;
  readonly refreshes: RefreshTurns;
  readonly instance: string;
  readonly timing: NotifierTiming;
  readonly now: () => Date;
  readonly log: Log;
  /** Called with each delivery that is dropped. */
  readonly onDropped: (delivery: LeasedDelivery) => void;
  /** Aborted by `stop`. */
  readonly stopping: AbortController;
}

/** The most deliveries at the same time, over all channels. Beside them, one refresh. */
const MOST = 20;

export function createLoop(input: LoopInput): Loop {
  const { outbox, timing, log, stopping, refreshes } = input;
  const running = new Set<Promise<void>>();
  let isRefreshing = false;
  let refreshing: Promise<void> = Promise.resolve();
  const now = () => input.now().getTime();
  let isPoked = false;
  let wake = () => {};
  /** When returned deliveries are due again. */
  let dues: readonly number[] = [];
  let looping: Promise<void> = Promise.resolve();
  let isStoreAway = false;
  const records = createRecords({
    ...input,
    stopping: stopping.signal,
    onDue: (at) => {
      dues = [...dues, at];
    },
  });

  const poke = () => {
    isPoked = true;
    wake();
  };

  const lease = async (): Promise<readonly LeasedDelivery[]> => {
    const most = { limit: MOST - running.size, refreshes: !isRefreshing && refreshes.isOpen() ? 1 : 0 };
    if (most.limit === 0 && most.refreshes === 0) return [];
    try {
      const leased = await outbox.take({ instance: input.instance, now: now(), leaseMs: timing.lease, ...most });
      isStoreAway = false;
      return leased;
    } catch (error) {
      if (!isStoreAway) log.warn({ err: error }, 'outbox not readable');
      isStoreAway = true;
      return [];
    }
  };

  const outcomeOf = async (delivery: LeasedDelivery, until: number): Promise<DeliveryOutcome> => {
    const unrecorded = records.unrecorded(delivery);
    if (unrecorded !== null && delivery.kind !== 'message') return unrecorded;
    const known = unrecorded?.place ?? null;
    try {
      const outcome = await input.deliver(delivery, { known, until });
      return outcome.kind === 'sent' ? { kind: 'sent', place: outcome.place ?? known } : outcome;
    } catch (error) {
      if (!stopping.signal.aborted) log.warn({ delivery: delivery.id, err: error }, 'delivery not prepared');
      return { kind: 'later', afterMs: stopping.signal.aborted ? 0 : timing.idle };
    }
  };

  const run = async (delivery: LeasedDelivery, until: number): Promise<void> => {
    const made = await outcomeOf(delivery, until);
    // Only a search in Slack resolves a doubt, and a postponed attempt may not have searched.
    const outcome: DeliveryOutcome = made.kind === 'later' && delivery.inDoubt ? { ...made, kind: 'doubted' } : made;
    log.debug({ delivery: delivery.id, edition: delivery.edition, outcome: outcome.kind }, 'delivery attempted');
    await records.record(delivery, outcome);
  };

  /** Waits for a poke, the next due time, the next refresh, or the idle interval. */
  const rest = async (): Promise<void> => {
    if (isPoked || stopping.signal.aborted) return;
    const woken = Promise.withResolvers<void>();
    wake = woken.resolve;
    const refreshMs = isRefreshing || refreshes.opensIn() === 0 ? timing.idle : refreshes.opensIn();
    const ms = Math.min(timing.idle, Math.max(1, Math.min(...dues) - now()), refreshMs);
    const timer = setTimeout(woken.resolve, ms);
    await woken.promise;
    clearTimeout(timer);
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      isPoked = false;
      dues = dues.filter((at) => at > now());
      const until = now() + timing.lease;
      for (const delivery of await lease()) {
        if (delivery.refresh !== null) {
          isRefreshing = true;
          refreshing = run(delivery, until).finally(() => {
            isRefreshing = false;
            poke();
          });
          continue;
        }
        const work = run(delivery, until).finally(() => {
          running.delete(work);
          // The next delivery of the same alert may go now.
          poke();
        });
        running.add(work);
      }
      await rest();
    }
  };

  return {
    start() {
      looping = loop();
    },
    poke,
    async stop(waitMs) {
      stopping.abort();
      wake();
      const ended = looping.then(() => Promise.allSettled([...running, refreshing]));
      await withTimeout(ended, { ms: waitMs });
    },
  };
}

// Records outcomes in the store. Retries while the store is unavailable, and remembers sent deliveries meanwhile.

interface Records {
  /** The outcome of a sent delivery that the store does not know: it must not be posted again. */
  unrecorded(delivery: LeasedDelivery): Extract<DeliveryOutcome, { kind: 'sent' }> | null;
  /** A delivery that cannot be recorded is leased again, in doubt, after its lease. So giving up loses nothing. */
  record(delivery: LeasedDelivery, outcome: DeliveryOutcome): Promise<void>;
}

const MOST_ATTEMPTS = 4;

/** The functions of the result never reject. */
function createRecords(input: {
  readonly outbox: Outbox;
  readonly timing: NotifierTiming;
  readonly now: () => Date;
  readonly log: Log;
  /** Called with the time of the next attempt, in milliseconds since 1970. */
  readonly onDue: (at: number) => void;
  /** Called with each delivery that is dropped. */
  readonly onDropped: (delivery: LeasedDelivery) => void;
  readonly stopping: AbortSignal;
}): Records {
  const { outbox, timing, log, stopping } = input;
  /** By delivery. */
  const unrecorded = new Map<string, MessageRef | null>();

  const due = (afterMs: number): number => {
    const at = input.now().getTime() + Math.ceil(Math.min(afterMs, LONGEST_POSTPONEMENT));
    input.onDue(at);
    return at;
  };

  const settle = async (delivery: LeasedDelivery, outcome: DeliveryOutcome): Promise<void> => {
    switch (outcome.kind) {
      case 'sent':
        unrecorded.set(delivery.id, outcome.place);
        await outbox.sent(delivery, outcome.place);
        return void unrecorded.delete(delivery.id);
      case 'later':
        return outbox.postponed(delivery, due(outcome.afterMs));
      case 'doubted':
        return outbox.doubted(delivery, due(outcome.afterMs));
      case 'dropped':
        if (delivery.refresh === null)
          log.warn({ delivery: delivery.id, channel: delivery.channel, why: outcome.why }, 'message dropped');
        else log.debug({ delivery: delivery.id, why: outcome.why }, 'refresh dropped');
        await outbox.dropped(delivery);
        return input.onDropped(delivery);
    }
  };

  const pause = async (ms: number): Promise<void> => {
    try {
      await wait(ms, undefined, { signal: stopping });
    } catch (error) {
      if (!stopping.aborted) throw error;
    }
  };

  return {
    unrecorded({ id }) {
      const place = unrecorded.get(id);
      return place === undefined ? null : { kind: 'sent', place };
    },
    async record(delivery, outcome) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await settle(delivery, outcome);
        } catch (error) {
          log.warn({ delivery: delivery.id, attempt, err: error }, 'delivery outcome not recorded');
          if (attempt === MOST_ATTEMPTS || stopping.aborted) return;
        }
        await pause(timing.retry.least * attempt);
      }
    },
  };
}
