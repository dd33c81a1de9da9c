// The notifier's loop: takes from the outbox, has it sent, and records what became of it.

import type { Outbox, Taken } from '../../core/outbox.ts';
import type { BotLog } from '../client/log.ts';
import type { NotifierTiming } from '../client/settings.ts';
import { createRecords } from '../notifier-records.ts';
import type { Deliver } from './deliver.ts';
import type { Outcome } from './policy.ts';

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
  readonly onDropped: (taken: Taken) => void;
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

  const take = async (): Promise<readonly Taken[]> => {
    try {
      const limit = MOST - running.size;
      const taken = await outbox.take({ instance: input.instance, now: now(), leaseMs: timing.lease, limit });
      isStoreAway = false;
      return taken;
    } catch (error) {
      if (!isStoreAway) log.warn({ err: error }, 'the outbox cannot be read');
      isStoreAway = true;
      return [];
    }
  };

  const outcomeOf = async (taken: Taken, until: number): Promise<Outcome> => {
    const unrecorded = records.unrecorded(taken);
    if (unrecorded !== null && taken.kind !== 'message') return unrecorded;
    const known = unrecorded?.place ?? null;
    try {
      const outcome = await input.deliver(taken, { known, until });
      return outcome.kind === 'sent' ? { kind: 'sent', place: outcome.place ?? known } : outcome;
    } catch (error) {
      if (!stopping.signal.aborted) log.warn({ delivery: taken.id, err: error }, 'a delivery could not be prepared');
      return { kind: 'later', afterMs: stopping.signal.aborted ? 0 : timing.idle };
    }
  };

  const run = async (taken: Taken, until: number): Promise<void> => {
    const made = await outcomeOf(taken, until);
    // Only a look into Slack ends a doubt, and what is put off may not have come to it.
    const outcome: Outcome = made.kind === 'later' && taken.inDoubt ? { ...made, kind: 'doubted' } : made;
    log.debug({ delivery: taken.id, edition: taken.edition, outcome: outcome.kind }, 'a delivery was seen to');
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
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, waitMs);
      await Promise.race([looping.then(() => Promise.allSettled(running)), late.promise]);
      clearTimeout(timer);
    },
  };
}
