// The slots of a schedule: the moments at which it runs, found among all at which it could.

import { type Chunked, isChunkEnd } from '../../core/base/cooperative.ts';

export interface Slots {
  readonly expression: string;
  readonly task: {
    match(moment: Date): boolean;
    /** By the machine's clock. */
    getNextRuns(count: number): readonly Date[];
  };
  /** Slots can only be this far apart, in milliseconds. */
  readonly step: number;
  /** How far into the minute they are. */
  readonly offset: number;
}

export interface Span {
  readonly after: number;
  readonly until: number;
}

/** Slots looked back at after a pause: two months of minutes. */
const LOOK_BACK = 90_000;
const LOOK_AHEAD = 1_440;
/** A day of minutes. A look is an expression held against a time in a zone: about 10 µs. */
const COUNTED = 1_440;
/** Looks of a step. */
const AT_ONCE = 1_440;
/** More overdue slots than this are not counted. */
const MANY = 10;

/** Of all the slots that passed while nobody looked, the newest alone: the others are gone, and a burst helps nobody. */
export function* newestSlot(slots: Slots, { after, until }: Span): Chunked<number | null> {
  const { task, step } = slots;
  let slot = latestPlace(slots, until);
  for (let looked = 0; slot > after && looked < LOOK_BACK; looked++, slot -= step) {
    if (task.match(new Date(slot))) return slot;
    if (isChunkEnd(looked, AT_ONCE)) yield;
  }
  return null;
}

/** How many slots there are after a moment and before the newest; null where it is too long to count. */
export type MissedOf = (newest: number, slots: Slots, after: number) => number | null;

/** Schedules of one expression wake together after a sleep, and have missed the same: it is counted once. */
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

/** Slots that passed since somebody looked: none while the schedule keeps its time, for it looks at every one. */
export function overdueOf(slots: Slots, { after, until }: Span): number {
  let overdue = 0;
  let slot = latestPlace(slots, until);
  for (let looked = 0; slot > after && looked < LOOK_AHEAD && overdue < MANY; looked++, slot -= slots.step)
    if (slots.task.match(new Date(slot))) overdue += 1;
  return overdue;
}

/** The last moment, up to this one, at which a slot can be. */
export function latestPlace({ step, offset }: Pick<Slots, 'step' | 'offset'>, at: number): number {
  return Math.floor((at - offset) / step) * step + offset;
}

/** The next slot after this moment; null for a schedule that has none. */
export function nearest({ task, ...grid }: Slots, at: number): number | null {
  let slot = latestPlace(grid, at) + grid.step;
  for (let looked = 0; looked < LOOK_AHEAD; looked++, slot += grid.step) if (task.match(new Date(slot))) return slot;
  // Farther away than this the package is faster, by the machine's clock.
  return task.getNextRuns(1)[0]?.getTime() ?? null;
}
