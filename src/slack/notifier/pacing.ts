// Slots in a lane. Messages to one channel go one by one, and no lane waits for another. Edits have one limit for the
// whole workspace; those that only refresh have a lane of their own within it.

import { MINUTE, SECOND } from '../../core/base/duration.ts';
import type { Log } from '../../core/ports/telemetry.ts';

/** All edits together; the part that may only refresh figures; posts and replies to one channel. */
export type Lane = 'edit' | 'refresh' | `post ${string}`;

interface SendSlot {
  readonly waitMs: number;
  /** False when the slot is too far away to wait for. Ask again after `waitMs`; no other caller got the same wait. */
  readonly isReserved: boolean;
}

/** Times in milliseconds since 1970. */
export interface Pacing {
  /** Reserves the next slot of a lane. */
  reserve(lane: Lane, now: number): SendSlot;
  /** Milliseconds until the next slot of a lane. */
  waitFor(lane: Lane, now: number): number;
  /** Counts an edit that was made without a slot. */
  edited(now: number): void;
  /** Closes the lane for this long, because Slack asked for it. Refreshes stay away for a minute longer than edits. */
  hold(lane: Lane, ms: number, now: number): void;
  /** Milliseconds until the lane opens. */
  closedFor(lane: Lane, now: number): number;
}

/** A slot further in the future is ignored: the clock was set back. */
const LONGEST_MS = 15 * MINUTE;

/** Slack takes about this many edits in a minute, from all replicas together. */
const MOST_EDITS = 50;
/** A second more than a minute, because calls take their time to Slack. */
const EDITS_WITHIN_MS = MINUTE + SECOND;
/** A refresh is sent only after fewer edits than this, of any kind: half of the limit is always left for changes. */
const MOST_BEFORE_REFRESH = 25;
/** Between two refreshes: 24 a minute, spread so that they stay below 25 also where one replica follows another. */
const REFRESH_GAP_MS = 2_500;

/** `gapMs` between two messages to a channel. */
export function createPacing(input: { readonly gapMs: number; readonly horizonMs: number }): Pacing {
  const free = new Map<Lane, number>();
  const closed = new Map<Lane, number>();
  /** When the next refused caller may ask again. */
  const retryAt = new Map<Lane, number>();
  /** When edits were made, or will be: in order. */
  let edits: readonly number[] = [];
  const left = (times: ReadonlyMap<Lane, number>, lane: Lane, now: number) => {
    const ms = (times.get(lane) ?? 0) - now;
    return ms > 0 && ms <= LONGEST_MS ? ms : 0;
  };
  const gapOf = (lane: Lane) => (lane === 'edit' ? 0 : lane === 'refresh' ? REFRESH_GAP_MS : input.gapMs);
  /** Until there are fewer than so many edits. Those further in the future than any slot are from a wrong clock. */
  const crowdedFor = (most: number, now: number) => {
    edits = edits.filter((at) => at > now - EDITS_WITHIN_MS && at <= now + input.horizonMs);
    const last = edits.at(-most);
    return last === undefined ? 0 : last + EDITS_WITHIN_MS - now;
  };
  const edited = (at: number) => {
    edits = [...edits, at].toSorted((a, b) => a - b);
  };
  const pacing: Pacing = {
    waitFor(lane, now) {
      const ms = Math.max(left(free, lane, now), left(closed, lane, now));
      if (lane === 'edit') return Math.max(ms, crowdedFor(MOST_EDITS, now));
      return lane === 'refresh' ? Math.max(ms, crowdedFor(MOST_BEFORE_REFRESH, now)) : ms;
    },
    reserve(lane, now) {
      const gapMs = gapOf(lane);
      const waitMs = pacing.waitFor(lane, now);
      if (waitMs > input.horizonMs) {
        const afterMs = Math.max(waitMs, left(retryAt, lane, now));
        retryAt.set(lane, now + Math.min(afterMs + gapMs, LONGEST_MS));
        return { waitMs: afterMs, isReserved: false };
      }
      free.set(lane, now + waitMs + gapMs);
      if (lane === 'edit' || lane === 'refresh') edited(now + waitMs);
      return { waitMs, isReserved: true };
    },
    edited,
    hold(lane, ms, now) {
      const close = (one: Lane, forMs: number) =>
        closed.set(one, now + Math.min(Math.max(forMs, left(closed, one, now)), LONGEST_MS));
      close(lane, ms);
      if (lane === 'edit') close('refresh', ms + MINUTE);
    },
    closedFor: (lane, now) => left(closed, lane, now),
  };
  return pacing;
}

// Turns of refreshes. A replica knows only its own edits, so one replica refreshes at a time: it claims the minute.

export interface RefreshTurns {
  /** Whether a refresh may be sent now. A new minute is claimed in the background. */
  isOpen(): boolean;
  /** Milliseconds until the next refresh of this replica; infinite if none is to come, 0 if it may be sent now. */
  opensIn(): number;
}

export function createRefreshTurns(input: {
  readonly pacing: Pick<Pacing, 'waitFor' | 'hold'>;
  /** True for exactly one replica in each minute. `minute` in milliseconds since 1970. */
  readonly mayRefresh: (minute: number) => Promise<boolean>;
  readonly now: () => Date;
  readonly log: Log;
  /** Called when a turn of this replica begins. */
  readonly onTurn: () => void;
}): RefreshTurns {
  const { pacing, mayRefresh, log } = input;
  const now = () => input.now().getTime();
  let turn: { readonly minute: number | null; readonly isOurs: boolean } = { minute: null, isOurs: false };
  const claim = async (minute: number) => {
    const isNext = turn.isOurs && turn.minute === minute - MINUTE;
    turn = { minute, isOurs: false };
    try {
      const isOurs = await mayRefresh(minute);
      if (turn.minute !== minute) return;
      turn = { minute, isOurs };
      // Another replica may have sent its last one at the end of the minute before.
      if (isOurs && !isNext) pacing.hold('refresh', minute + REFRESH_GAP_MS - now(), now());
      if (isOurs) input.onTurn();
    } catch (error) {
      log.debug({ err: error }, 'minute of refreshes not claimed');
      if (turn.minute === minute) turn = { minute: null, isOurs: false };
    }
  };
  const opensIn = () => (turn.isOurs ? pacing.waitFor('refresh', now()) : Number.POSITIVE_INFINITY);
  return {
    isOpen() {
      const minute = Math.floor(now() / MINUTE) * MINUTE;
      if (turn.minute !== minute) void claim(minute);
      return opensIn() === 0;
    },
    opensIn,
  };
}
