// One delivery on its way to Slack: where it goes, whether it may go now, and the newest state of what it tells.

import { setTimeout as wait } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import type { MessageRef } from '../../core/alerting/delivery.ts';
import type { LeasedDelivery, Outbox } from '../../core/ports/store.ts';
import type { Phrase } from '../blockkit/rich-text.ts';
import { isFormRefused, isPassing, isTokenGone } from '../client/errors.ts';
import type { BotLog } from '../client/log.ts';
import { SHARED } from '../client/preflight.ts';
import type { PostResult, Rendering } from '../client/send.ts';
import type { NotifierTiming } from '../client/settings.ts';
import type { AudienceOf, Outages } from './channel-health.ts';
import { type Drawing, type Lateness, type MessageSubject, subjectLine } from './message.ts';
import { type Address, addressOf, type DeliveryOutcome, type DeliveryPolicy, type Pacing } from './policy.ts';
import { findDelivery, type MessagePoster } from './post.ts';

export interface DeliveryInput extends AttemptInput {
  readonly outbox: Pick<Outbox, 'place' | 'forget'>;
  readonly drawing: Drawing;
  readonly audience: AudienceOf;
}

/** What the store does not know of a delivery that was taken. */
interface Lease {
  /** Where it was posted, though the store was not told yet. */
  readonly known: MessageRef | null;
  /** Others may take it from then on, in milliseconds since 1970. */
  readonly until: number;
}

/** Rejects where the store does not answer. */
export type Deliver = (taken: LeasedDelivery, held: Lease) => Promise<DeliveryOutcome>;

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

function below({ remark }: LeasedDelivery, late: Phrase | null): Phrase | null {
  return remark === undefined ? late : [remark, ...(late === null ? [] : [' ', ...late])];
}

/** Null where nothing is known against the channel. */
async function barred(
  to: Pick<DeliveryAttempt, 'taken' | 'subject' | 'address'>,
  { outages, patience, lateness, audience, now }: DeliveryInput,
): Promise<DeliveryOutcome | null> {
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
async function turn(
  lane: string,
  { pacing, lateness, stopping, ...input }: DeliveryInput,
): Promise<DeliveryOutcome | null> {
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

// One attempt at a delivery: post or edit, look first where it may be in Slack already, and what a refusal means.

interface AttemptInput {
  readonly outbox: Pick<Outbox, 'forget'>;
  readonly courier: MessagePoster;
  /** Looks for what may be in Slack. */
  readonly client: WebClient;
  /** Id of the bot, as messages carry it. */
  readonly bot: string;
  readonly pacing: Pacing;
  readonly outages: Outages;
  readonly lateness: Lateness;
  readonly patience: DeliveryPolicy;
  readonly timing: NotifierTiming;
  readonly now: () => Date;
  readonly log: BotLog;
  /** Aborts when nothing more is to be sent. */
  readonly stopping: AbortSignal;
}

/** A delivery whose turn it is. */
interface DeliveryAttempt {
  readonly taken: LeasedDelivery;
  readonly subject: MessageSubject;
  readonly address: Extract<Address, { kind: 'edit' | 'post' }>;
  readonly lane: string;
  readonly rendering: Rendering;
  /** Others may have it from then on, in milliseconds since 1970. */
  readonly until: number;
}

/** Rejects where the store does not answer. */
async function attemptAt(going: DeliveryAttempt, input: AttemptInput): Promise<DeliveryOutcome> {
  const { taken, address } = going;
  if (address.kind === 'edit') return edited(going, address.place, input);
  const known = taken.inDoubt ? await recovered(going, address, input) : null;
  return known ?? posted(going, address, input);
}

type PostAddress = Extract<Address, { kind: 'post' }>;

async function posted(
  going: DeliveryAttempt,
  { channel, threadTs }: PostAddress,
  input: AttemptInput,
): Promise<DeliveryOutcome> {
  if (isOthers(going, input)) return LET_GO;
  const { taken, rendering } = going;
  const { courier, outages } = input;
  const letter = { id: taken.id, rendering, channel };
  let posted = await courier.post({ ...letter, threadTs, broadcast: taken.broadcast && threadTs !== null });
  // Somebody deleted what it was to stand below: better alone than lost.
  if (!posted.ok && posted.error === 'thread_not_found')
    posted = await courier.post({ ...letter, threadTs: null, broadcast: false });
  if (!posted.ok) return refused(going, posted, input);
  outages.taken(channel);
  const isKept = taken.kind === 'message' && posted.ts !== null;
  return { kind: 'sent', place: isKept ? { channel: posted.channel ?? channel, ts: posted.ts ?? '' } : null };
}

async function edited(going: DeliveryAttempt, place: MessageRef, input: AttemptInput): Promise<DeliveryOutcome> {
  if (isOthers(going, input)) return LET_GO;
  const { taken, rendering } = going;
  const edited = await input.courier.edit({ id: taken.id, rendering, place });
  if (!edited.ok) return refused(going, edited, input);
  input.outages.taken(place.channel);
  return { kind: 'sent', place: null };
}

const LET_GO: DeliveryOutcome = { kind: 'later', afterMs: 0 };

/** The machine slept, or all was slow: another bot may have sent it meanwhile, and in a newer state. */
function isOthers({ until }: DeliveryAttempt, { now }: AttemptInput): boolean {
  return now().getTime() >= until;
}

/** Of one that may be in Slack: null where it is not, or where nobody can tell. */
async function recovered(
  going: DeliveryAttempt,
  address: PostAddress,
  input: AttemptInput,
): Promise<DeliveryOutcome | null> {
  const { taken } = going;
  const { lateness, patience, now, log, timing, stopping } = input;
  const { channel, threadTs } = address;
  // Whoever had it may still be posting it.
  await wait(timing.doubt, undefined, { signal: stopping });
  const search = await findDelivery({ ...input, channel, threadTs, id: taken.id, since: bornAt(going) });
  switch (search.kind) {
    case 'absent':
      return null;
    case 'blind':
      log.info({ delivery: taken.id, channel, error: search.error }, 'duplicate post possible');
      return null;
    case 'unanswered':
      lateness.trouble(now().getTime());
      return { kind: 'doubted', afterMs: Math.max(patience.backoff(taken), (search.retryAfter ?? 0) * 1_000) };
    case 'found': {
      log.info({ delivery: taken.id, channel }, 'message found in Slack');
      if (taken.kind !== 'message') return { kind: 'sent', place: null };
      // What stands there may be an older state.
      const place = { channel, ts: search.ts };
      const outcome = await edited({ ...going, address: { kind: 'edit', place } }, place, input);
      if (outcome.kind === 'sent') return { kind: 'sent', place };
      // It is there, as it was: its place is kept for what comes after.
      if (outcome.kind === 'dropped') return { kind: 'sent', place };
      return { kind: 'doubted', afterMs: Math.max(patience.backoff(taken), outcome.afterMs) };
    }
  }
}

/** It cannot have been posted before. An alert's message may have been posted for a decision before this one. */
function bornAt({ taken, subject }: DeliveryAttempt): number {
  return Math.min(taken.at, subject.alert?.since ?? taken.at, subject.group?.since ?? taken.at);
}

type Refusal = Extract<PostResult, { ok: false }>;

async function refused(going: DeliveryAttempt, refusal: Refusal, input: AttemptInput): Promise<DeliveryOutcome> {
  const { taken, subject, address } = going;
  const { outages, patience, log } = input;
  const { error, retryAfter } = refusal;
  if (retryAfter !== undefined || isPassing(error) || isTokenGone(error)) return passing(going, refusal, input);
  if (isFormRefused(error)) {
    log.error({ delivery: taken.id, error }, 'message refused in every form');
    return patience.forRefusal(taken, 'Slack takes it in no form');
  }
  const { channel } = address.kind === 'edit' ? address.place : address;
  const isElsewhere = taken.channel !== null && taken.channel !== channel;
  if (address.kind === 'edit' && (GONE.has(error) || isElsewhere)) {
    log.warn({ delivery: taken.id, channel, error }, 'deleted message posted again');
    await input.outbox.forget(taken.about ?? taken.id);
    return { kind: 'later', afterMs: 0 };
  }
  if (address.kind === 'edit' && !CLOSED.has(error)) {
    log.error({ delivery: taken.id, channel, error }, 'edit refused by Slack');
    return patience.forRefusal(taken, 'Slack refuses to edit its message');
  }
  const afterMs = await outages.refused({ channel, code: error, about: subjectLine(taken, subject) });
  return patience.forChannel({ taken, subject, address, afterMs });
}

/** What is refused to an edit for the channel's sake. Anything else says nothing of the channel: it may take posts. */
const CLOSED: ReadonlySet<string> = new Set(['is_archived', 'is_inactive', 'not_in_channel', 'channel_not_found']);

const GONE: ReadonlySet<string> = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);

/** Slack's own trouble, and what Slack says is too fast. */
function passing(
  { taken, address, lane }: DeliveryAttempt,
  { retryAfter, isDoubtful }: Refusal,
  input: AttemptInput,
): DeliveryOutcome {
  const { patience, timing } = input;
  const now = input.now().getTime();
  input.lateness.trouble(now);
  const afterMs = retryAfter === undefined ? patience.backoff(taken) : Math.max(timing.retry.least, retryAfter * 1_000);
  if (retryAfter !== undefined) input.pacing.hold(lane, afterMs, now);
  // An edit may be made twice.
  const isOpen = address.kind === 'post' && isDoubtful === true;
  return isOpen ? { kind: 'doubted', afterMs } : { kind: 'later', afterMs };
}
