// Sends one delivery to Slack. Finds its channel, checks whether it may be sent now, and reads the alert's newest
// state.

import { setTimeout as wait } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import type { MessageRef } from '../../core/alerting/delivery.ts';
import type { LeasedDelivery, Outbox } from '../../core/ports/store.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import type { Phrase } from '../blockkit/rich-text.ts';
import { isFormRefused, isPassing, isTokenGone } from '../client/errors.ts';
import { SHARED } from '../client/preflight.ts';
import type { PostResult, Rendering } from '../client/send.ts';
import type { NotifierTiming } from '../client/settings.ts';
import type { AudienceOf, Outages } from './channel-health.ts';
import { type Drawing, isMember, type Lateness, subjectLine } from './message.ts';
import type { Lane, Pacing } from './pacing.ts';
import { type Address, addressOf, type DeliveryAttempt, type DeliveryOutcome, type DeliveryPolicy } from './policy.ts';
import { findDelivery, type MessagePoster } from './post.ts';

export interface DeliveryInput {
  readonly outbox: Pick<Outbox, 'place' | 'forget'>;
  readonly drawing: Drawing;
  readonly audience: AudienceOf;
  readonly poster: MessagePoster;
  /** For the search for messages that may already be in Slack. */
  readonly client: WebClient;
  /** The bot's id in messages. */
  readonly bot: string;
  readonly pacing: Pacing;
  readonly outages: Outages;
  readonly lateness: Lateness;
  readonly policy: DeliveryPolicy;
  readonly timing: NotifierTiming;
  readonly now: () => Date;
  readonly log: Log;
  /** Aborts when nothing more may be sent. */
  readonly stopping: AbortSignal;
}

/**
 * Rejects when the store does not answer.
 * @param lease `known`: where the message was posted, if the store does not know that yet; `until`: when the lease ends
 */
export type Deliver = (
  delivery: LeasedDelivery,
  lease: { readonly known: MessageRef | null; readonly until: number },
) => Promise<DeliveryOutcome>;

export function createDelivery(input: DeliveryInput): Deliver {
  const { outbox, drawing, policy, outages, lateness, timing, stopping } = input;
  const deadline = () => AbortSignal.any([stopping, AbortSignal.timeout(timing.draw)]);
  return async (delivery, { known, until }) => {
    const before = await drawing.subject(delivery, deadline());
    const address = await addressOf(delivery, before, { outbox, known });
    const attempt = { delivery, subject: before, address, until };
    // A person deleted the message, or it was given up: only news is worth a post.
    if (delivery.refresh !== null && address.kind !== 'edit')
      return { kind: 'dropped', why: 'its message is not in Slack' };
    if (address.kind === 'nowhere') return { kind: 'dropped', why: 'no channel is configured' };
    // What was decided about it meanwhile goes to the thread of that message.
    if (address.kind === 'row') return { kind: 'sent', place: address.place };
    // The message of its group or incident is on its way. Waiting for it loses nothing.
    if (address.kind === 'below') {
      if (policy.isOld(delivery)) return { kind: 'dropped', why: 'its group or incident was never posted' };
      const outMs = outages.waitFor(address.channel);
      if (outMs > 0) return policy.forChannel(attempt, outMs);
      return { kind: 'later', afterMs: Math.min(policy.backoff(delivery), timing.horizon) };
    }
    const lane = delivery.refresh === null ? laneOf(address) : 'refresh';
    const notNow = (await channelBarrier({ ...attempt, address }, input)) ?? (await waitForSlot(lane, input));
    if (notNow !== null) return notNow;
    // A person may have acknowledged it during the wait.
    const subject = await drawing.subject(delivery, deadline());
    const late = delivery.refresh === null ? lateness.of(delivery.at, input.now().getTime()) : null;
    const rendering = await drawing.rendering(delivery, subject, { late: below(delivery, late), signal: deadline() });
    if (rendering === null) return { kind: 'dropped', why: 'its record is gone' };
    return send({ delivery, subject, address, until, rendering }, input);
  };
}

function below({ remark }: LeasedDelivery, late: Phrase | null): Phrase | null {
  return remark === undefined ? late : [remark, ...(late === null ? [] : [' ', ...late])];
}

type SlackAddress = Extract<Address, { kind: 'edit' | 'post' }>;

/** Slack limits posts by channel, and all edits together. */
const laneOf = (address: SlackAddress): Lane => (address.kind === 'edit' ? 'edit' : `post ${address.channel}`);

const channelOf = (address: SlackAddress) => (address.kind === 'edit' ? address.place.channel : address.channel);

/** Null when no problem of the channel is known. */
async function channelBarrier(
  attempt: DeliveryAttempt & { readonly address: SlackAddress },
  { outages, policy, lateness, audience, now }: DeliveryInput,
): Promise<DeliveryOutcome | null> {
  const { delivery, subject, address } = attempt;
  const channel = channelOf(address);
  const outMs = outages.waitFor(channel);
  if (outMs > 0) return policy.forChannel(attempt, outMs);
  const readers = await audience(channel);
  if (readers === 'unanswered') {
    lateness.trouble(now().getTime());
    return { kind: 'later', afterMs: policy.backoff(delivery) };
  }
  // 'unknown' does not block: the channel is configured for alerts, and a missing permission must not delay them.
  if (readers !== 'shared') return null;
  const afterMs = await outages.refused({ channel, code: SHARED, about: subjectLine(delivery, subject) });
  return policy.forChannel(attempt, afterMs);
}

/** Null once its slot has come. */
async function waitForSlot(
  lane: Lane,
  { pacing, lateness, stopping, ...input }: DeliveryInput,
): Promise<DeliveryOutcome | null> {
  const now = () => input.now().getTime();
  const { waitMs, isReserved } = pacing.reserve(lane, now());
  if (!isReserved) {
    // Our own pace is not a problem of Slack's.
    if (pacing.closedFor(lane, now()) > 0) lateness.trouble(now());
    return { kind: 'later', afterMs: waitMs };
  }
  if (waitMs > 0) await wait(waitMs, undefined, { signal: stopping });
  const closedMs = pacing.closedFor(lane, now());
  return closedMs > 0 ? { kind: 'later', afterMs: closedMs } : null;
}

// One attempt: post or edit. If the message may already be in Slack, it is searched first. Then the meaning of a
// refusal.

interface DrawnAttempt extends DeliveryAttempt {
  readonly address: SlackAddress;
  readonly rendering: Rendering;
}

/** Rejects when the store does not answer. */
async function send(attempt: DrawnAttempt, input: DeliveryInput): Promise<DeliveryOutcome> {
  const { delivery, address } = attempt;
  if (address.kind === 'edit') return edit(attempt, address.place, input);
  const known = delivery.inDoubt ? await recover(attempt, address, input) : null;
  return known ?? post(attempt, address, input);
}

type PostAddress = Extract<Address, { kind: 'post' }>;

async function post(
  attempt: DrawnAttempt,
  { channel, threadTs }: PostAddress,
  input: DeliveryInput,
): Promise<DeliveryOutcome> {
  if (isLeaseOver(attempt, input)) return LEASE_OVER;
  const { delivery, rendering } = attempt;
  const { poster, outages } = input;
  const message = { id: delivery.id, rendering, channel };
  let posted = await poster.post({ ...message, threadTs, broadcast: delivery.broadcast && threadTs !== null });
  // The thread's message was deleted. A separate message is better than none.
  if (!posted.ok && posted.error === 'thread_not_found')
    posted = await poster.post({ ...message, threadTs: null, broadcast: false });
  if (!posted.ok) return refused(attempt, posted, input);
  outages.accepted(channel);
  const isKept = delivery.kind === 'message' && posted.ts !== null;
  return { kind: 'sent', place: isKept ? { channel: posted.channel ?? channel, ts: posted.ts ?? '' } : null };
}

async function edit(attempt: DrawnAttempt, place: MessageRef, input: DeliveryInput): Promise<DeliveryOutcome> {
  if (isLeaseOver(attempt, input)) return LEASE_OVER;
  const { delivery, rendering } = attempt;
  const edited = await input.poster.edit({ id: delivery.id, rendering, place });
  if (!edited.ok) return refused(attempt, edited, input);
  input.outages.accepted(place.channel);
  return { kind: 'sent', place: null };
}

const LEASE_OVER: DeliveryOutcome = { kind: 'later', afterMs: 0 };

/** The machine slept or was slow. Meanwhile another replica may have sent a newer state. */
function isLeaseOver({ until }: DeliveryAttempt, { now }: DeliveryInput): boolean {
  return now().getTime() >= until;
}

/** Searches Slack for a message that may be there. Null if it is not there, or if the bot may not search. */
async function recover(
  attempt: DrawnAttempt,
  address: PostAddress,
  input: DeliveryInput,
): Promise<DeliveryOutcome | null> {
  const { delivery } = attempt;
  const { lateness, policy, now, log, timing, stopping } = input;
  const { channel, threadTs } = address;
  // The replica with the previous lease may still be posting it.
  await wait(timing.doubt, undefined, { signal: stopping });
  const search = await findDelivery({ ...input, channel, threadTs, id: delivery.id, since: earliestPost(attempt) });
  switch (search.kind) {
    case 'absent': {
      // It was never posted, and it is a row of its incident by now.
      const { alert } = attempt.subject;
      const incident = delivery.kind === 'message' && alert !== null && isMember(alert) ? alert.lead : null;
      const place = incident === null ? null : await input.outbox.place(incident);
      return place === null ? null : { kind: 'sent', place };
    }
    case 'blind':
      log.info({ delivery: delivery.id, channel, error: search.error }, 'duplicate post possible');
      return null;
    case 'unanswered':
      lateness.trouble(now().getTime());
      return { kind: 'doubted', afterMs: Math.max(policy.backoff(delivery), (search.retryAfter ?? 0) * 1_000) };
    case 'found': {
      log.info({ delivery: delivery.id, channel }, 'message found in Slack');
      if (delivery.kind !== 'message') return { kind: 'sent', place: null };
      // The message may show an older state.
      const place = { channel, ts: search.ts };
      const notNow = await waitForSlot('edit', input);
      const outcome = notNow ?? (await edit({ ...attempt, address: { kind: 'edit', place } }, place, input));
      // Dropped: the edit was refused, but the message exists, and later edits need its place.
      if (outcome.kind === 'sent' || outcome.kind === 'dropped') return { kind: 'sent', place };
      return { kind: 'doubted', afterMs: Math.max(policy.backoff(delivery), outcome.afterMs) };
    }
  }
}

/** An alert's message may have been posted for an earlier decision, but not before the alert began. */
function earliestPost({ delivery, subject }: DeliveryAttempt): number {
  return Math.min(delivery.at, subject.alert?.since ?? delivery.at, subject.group?.since ?? delivery.at);
}

type Refusal = Extract<PostResult, { ok: false }>;

async function refused(attempt: DrawnAttempt, refusal: Refusal, input: DeliveryInput): Promise<DeliveryOutcome> {
  const { delivery, subject, address } = attempt;
  const { outages, policy, log } = input;
  const { error, retryAfter } = refusal;
  if (retryAfter !== undefined || isPassing(error) || isTokenGone(error)) return passing(attempt, refusal, input);
  if (isFormRefused(error)) {
    log.error({ delivery: delivery.id, error }, 'message refused in every form');
    return policy.forRefusal(delivery, 'Slack refuses it in every form');
  }
  const channel = channelOf(address);
  const isElsewhere = delivery.channel !== null && delivery.channel !== channel;
  if (address.kind === 'edit' && (GONE.has(error) || isElsewhere)) {
    if (delivery.refresh !== null) return { kind: 'dropped', why: 'its message was deleted' };
    log.warn({ delivery: delivery.id, channel, error }, 'deleted message posted again');
    await input.outbox.forget(delivery.about ?? delivery.id);
    return { kind: 'later', afterMs: 0 };
  }
  if (address.kind === 'edit' && !CLOSED.has(error)) {
    log.error({ delivery: delivery.id, channel, error }, 'edit refused by Slack');
    return policy.forRefusal(delivery, 'Slack refuses to edit its message');
  }
  const afterMs = await outages.refused({ channel, code: error, about: subjectLine(delivery, subject) });
  return policy.forChannel(attempt, afterMs);
}

/** Codes of edits that are refused because of the channel. Any other refusal of an edit does not concern posts. */
const CLOSED: ReadonlySet<string> = new Set(['is_archived', 'is_inactive', 'not_in_channel', 'channel_not_found']);

const GONE: ReadonlySet<string> = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);

/** Errors on Slack's side, and rate limits. */
function passing(
  { delivery, address }: DrawnAttempt,
  { retryAfter, isDoubtful }: Refusal,
  input: DeliveryInput,
): DeliveryOutcome {
  const { policy, timing } = input;
  const now = input.now().getTime();
  input.lateness.trouble(now);
  const afterMs =
    retryAfter === undefined ? policy.backoff(delivery) : Math.max(timing.retry.least, retryAfter * 1_000);
  // A message that was found is edited, though its delivery is a post.
  if (retryAfter !== undefined) input.pacing.hold(laneOf(address), afterMs, now);
  // An edit may be repeated.
  const isOpen = address.kind === 'post' && isDoubtful === true;
  return isOpen ? { kind: 'doubted', afterMs } : { kind: 'later', afterMs };
}
