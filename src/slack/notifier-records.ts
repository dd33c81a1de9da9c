// What became of deliveries, told to the store: tried again while the store is away, and remembered meanwhile.

import { setTimeout as wait } from 'node:timers/promises';
import { LONGEST_WAIT, type MessageRef, type Outbox, type Taken } from '../core/outbox.ts';
import type { BotLog } from './client/log.ts';
import type { NotifierTiming } from './client/settings.ts';
import type { Outcome } from './notifier/policy.ts';

export interface Records {
  /** It is in Slack, and the store could not be told: it must not be posted again. Null where that is not so. */
  unrecorded(taken: Taken): Extract<Outcome, { kind: 'sent' }> | null;
  /** What cannot be recorded is given out again when its lease is over, in doubt: nothing is lost by giving up. */
  record(taken: Taken, outcome: Outcome): Promise<void>;
}

/** Of the store, to remember what was sent. */
const MOST_ATTEMPTS = 4;

/** Its functions never reject. */
export function createRecords(input: {
  readonly outbox: Outbox;
  readonly timing: NotifierTiming;
  readonly now: () => Date;
  readonly log: BotLog;
  /** Called with when something is to be tried again, in milliseconds since 1970. */
  readonly onDue: (at: number) => void;
  /** Called with each delivery that is given up. */
  readonly onDropped: (taken: Taken) => void;
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
          log.warn({ delivery: taken.id, attempt, err: error }, 'what became of a delivery could not be recorded');
          if (attempt === MOST_ATTEMPTS || stopping.aborted) return;
        }
        await pause(timing.retry.least * attempt);
      }
    },
  };
}
