// Finds the slots of a schedule: the times at which it runs.

import { type Chunked, isChunkEnd } from '../../core/base/cooperative.ts';

export interface Slots {
  readonly expression: string;
  readonly task: {
    match(moment: Date): boolean;
    /** Uses the machine's clock. */
    getNextRuns(count: number): readonly Date[];
  };
  /** Minimum distance between slots, in milliseconds. */
  readonly step: number;
  /** Offset of the slots within the minute. */
  readonly offset: number;
}

export interface Span {
  readonly after: number;
  readonly until: number;
}

/** Number of slots checked after a pause: two months of minutes. */
const LOOK_BACK = 90_000;
const LOOK_AHEAD = 1_440;
/** A day of minutes. Matching one expression against a time in a zone takes about 10 µs. */
const COUNTED = 1_440;
/** Matches per step. */
const AT_ONCE = 1_440;
/** More overdue slots than this are not counted. */
const MANY = 10;

/** Only the newest missed slot runs. The older ones are skipped, because a burst of runs helps no one. */
export function* newestSlot(slots: Slots, { after, until }: Span): Chunked<number | null> {
  const { task, step } = slots;
  let slot = latestPlace(slots, until);
  for (let looked = 0; slot > after && looked < LOOK_BACK; looked++, slot -= step) {
    if (task.match(new Date(slot))) return slot;
    if (isChunkEnd(looked, AT_ONCE)) yield;
  }
  return null;
}

/** Number of slots after a time and before the newest slot; null if counting takes too long. */
export type MissedOf = (newest: number, slots: Slots, after: number) => number | null;

/** Schedules with the same expression wake together after a sleep and miss the same slots. They are counted once. */
export function createMissed(): MissedOf {
  const counted = new Map<string, { readonly between: string; readonly missed: number | null }>();
  return (newest, slots, after) => {
    const between = `${latestPlace(slots, after)} ${newest}`;
    const last = counted.get(slots.expression);
    if (last?.between === between) return last.missed;
    const missed = missedBefore(newest, slots, after);
    counted.set(slots.expression, { between, missed });
    return missed;
  };
}

function missedBefore(newest: number, slots: Slots, after: number): number | null {
  const { task, step } = slots;
  if ((newest - after) / step > COUNTED) return null;
  let missed = 0;
  for (let slot = newest - step; slot > after; slot -= step) if (task.match(new Date(slot))) missed += 1;
  return missed;
}

/** Slots missed since the last check: none while the schedule runs on time, because it checks every slot. */
export function overdueOf(slots: Slots, { after, until }: Span): number {
  let overdue = 0;
  let slot = latestPlace(slots, until);
  for (let looked = 0; slot > after && looked < LOOK_AHEAD && overdue < MANY; looked++, slot -= slots.step)
    if (slots.task.match(new Date(slot))) overdue += 1;
  return overdue;
}

/** The last possible slot time, up to and including this one. */
export function latestPlace({ step, offset }: Pick<Slots, 'step' | 'offset'>, at: number): number {
  return Math.floor((at - offset) / step) * step + offset;
}

/** The next slot after this time; null if the schedule has none. */
export function nearest({ task, ...grid }: Slots, at: number): number | null {
  let slot = latestPlace(grid, at) + grid.step;
  for (let looked = 0; looked < LOOK_AHEAD; looked++, slot += grid.step) if (task.match(new Date(slot))) return slot;
  // Beyond this distance node-cron is faster; it uses the machine's clock.
  return task.getNextRuns(1)[0]?.getTime() ?? null;
}
