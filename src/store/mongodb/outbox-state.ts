// Deliveries of one alert or group as plain data: waiting, leased and written ones, and the message position.

import { type Delivery, LONGEST_POSTPONEMENT, type MessageRef } from '../../core/alerting/delivery.ts';
import type { Adopted, LeasedDelivery } from '../../core/ports/store.ts';

export interface Waiting extends Delivery {
  readonly edition: number;
  readonly attempts: number;
  readonly inDoubt: boolean;
  /** Never leased before. */
  readonly due: number;
  /** When it started to wait: a newer edition keeps its queue position. */
  readonly since: number;
  /** Orders deliveries of the same decision time. */
  readonly turn: number;
}

/** A leased delivery; `edition` and `attempts` identify the lease. */
interface Out {
  readonly id: string;
  readonly edition: number;
  readonly attempts: number;
  readonly by: string;
  readonly until: number;
}

interface Place extends MessageRef {
  /** Id of the alert, group or note. */
  readonly of: string;
}

export interface ThreadState {
  readonly waiting: readonly Waiting[];
  /** At most one delivery is leased at a time. */
  readonly out: Out | null;
  /** Deliveries that no longer wait, so that none is written twice and editions of a message continue. */
  readonly written: readonly { readonly id: string; readonly edition: number }[];
  readonly places: readonly Place[];
  /** The decision time of its newest delivery. */
  readonly latest: number;
}

export const NEW_THREAD: ThreadState = { waiting: [], out: null, written: [], places: [], latest: 0 };

/** The thread that a delivery belongs to. */
export function threadOf({ about, id }: Pick<Delivery, 'about' | 'id'>): string {
  return about ?? id;
}

/** @param turn its number among deliveries decided together */
export function added(thread: ThreadState, delivery: Delivery, turn: number): ThreadState {
  const before = thread.waiting.find(({ id }) => id === delivery.id);
  const written = thread.written.find(({ id }) => id === delivery.id);
  if (delivery.kind !== 'message' && (before !== undefined || written !== undefined)) return thread;
  // Attempts of an older edition count for the message.
  const { attempts, inDoubt, due, since, ...line } = before ?? { ...UNTRIED, since: delivery.at, turn };
  const edition = (before ?? written ?? { edition: 0 }).edition + 1;
  const next: Waiting = { ...delivery, edition, attempts, inDoubt, due, since, turn: line.turn };
  return {
    ...thread,
    waiting: [...thread.waiting.filter(({ id }) => id !== delivery.id), next],
    written: thread.written.filter(({ id }) => id !== delivery.id),
    latest: Math.max(thread.latest, delivery.at),
  };
}

const UNTRIED = { attempts: 0, inDoubt: false, due: 0 };

export function inLine(one: Waiting, other: Waiting): number {
  return one.since - other.since || one.turn - other.turn;
}

/** The next delivery when its time comes: the message first. A reply never precedes the message or another reply. */
function ready({ waiting, places }: ThreadState): readonly Waiting[] {
  const line = waiting.toSorted(inLine);
  const reply = line.find(({ kind }) => kind === 'reply');
  const isPlaced = places.some(({ of }) => of === reply?.about);
  return [
    ...line.filter(({ kind }) => kind === 'message'),
    ...line.filter((one) => one.kind === 'note' || (one === reply && isPlaced)),
  ];
}

/** When a delivery can next be leased; null if none can. */
export function dueAt(thread: ThreadState): number | null {
  const candidates = ready(thread);
  if (candidates.length === 0) return null;
  return Math.max(thread.out?.until ?? 0, Math.min(...candidates.map(({ due }) => due)));
}

/** Also true for a time that is implausibly far in the future. */
function hasCome(time: number, now: number): boolean {
  return time <= now || time > now + LONGEST_POSTPONEMENT;
}

/** The delivery to lease now; null if none is due. */
export function nextOf(thread: ThreadState, now: number): Waiting | null {
  if (thread.out !== null && !hasCome(thread.out.until, now)) return null;
  return ready(thread).find(({ due }) => hasCome(due, now)) ?? null;
}

export interface Taking {
  readonly instance: string;
  readonly now: number;
  readonly leaseMs: number;
}

/** Null if none is due. */
export function take(thread: ThreadState, taking: Taking): { thread: ThreadState; taken: LeasedDelivery } | null {
  const next = nextOf(thread, taking.now);
  if (next === null) return null;
  // A holder that never reported its result may have sent it.
  const waiting = thread.waiting.map((one) => (one.id === thread.out?.id ? { ...one, inDoubt: true } : one));
  const { due: _due, since: _since, turn: _turn, ...taken } = waiting.find(({ id }) => id === next.id) ?? next;
  const { id, edition } = taken;
  const attempts = taken.attempts + 1;
  return {
    taken,
    thread: {
      ...thread,
      waiting: waiting.map((one) => (one.id === id ? { ...one, attempts } : one)),
      out: { id, edition, attempts, by: taking.instance, until: taking.now + taking.leaseMs },
    },
  };
}

function isOut({ out }: ThreadState, { id, edition, attempts }: LeasedDelivery): boolean {
  return out !== null && out.id === id && out.edition === edition && out.attempts === attempts + 1;
}

/** They stop waiting and are never written again. */
function without(thread: ThreadState, isGone: (one: Waiting) => boolean): ThreadState {
  const gone = thread.waiting.filter(isGone);
  return {
    ...thread,
    waiting: thread.waiting.filter((one) => !isGone(one)),
    written: [...thread.written, ...gone.map(({ id, edition }) => ({ id, edition }))],
    out: gone.some(({ id }) => id === thread.out?.id) ? null : thread.out,
  };
}

/** The delivery is in Slack, from any reporter. A newer edition still waits, is due at once, and is not in doubt. */
export function sent(thread: ThreadState, taken: LeasedDelivery, place: MessageRef | null): ThreadState {
  const rest = without(thread, ({ id, edition }) => id === taken.id && edition === taken.edition);
  const after = again(rest, taken, UNTRIED);
  if (place === null) return after;
  return placed(after, taken.kind === 'message' ? threadOf(taken) : taken.id, place);
}

/** The delivery is in Slack, although it was never leased. */
export function adopted(thread: ThreadState, { id, kind, about, at, place }: Adopted): ThreadState {
  const rest = kind === 'message' ? thread : without(thread, (one) => one.id === id);
  const isWritten = kind === 'message' || rest.written.some((one) => one.id === id);
  const after = {
    ...rest,
    written: isWritten ? rest.written : [...rest.written, { id, edition: 0 }],
    latest: Math.max(rest.latest, at),
  };
  if (place === null || kind === 'reply') return after;
  return placed(after, kind === 'message' ? (about ?? id) : id, place);
}

function placed(thread: ThreadState, of: string, { channel, ts }: MessageRef): ThreadState {
  return { ...thread, places: [...forgotten(thread, of).places, { of, channel, ts }] };
}

/** Replies of a message that never got a position are dropped with it. */
export function dropped(thread: ThreadState, taken: LeasedDelivery): ThreadState {
  if (!isOut(thread, taken)) return thread;
  const after = again(
    without(thread, ({ id, edition }) => id === taken.id && edition === taken.edition),
    taken,
    {},
  );
  const isLost =
    taken.kind === 'message' &&
    !after.waiting.some(({ kind }) => kind === 'message') &&
    !after.places.some(({ of }) => of === taken.about);
  return isLost ? without(after, ({ kind }) => kind === 'reply') : after;
}

/** Returns a lease. An expired holder is ignored if another replica has leased the delivery. */
export function again(
  thread: ThreadState,
  taken: LeasedDelivery,
  next: Partial<Pick<Waiting, 'due' | 'inDoubt' | 'attempts'>>,
): ThreadState {
  if (!isOut(thread, taken)) return thread;
  const waiting = thread.waiting.map((one) => (one.id === taken.id ? { ...one, ...next } : one));
  return { ...thread, waiting, out: null };
}

export function forgotten(thread: ThreadState, about: string): ThreadState {
  return { ...thread, places: thread.places.filter(({ of }) => of !== about) };
}
