// Deliveries of one alert or group as plain data: waiting, leased and written ones, and the message position.

import { type Delivery, LONGEST_POSTPONEMENT, type MessageRef } from '../../core/alerting/delivery.ts';
import type { Severity } from '../../core/detection/rule.ts';
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

/**
 * The severity of a refresh; null for everything else. Null also while an older edition is leased, which may be a
 * change: if it does not arrive, the newer edition must do its work.
 */
function refreshOf({ out }: ThreadState, { id, edition, refresh }: Waiting): Severity | null {
  return out?.id === id && out.edition !== edition ? null : refresh;
}

/**
 * A refresh adds nothing to a change that waits. A change that replaces a refresh does not inherit its waits.
 * @param turn its number among deliveries decided together
 */
export function added(thread: ThreadState, delivery: Delivery, turn: number): ThreadState {
  const before = thread.waiting.find(({ id }) => id === delivery.id);
  const written = thread.written.find(({ id }) => id === delivery.id);
  if (delivery.kind !== 'message' && (before !== undefined || written !== undefined)) return thread;
  const isOut = thread.out?.id === delivery.id;
  const isRefresh = before !== undefined && refreshOf(thread, before) !== null;
  if (before !== undefined && !isRefresh && delivery.refresh !== null && !isOut) return thread;
  const fresh = { ...UNTRIED, since: delivery.at, turn };
  // Attempts of an older edition count for the message. Their number identifies a lease.
  const line =
    before === undefined || (isRefresh && delivery.refresh === null)
      ? { ...fresh, ...(isOut && { attempts: before?.attempts ?? 0 }) }
      : before;
  const edition = (before ?? written ?? { edition: 0 }).edition + 1;
  const { attempts, inDoubt, due, since } = line;
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

/**
 * The next delivery when its time comes: the message first. A reply never precedes the message or another reply. The
 * refresh is not among them.
 */
function ready(thread: ThreadState): readonly Waiting[] {
  const line = thread.waiting.filter((one) => refreshOf(thread, one) === null).toSorted(inLine);
  const reply = line.find(({ kind }) => kind === 'reply');
  const isPlaced = thread.places.some(({ of }) => of === reply?.about);
  return [
    ...line.filter(({ kind }) => kind === 'message'),
    ...line.filter((one) => one.kind === 'note' || (one === reply && isPlaced)),
  ];
}

/** When a delivery can next be leased, a refresh excepted; null if none can. */
export function dueAt(thread: ThreadState): number | null {
  const candidates = ready(thread);
  if (candidates.length === 0) return null;
  return Math.max(thread.out?.until ?? 0, Math.min(...candidates.map(({ due }) => due)));
}

interface WaitingRefresh {
  readonly severity: Severity;
  readonly since: number;
  readonly due: number;
}

/** The refresh that waits; null if none does. */
export function refreshIn(thread: ThreadState): WaitingRefresh | null {
  const [found] = thread.waiting.flatMap((one) => {
    const severity = refreshOf(thread, one);
    return severity === null ? [] : [{ severity, since: one.since, due: Math.max(thread.out?.until ?? 0, one.due) }];
  });
  return found ?? null;
}

/** Also true for a time that is implausibly far in the future. */
function hasCome(time: number, now: number): boolean {
  return time <= now || time > now + LONGEST_POSTPONEMENT;
}

/** The delivery to lease now, a refresh only if nothing else is due; null if none is. */
export function nextOf(thread: ThreadState, now: number): Waiting | null {
  if (thread.out !== null && !hasCome(thread.out.until, now)) return null;
  const refreshes = thread.waiting.filter((one) => refreshOf(thread, one) !== null);
  const next = [...ready(thread), ...refreshes].find(({ due }) => hasCome(due, now));
  return next === undefined ? null : { ...next, refresh: refreshOf(thread, next) };
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
  const waiting = thread.waiting.map((one) =>
    one.id === thread.out?.id ? { ...one, refresh: refreshOf(thread, one), inDoubt: true } : one,
  );
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
  const after = again(rest, taken, ({ at }) => ({ ...UNTRIED, since: at }));
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
    () => ({}),
  );
  const isLost =
    taken.kind === 'message' &&
    !after.waiting.some(({ kind }) => kind === 'message') &&
    !after.places.some(({ of }) => of === taken.about);
  return isLost ? without(after, ({ kind }) => kind === 'reply') : after;
}

/**
 * The delivery is not in Slack. What delays a refresh does not delay the change that replaced it. A change that a refresh
 * replaced is still to be made, with the newest figures.
 */
export function delayed(
  thread: ThreadState,
  taken: LeasedDelivery,
  { due, inDoubt }: Pick<Waiting, 'due' | 'inDoubt'>,
): ThreadState {
  return again(thread, taken, ({ refresh }) => {
    if (taken.refresh !== null) return refresh === null ? { ...UNTRIED, inDoubt } : { due, inDoubt };
    return refresh === null ? { due, inDoubt } : { due, inDoubt, refresh: null, at: taken.at };
  });
}

/** Returns a lease. An expired holder is ignored if another replica has leased the delivery. */
function again(thread: ThreadState, taken: LeasedDelivery, next: (one: Waiting) => Partial<Waiting>): ThreadState {
  if (!isOut(thread, taken)) return thread;
  const waiting = thread.waiting.map((one) => (one.id === taken.id ? { ...one, ...next(one) } : one));
  return { ...thread, waiting, out: null };
}

export function forgotten(thread: ThreadState, about: string): ThreadState {
  return { ...thread, places: thread.places.filter(({ of }) => of !== about) };
}
