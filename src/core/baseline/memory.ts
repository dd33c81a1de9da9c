// The readings of four weeks by local day and time of day. Some are withheld: kept, but not trusted as usual.

import { DAY, MINUTE } from '../base/duration.ts';

export const SLOT = 5 * MINUTE;
const SLOTS = DAY / SLOT;
/** Four weeks: enough to outvote an outage, a holiday or a spike, and short enough to follow a year's growth. */
export const REMEMBERED_DAYS = 28;

/** One local day. */
interface RememberedDay {
  /** Local days since 1970. */
  readonly number: number;
  /** One value a slot in the form of `packed`, NaN for a slot without a reading. Never changed in place. */
  readonly slots: Float16Array;
}

/** The oldest day first. */
export type Memory = readonly RememberedDay[];

const NOTHING = new Float16Array(SLOTS).fill(Number.NaN);
/** The largest number in half precision. An eighth of a value has the same precision, about 0.05 %. */
const LARGEST = 65_504;
const SCALE = 8;

interface Remembered {
  readonly value: number;
  readonly isWithheld: boolean;
}

/** Values are never negative, so the sign tells whether a value is withheld. */
function packed({ value, isWithheld }: Remembered): number {
  const size = Math.min(LARGEST, (isWithheld ? value + 1 : value) / SCALE);
  return isWithheld ? -size : size;
}

/** Null for a slot without a reading. */
function unpacked(raw: number | undefined): Remembered | null {
  if (raw === undefined || Number.isNaN(raw)) return null;
  return raw < 0 ? { value: -raw * SCALE - 1, isWithheld: true } : { value: raw * SCALE, isWithheld: false };
}

/** @param wall local time, in milliseconds since 1970 */
export function dayOf(wall: number): number {
  return Math.floor(wall / DAY);
}

function slotOf(wall: number): number {
  return Math.floor((wall - dayOf(wall) * DAY) / SLOT);
}

/** Adds a reading. `weight` is the weight of the value in its slot, 0 to 1: 1 replaces what the slot has. */
export function remember(
  memory: Memory,
  at: { readonly wall: number; readonly weight: number },
  reading: Remembered,
): Memory {
  const [number, slot] = [dayOf(at.wall), slotOf(at.wall)];
  const known = slotsOf(memory, number);
  const before = unpacked(known?.[slot]);
  const value = before === null ? reading.value : before.value + (reading.value - before.value) * at.weight;
  const slots = (known ?? NOTHING).with(slot, packed({ ...reading, value }));
  if (known !== undefined) return memory.map((day) => (day.number === number ? { number, slots } : day));
  // By their number and not by their age, so that a clock that is far ahead for one reading forgets one day.
  return [...memory.slice(-REMEMBERED_DAYS), { number, slots }].sort((a, b) => a.number - b.number);
}

/** The values near one time of day on several days. */
export interface Gathered {
  readonly trusted: readonly number[];
  readonly withheld: readonly number[];
  /** The number of days with a value, with a trusted one, and with a withheld one. */
  readonly days: number;
  readonly trustedDays: number;
  readonly withheldDays: number;
}

/**
 * The values at a local time on earlier days.
 * @param backs how many days before that time
 * @param width the number of slots on either side
 */
export function valuesNear(
  memory: Memory,
  wall: number,
  { backs, width }: { readonly backs: readonly number[]; readonly width: number },
): Gathered {
  const trusted: number[] = [];
  const withheld: number[] = [];
  let [days, trustedDays, withheldDays] = [0, 0, 0];
  const [today, slot] = [dayOf(wall), slotOf(wall)];
  for (const back of backs) {
    const [before, beforeWithheld] = [trusted.length, withheld.length];
    for (let step = slot - width; step <= slot + width; step++) {
      // The neighbours of midnight are on two days.
      const spill = Math.floor(step / SLOTS);
      const found = unpacked(slotsOf(memory, today - back + spill)?.[step - spill * SLOTS]);
      if (found !== null) (found.isWithheld ? withheld : trusted).push(found.value);
    }
    const [hasTrusted, hasWithheld] = [trusted.length > before, withheld.length > beforeWithheld];
    if (hasTrusted) trustedDays++;
    if (hasWithheld) withheldDays++;
    if (hasTrusted || hasWithheld) days++;
  }
  return { trusted, withheld, days, trustedDays, withheldDays };
}

/** The highest value near a local time on each of these earlier days that has one, the lowest first. */
export function highestNear(
  memory: Memory,
  wall: number,
  { backs, width }: { readonly backs: readonly number[]; readonly width: number },
): readonly number[] {
  const highest: number[] = [];
  for (const back of backs) {
    let most = -1;
    for (let step = -width; step <= width; step++)
      most = Math.max(most, valueAt(memory, wall - back * DAY + step * SLOT) ?? -1);
    if (most >= 0) highest.push(most);
  }
  return highest.sort((a, b) => a - b);
}

function slotsOf(memory: Memory, number: number): Float16Array | undefined {
  // Days are rarely missing, so the place is mostly known.
  const expected = memory[number - (memory[0]?.number ?? 0)];
  return (expected?.number === number ? expected : memory.find((day) => day.number === number))?.slots;
}

/** The value of one slot, withheld or not; null without one. */
export function valueAt(memory: Memory, wall: number): number | null {
  return unpacked(slotsOf(memory, dayOf(wall))?.[slotOf(wall)])?.value ?? null;
}

/** Whether the reading of a slot is withheld. */
export function isWithheldAt(memory: Memory, wall: number): boolean {
  return unpacked(slotsOf(memory, dayOf(wall))?.[slotOf(wall)])?.isWithheld === true;
}

/** The memory with every value changed. @param change gets the local time at which the slot starts */
export function mapMemory(memory: Memory, change: (reading: Remembered, wall: number) => Remembered): Memory {
  return memory.map(({ number, slots }) => ({
    number,
    slots: slots.map((raw, slot) => {
      const reading = unpacked(raw);
      return reading === null ? Number.NaN : packed(change(reading, number * DAY + slot * SLOT));
    }),
  }));
}

/** The sum of two memories. Where only one has a value, `missing` says what the other would have had. */
export function addMemories(a: Memory, b: Memory, missing: { readonly a: number; readonly b: number }): Memory {
  const numbers = [...new Set([...a, ...b].map(({ number }) => number))].sort((x, y) => x - y);
  return numbers.map((number) => {
    const [mine, theirs] = [slotsOf(a, number), slotsOf(b, number)];
    const slots = NOTHING.map((_, slot) => {
      const [left, right] = [unpacked(mine?.[slot]), unpacked(theirs?.[slot])];
      if (left === null && right === null) return Number.NaN;
      const value = (left?.value ?? missing.a) + (right?.value ?? missing.b);
      return packed({ value, isWithheld: (left?.isWithheld ?? false) || (right?.isWithheld ?? false) });
    });
    return { number, slots };
  });
}
