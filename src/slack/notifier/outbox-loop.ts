// The notifier's loop: takes from the outbox, has it sent, and records what became of it.

import { setTimeout as wait } from 'node:timers/promises';
import { LONGEST_WAIT, type MessageRef } from '../../core/alerting/delivery.ts';
import { withTimeout } from '../../core/base/abort.ts';
import type { LeasedDelivery, Outbox } from '../../core/ports/store.ts';
import type { BotLog } from '../client/log.ts';
import type { NotifierTiming } from '../client/settings.ts';
import type { Deliver } from './deliver.ts';
import type { DeliveryOutcome } from './policy.ts';

export interface Loop {
  /** Looks into the outbox from now on. */
  start(): void;
  /** Takes no more, gives back what waits for its turn, and waits for what is on its way. */
  stop(waitMs: number): Promise<void>;
  /** Something is in the outbox. */
  poke(): void;
}

export interface LoopInput {
  readonly outbox: Outbox;
  readonly deliver: Deliver;
  readonly instance: string;
  readonly timing: NotifierTiming;
  readonly now: () => Date;
  readonly log: BotLog;
  /** Called with each delivery that is given up. */
  readonly onDropped: (taken: LeasedDelivery) => void;
  /** Aborted by `stop`. */
  readonly stopping: AbortController;
}

/** Deliveries on their way at once, over all channels. */
const MOST = 20;

export function createLoop(input: LoopInput): Loop {
  const { outbox, timing, log, stopping } = input;
  const running = new Set<Promise<void>>();
  const now = () => input.now().getTime();
  let isPoked = false;
  let wake = () => {};
  /** When what was given back is due again. */
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

  const take = async (): Promise<readonly LeasedDelivery[]> => {
    try {
      const limit = MOST - running.size;
      const taken = await outbox.take({ instance: input.instance, now: now(), leaseMs: timing.lease, limit });
      isStoreAway = false;
      return taken;
    } catch (error) {
      if (!isStoreAway) log.warn({ err: error }, 'outbox not readable');
      isStoreAway = true;
      return [];
    }
  };

  const outcomeOf = async (taken: LeasedDelivery, until: number): Promise<DeliveryOutcome> => {
    const unrecorded = records.unrecorded(taken);
    if (unrecorded !== null && taken.kind !== 'message') return unrecorded;
    const known = unrecorded?.place ?? null;
    try {
      const outcome = await input.deliver(taken, { known, until });
      return outcome.kind === 'sent' ? { kind: 'sent', place: outcome.place ?? known } : outcome;
    } catch (error) {
      if (!stopping.signal.aborted) log.warn({ delivery: taken.id, err: error }, 'delivery not prepared');
      return { kind: 'later', afterMs: stopping.signal.aborted ? 0 : timing.idle };
    }
  };

  const run = async (taken: LeasedDelivery, until: number): Promise<void> => {
    const made = await outcomeOf(taken, until);
    // Only a look into Slack ends a doubt, and what is put off may not have come to it.
    const outcome: DeliveryOutcome = made.kind === 'later' && taken.inDoubt ? { ...made, kind: 'doubted' } : made;
    log.debug({ delivery: taken.id, edition: taken.edition, outcome: outcome.kind }, 'delivery attempted');
    await records.record(taken, outcome);
  };

  /** Until somebody pokes, the next is due, or it is time to look anyway. */
  const rest = async (): Promise<void> => {
    if (isPoked || stopping.signal.aborted) return;
    const woken = Promise.withResolvers<void>();
    wake = woken.resolve;
    const ms = Math.min(timing.idle, Math.max(1, Math.min(...dues) - now()));
    const timer = setTimeout(woken.resolve, ms);
    await woken.promise;
    clearTimeout(timer);
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      isPoked = false;
      dues = dues.filter((at) => at > now());
      const until = now() + timing.lease;
      const taken = running.size < MOST ? await take() : [];
      for (const one of taken) {
        const work = run(one, until).finally(() => {
          running.delete(work);
          // The next of the same alert may go now.
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
      const ended = looping.then(() => Promise.allSettled(running));
      await withTimeout(ended, { ms: waitMs });
    },
  };
}

// What became of deliveries, told to the store: tried again while the store is away, and remembered meanwhile.

interface Records {
  /** It is in Slack, and the store could not be told: it must not be posted again. Null where that is not so. */
  unrecorded(taken: LeasedDelivery): Extract<DeliveryOutcome, { kind: 'sent' }> | null;
  /** What cannot be recorded is given out again when its lease is over, in doubt: nothing is lost by giving up. */
  record(taken: LeasedDelivery, outcome: DeliveryOutcome): Promise<void>;
}

/** Of the store, to remember what was sent. */
const MOST_ATTEMPTS = 4;

/** Its functions never reject. */
function createRecords(input: {
  readonly outbox: Outbox;
  readonly timing: NotifierTiming;
  readonly now: () => Date;
  readonly log: BotLog;
  /** Called with when something is to be tried again, in milliseconds since 1970. */
  readonly onDue: (at: number) => void;
  /** Called with each delivery that is given up. */
  readonly onDropped: (taken: LeasedDelivery) => void;
  readonly stopping: AbortSignal;
}): Records {
  const { outbox, timing, log, stopping } = input;
  /** By delivery. */
  const unrecorded = new Map<string, MessageRef | null>();

  const due = (afterMs: number): number => {
    const at = input.now().getTime() + Math.ceil(Math.min(afterMs, LONGEST_WAIT));
    input.onDue(at);
    return at;
  };

  const settle = async (taken: LeasedDelivery, outcome: DeliveryOutcome): Promise<void> => {
    switch (outcome.kind) {
      case 'sent':
        unrecorded.set(taken.id, outcome.place);
        await outbox.sent(taken, outcome.place);
        return void unrecorded.delete(taken.id);
      case 'later':
        return outbox.postponed(taken, due(outcome.afterMs));
      case 'doubted':
        return outbox.doubted(taken, due(outcome.afterMs));
      case 'dropped':
        log.warn({ delivery: taken.id, channel: taken.channel, why: outcome.why }, 'message dropped');
        await outbox.dropped(taken);
        return input.onDropped(taken);
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
    async record(taken, outcome) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await settle(taken, outcome);
        } catch (error) {
          log.warn({ delivery: taken.id, attempt, err: error }, 'delivery outcome not recorded');
          if (attempt === MOST_ATTEMPTS || stopping.aborted) return;
        }
        await pause(timing.retry.least * attempt);
      }
    },
  };
}
