// Turns in a lane: messages to one channel go one by one, and no lane waits for another.

export interface Turn {
  readonly waitMs: number;
  /** False where the turn is too far away to be waited for: ask again after `waitMs`, when nobody else is told to. */
  readonly isTaken: boolean;
}

export interface Pacing {
  /** Takes the next turn of a lane. `now` in milliseconds since 1970. */
  take(lane: string, now: number): Turn;
  /** Nothing goes there for so long: Slack said so. */
  hold(lane: string, ms: number, now: number): void;
  /** Milliseconds for which the lane is still held. */
  heldFor(lane: string, now: number): number;
}

/** A turn further away is no turn: the clock was set back. */
const LONGEST_MS = 15 * 60_000;

/** `gapMs` between two turns of a lane, none in a lane whose name begins with `edit`. */
export function createPacing(input: { readonly gapMs: number; readonly horizonMs: number }): Pacing {
  const free = new Map<string, number>();
  const held = new Map<string, number>();
  /** From when on whoever is sent back next may ask again. */
  const line = new Map<string, number>();
  const left = (times: ReadonlyMap<string, number>, lane: string, now: number) => {
    const ms = (times.get(lane) ?? 0) - now;
    return ms > 0 && ms <= LONGEST_MS ? ms : 0;
  };
  return {
    take(lane, now) {
      const gapMs = lane.startsWith('edit') ? 0 : input.gapMs;
      const waitMs = Math.max(left(free, lane, now), left(held, lane, now));
      if (waitMs > input.horizonMs) {
        const afterMs = Math.max(waitMs, left(line, lane, now));
        line.set(lane, now + Math.min(afterMs + gapMs, LONGEST_MS));
        return { waitMs: afterMs, isTaken: false };
      }
      free.set(lane, now + waitMs + gapMs);
      return { waitMs, isTaken: true };
    },
    hold: (lane, ms, now) => void held.set(lane, now + Math.min(ms, LONGEST_MS)),
    heldFor: (lane, now) => left(held, lane, now),
  };
}
