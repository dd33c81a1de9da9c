// One attempt at a delivery: post or edit, look first where it may be in Slack already, and what a refusal means.

import { setTimeout as wait } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import type { MessageRef, Outbox, Taken } from '../core/outbox.ts';
import { isFormRefused, isPassing, isTokenGone } from './client/errors.ts';
import type { BotLog } from './client/log.ts';
import type { Rendering } from './client/send.ts';
import type { NotifierTiming } from './client/settings.ts';
import type { Address } from './delivery-address.ts';
import type { Lateness } from './lateness.ts';
import type { Outages } from './notifier/channel-health.ts';
import { type Subject, subjectLine } from './notifier/message.ts';
import type { Outcome, Patience } from './notifier/policy.ts';
import type { Courier } from './notifier/post.ts';
import type { Pacing } from './pacing.ts';
import type { Posted } from './posted.ts';
import { findDelivery } from './recovery.ts';

export interface AttemptInput {
  readonly outbox: Pick<Outbox, 'forget'>;
  readonly courier: Courier;
  /** Looks for what may be in Slack. */
  readonly client: WebClient;
  /** Id of the bot, as messages carry it. */
  readonly bot: string;
  readonly pacing: Pacing;
  readonly outages: Outages;
  readonly lateness: Lateness;
  readonly patience: Patience;
  readonly timing: NotifierTiming;
  readonly now: () => Date;
  readonly log: BotLog;
  /** Aborts when nothing more is to be sent. */
  readonly stopping: AbortSignal;
}

/** A delivery whose turn it is. */
export interface Going {
  readonly taken: Taken;
  readonly subject: Subject;
  readonly address: Extract<Address, { kind: 'edit' | 'post' }>;
  readonly lane: string;
  readonly rendering: Rendering;
  /** Others may have it from then on, in milliseconds since 1970. */
  readonly until: number;
}

/** Rejects where the store does not answer. */
export async function attemptAt(going: Going, input: AttemptInput): Promise<Outcome> {
  const { taken, address } = going;
  if (address.kind === 'edit') return edited(going, address.place, input);
  const known = taken.inDoubt ? await recovered(going, address, input) : null;
  return known ?? posted(going, address, input);
}

type PostAddress = Extract<Address, { kind: 'post' }>;

async function posted(going: Going, { channel, threadTs }: PostAddress, input: AttemptInput): Promise<Outcome> {
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

async function edited(going: Going, place: MessageRef, input: AttemptInput): Promise<Outcome> {
  if (isOthers(going, input)) return LET_GO;
  const { taken, rendering } = going;
  const edited = await input.courier.edit({ id: taken.id, rendering, place });
  if (!edited.ok) return refused(going, edited, input);
  input.outages.taken(place.channel);
  return { kind: 'sent', place: null };
}

const LET_GO: Outcome = { kind: 'later', afterMs: 0 };

/** The machine slept, or all was slow: another bot may have sent it meanwhile, and in a newer state. */
function isOthers({ until }: Going, { now }: AttemptInput): boolean {
  return now().getTime() >= until;
}

/** Of one that may be in Slack: null where it is not, or where nobody can tell. */
async function recovered(going: Going, address: PostAddress, input: AttemptInput): Promise<Outcome | null> {
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
      log.info({ delivery: taken.id, channel, error: search.error }, 'a message may be posted twice');
      return null;
    case 'unanswered':
      lateness.trouble(now().getTime());
      return { kind: 'doubted', afterMs: Math.max(patience.backoff(taken), (search.retryAfter ?? 0) * 1_000) };
    case 'found': {
      log.info({ delivery: taken.id, channel }, 'a message was found in Slack and is not posted again');
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
function bornAt({ taken, subject }: Going): number {
  return Math.min(taken.at, subject.alert?.since ?? taken.at, subject.group?.since ?? taken.at);
}

type Refusal = Extract<Posted, { ok: false }>;

async function refused(going: Going, refusal: Refusal, input: AttemptInput): Promise<Outcome> {
  const { taken, subject, address } = going;
  const { outages, patience, log } = input;
  const { error, retryAfter } = refusal;
  if (retryAfter !== undefined || isPassing(error) || isTokenGone(error)) return passing(going, refusal, input);
  if (isFormRefused(error)) {
    log.error({ delivery: taken.id, error }, 'Slack takes a message in no form');
    return patience.forRefusal(taken, 'Slack takes it in no form');
  }
  const { channel } = address.kind === 'edit' ? address.place : address;
  const isElsewhere = taken.channel !== null && taken.channel !== channel;
  if (address.kind === 'edit' && (GONE.has(error) || isElsewhere)) {
    log.warn({ delivery: taken.id, channel, error }, 'a message is gone and is posted anew');
    await input.outbox.forget(taken.about ?? taken.id);
    return { kind: 'later', afterMs: 0 };
  }
  if (address.kind === 'edit' && !CLOSED.has(error)) {
    log.error({ delivery: taken.id, channel, error }, 'Slack refuses an edit');
    return patience.forRefusal(taken, 'Slack refuses to edit its message');
  }
  const afterMs = await outages.refused({ channel, code: error, about: subjectLine(taken, subject) });
  return patience.forChannel({ taken, subject, address, afterMs });
}

/** What is refused to an edit for the channel's sake. Anything else says nothing of the channel: it may take posts. */
const CLOSED: ReadonlySet<string> = new Set(['is_archived', 'is_inactive', 'not_in_channel', 'channel_not_found']);

const GONE: ReadonlySet<string> = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);

/** Slack's own trouble, and what Slack says is too fast. */
function passing({ taken, address, lane }: Going, { retryAfter, isDoubtful }: Refusal, input: AttemptInput): Outcome {
  const { patience, timing } = input;
  const now = input.now().getTime();
  input.lateness.trouble(now);
  const afterMs = retryAfter === undefined ? patience.backoff(taken) : Math.max(timing.retry.least, retryAfter * 1_000);
  if (retryAfter !== undefined) input.pacing.hold(lane, afterMs, now);
  // An edit may be made twice.
  const isOpen = address.kind === 'post' && isDoubtful === true;
  return isOpen ? { kind: 'doubted', afterMs } : { kind: 'later', afterMs };
}
