// Whether Slack is within reach, for a bot that has no connection to it: what the last exchange with its Web API came to.

import type { SlackResult } from '../core/ports/telemetry.ts';
import type { Told } from './deadline.ts';

export interface Reach {
  /** An exchange came to this, whoever began it. */
  note(result: SlackResult): void;
  /** Asks something first, where the last exchange is long ago. Never rejects. */
  look(): Promise<Reached>;
}

/** Milliseconds since 1970. */
export interface Reached {
  /** Null before the first answer. */
  readonly answeredAt: number | null;
  /** Of the first exchange since then without an answer; null where the last one had one. */
  readonly silentSince: number | null;
}

/** Slack is not asked more often than this for the sake of those who ask for health. */
const OLD_MS = 60_000;
/** One that is silent is missed: over HTTP a bot that is not ready gets no deliveries, which would bring it back. */
const OLD_SILENCE_MS = 10_000;

export function createReach(input: { readonly ask: () => Promise<Told<unknown>>; readonly now: () => Date }): Reach {
  const { ask, now } = input;
  let last: number | null = null;
  let reached: Reached = { answeredAt: null, silentSince: null };
  const note = (result: SlackResult) => {
    last = now().getTime();
    const { answeredAt, silentSince } = reached;
    reached =
      result === 'unanswered'
        ? { answeredAt, silentSince: silentSince ?? last }
        : { answeredAt: last, silentSince: null };
  };
  const isOld = (): boolean => {
    const age = last === null ? OLD_MS : now().getTime() - last;
    // Before 0 the clock was set back.
    return age < 0 || age >= (reached.silentSince === null ? OLD_MS : OLD_SILENCE_MS);
  };
  return {
    note,
    async look() {
      if (!isOld()) return reached;
      const asked = ask();
      // Who is known to be silent is not waited for: the next one who asks is told what came of it.
      if (reached.silentSince === null && (await asked).kind === 'late') note('unanswered');
      return reached;
    },
  };
}
