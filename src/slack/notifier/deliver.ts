// One delivery on its way to Slack: where it goes, whether it may go now, and the newest state of what it tells.

import { setTimeout as wait } from 'node:timers/promises';
import type { MessageRef, Outbox, Taken } from '../../core/outbox.ts';
import { SHARED } from '../alert-channel.ts';
import type { AudienceOf } from '../audience.ts';
import type { Phrase } from '../blockkit/rich-text.ts';
import { addressOf } from '../delivery-address.ts';
import { type AttemptInput, attemptAt, type Going } from '../delivery-attempt.ts';
import { type Drawing, subjectLine } from './message.ts';
import type { Outcome } from './policy.ts';

export interface DeliveryInput extends AttemptInput {
  readonly outbox: Pick<Outbox, 'place' | 'forget'>;
  readonly drawing: Drawing;
  readonly audience: AudienceOf;
}

/** What the store does not know of a delivery that was taken. */
export interface Held {
  /** Where it was posted, though the store was not told yet. */
  readonly known: MessageRef | null;
  /** Others may take it from then on, in milliseconds since 1970. */
  readonly until: number;
}

/** Rejects where the store does not answer. */
export type Deliver = (taken: Taken, held: Held) => Promise<Outcome>;

export function createDelivery(input: DeliveryInput): Deliver {
  const { outbox, drawing, patience, outages, lateness, timing, stopping } = input;
  const deadline = () => AbortSignal.any([stopping, AbortSignal.timeout(timing.draw)]);
  return async (taken, { known, until }) => {
    const before = await drawing.subject(taken, deadline());
    const address = await addressOf(taken, before, { outbox, known });
    if (address.kind === 'nowhere') return { kind: 'dropped', why: 'no channel is configured' };
    // Its group is on its way: nothing is lost by waiting for it.
    if (address.kind === 'below') {
      if (patience.isOld(taken)) return { kind: 'dropped', why: 'its group was never posted' };
      const outMs = outages.waitFor(address.channel);
      if (outMs > 0) return patience.forChannel({ taken, subject: before, address, afterMs: outMs });
      return { kind: 'later', afterMs: Math.min(patience.backoff(taken), timing.horizon) };
    }
    // Slack counts messages by channel, and edits all together.
    const lane = address.kind === 'edit' ? 'edit' : `post ${address.channel}`;
    const notNow = (await barred({ taken, subject: before, address }, input)) ?? (await turn(lane, input));
    if (notNow !== null) return notNow;
    // Somebody may have acknowledged it while it waited for its turn.
    const subject = await drawing.subject(taken, deadline());
    const late = below(taken, lateness.of(taken.at, input.now().getTime()));
    const rendering = await drawing.rendering(taken, subject, { late, signal: deadline() });
    if (rendering === null) return { kind: 'dropped', why: 'its record is gone' };
    return attemptAt({ taken, subject, address, lane, rendering, until }, input);
  };
}

function below({ remark }: Taken, late: Phrase | null): Phrase | null {
  return remark === undefined ? late : [remark, ...(late === null ? [] : [' ', ...late])];
}

/** Null where nothing is known against the channel. */
async function barred(
  to: Pick<Going, 'taken' | 'subject' | 'address'>,
  { outages, patience, lateness, audience, now }: DeliveryInput,
): Promise<Outcome | null> {
  const { taken, subject, address } = to;
  const { channel } = address.kind === 'edit' ? address.place : address;
  const outMs = outages.waitFor(channel);
  if (outMs > 0) return patience.forChannel({ ...to, afterMs: outMs });
  const readers = await audience(channel);
  if (readers === 'unanswered') {
    lateness.trouble(now().getTime());
    return { kind: 'later', afterMs: patience.backoff(taken) };
  }
  // Where Slack does not tell, somebody named this channel for alerts: none is held back for a missing permission.
  if (readers !== 'shared') return null;
  const afterMs = await outages.refused({ channel, code: SHARED, about: subjectLine(taken, subject) });
  return patience.forChannel({ ...to, afterMs });
}

/** Null once it is its turn. */
async function turn(lane: string, { pacing, lateness, stopping, ...input }: DeliveryInput): Promise<Outcome | null> {
  const now = () => input.now().getTime();
  const { waitMs, isTaken } = pacing.take(lane, now());
  if (!isTaken) {
    // Our own pace is not Slack's trouble.
    if (pacing.heldFor(lane, now()) > 0) lateness.trouble(now());
    return { kind: 'later', afterMs: waitMs };
  }
  if (waitMs > 0) await wait(waitMs, undefined, { signal: stopping });
  const heldMs = pacing.heldFor(lane, now());
  return heldMs > 0 ? { kind: 'later', afterMs: heldMs } : null;
}
