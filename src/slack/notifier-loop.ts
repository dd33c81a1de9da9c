// The notifier's loop: takes from the outbox, has it sent, and records what became of it.

import { setTimeout as wait } from 'node:timers/promises';
import type { MessageRef, Outbox, Taken } from '../core/outbox.ts';
import type { Deliver } from './delivery.ts';
import type { BotLog } from './log.ts';
import type { Outcome } from './patience.ts';
import type { NotifierTiming } from './settings.ts';

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
  readonly onDropped: (taken: Taken, why: string) => void;
  /** Aborted by `stop`. */
  readonly stopping: AbortController;
}

/** Deliveries on their way at once, over all channels. */
const MOST = 20;
/** Of the store, to remember what was sent. */
const RECORDINGS = 4;

export function createLoop(input: LoopInput): Loop {
  const { outbox, timing, log, stopping } = input;
  const running = new Set<Promise<void>>();
  /** Posted, and the store could not be told: by delivery. It must not be posted again. */
  const unrecorded = new Map<string, MessageRef | null>();
  const now = () => input.now().getTime();
  let isPoked = false;
  let wake = () => {};
  /** When what was given back is due again. */
  let dues: readonly number[] = [];
  let looping: Promise<void> = Promise.resolve();
  let isStoreAway = false;

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

  const outcomeOf = async (taken: Taken): Promise<Outcome> => {
    const isPosted = unrecorded.has(taken.id);
    if (isPosted && taken.kind !== 'message') return { kind: 'sent', place: null };
    const known = unrecorded.get(taken.id) ?? null;
    try {
      const outcome = await input.deliver(taken, known);
      return outcome.kind === 'sent' && outcome.place === null ? { kind: 'sent', place: known } : outcome;
    } catch (error) {
      if (stopping.signal.aborted) return { kind: 'later', afterMs: 0 };
      log.warn({ delivery: taken.id, err: error }, 'a delivery could not be prepared');
      return { kind: 'later', afterMs: timing.idle };
    }
  };

  const settle = async (taken: Taken, outcome: Outcome): Promise<void> => {
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
        log.warn({ delivery: taken.id, channel: taken.channel, why: outcome.why }, 'a message is given up');
        await outbox.dropped(taken);
        return input.onDropped(taken, outcome.why);
    }
  };

  const due = (afterMs: number): number => {
    const at = now() + Math.ceil(afterMs);
    dues = [...dues, at];
    return at;
  };

  /** What cannot be recorded is given out again when its lease is over, in doubt: nothing is lost by giving up here. */
  const recorded = async (taken: Taken, outcome: Outcome): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await settle(taken, outcome);
      } catch (error) {
        log.warn({ delivery: taken.id, attempt, err: error }, 'what became of a delivery could not be recorded');
        if (attempt === RECORDINGS || stopping.signal.aborted) return;
      }
      await pause(timing.retry.least * attempt);
    }
  };

  const run = async (taken: Taken): Promise<void> => {
    const outcome = await outcomeOf(taken);
    log.debug({ delivery: taken.id, edition: taken.edition, outcome: outcome.kind }, 'a delivery was seen to');
    await recorded(taken, outcome);
  };

  const pause = async (ms: number): Promise<void> => {
    try {
      await wait(ms, undefined, { signal: stopping.signal });
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
    }
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
      const taken = running.size < MOST ? await take() : [];
      for (const one of taken) {
        const work = run(one).finally(() => {
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
