// The scripted incident "A full node" in the real bot: everything that the channel saw, with its simulated time.

import { MINUTE, SECOND } from '../../src/core/base/duration.ts';
import type { MessageView } from '../../src/slack/blockkit/types.ts';
import { openStage, type Stage, type StageOptions } from '../sandbox/demo/stage.ts';
import { fullNodeIncident } from '../sandbox/scenario/full-node.ts';
import { playSteps } from '../sandbox/scenario/steps.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import type { Call } from '../sandbox/slack/stand-in.ts';
import { drawn } from '../slack/views/drawn.ts';

/** One post or edit of the channel. */
export interface Said extends Pick<MessageView, 'text' | 'blocks'> {
  /** Simulated minutes since the deploy. */
  readonly minute: number;
  /** Simulated, in milliseconds since 1970. */
  readonly at: number;
  readonly kind: 'post' | 'edit' | 'reply' | 'loud reply';
  /** Of the message; of a reply, of the message above it. */
  readonly ts: string;
}

export const isMessage = ({ kind }: Said) => kind === 'post' || kind === 'edit';

/** When what a message shows was looked at, in milliseconds since 1970. */
export const checkedAt = ({ blocks }: Said) => timeAfter(/last checked /, JSON.stringify(blocks)) ?? 0;

/** The date that a text says after these words, in milliseconds since 1970; null where it does not. */
export function timeAfter(words: RegExp, text: string): number | null {
  const found = new RegExp(`${words.source}<!date\\^(\\d+)`).exec(text)?.[1];
  return found === undefined ? null : Number(found) * SECOND;
}

export interface Story {
  /** In the order in which Slack took them. */
  readonly said: readonly Said[];
  /** When Slack refused a post or an edit, in milliseconds since 1970. */
  readonly refused: readonly number[];
  /** When the deploy was, in milliseconds since 1970. */
  readonly began: number;
  /** Simulated milliseconds that the machine was late between two times. */
  lateBetween(from: number, to: number): number;
}

/** The channel for the reader of a test run: each first line with its minute, and the message as it stands at the end. */
export function printed({ said }: Story): string {
  const plain = (text: string) => text.replaceAll(/<!date[^|]*\|([^>]*)>/g, '$1');
  const lines = said.map(({ minute, kind, text }) => `${minute.toFixed(1)} ${kind}: ${text.split('\n')[0]}`);
  const last = said.findLast(isMessage);
  return plain([...lines, ...(last === undefined ? [] : ['', drawn(last)])].join('\n'));
}

interface StoryOptions extends Pick<StageOptions, 'store'> {
  /** What happens beside the incident, by its minute; the incident goes on meanwhile. */
  readonly acts?: Readonly<Record<number, (stage: Stage) => void | Promise<void>>>;
  /** How long the channel is watched after the incident is resolved, and at most in all. */
  readonly calm?: number;
  readonly most?: number;
  readonly speed?: number;
  /** Bots on the store. */
  readonly replicas?: number;
}

/** A step of the watch, in simulated milliseconds. */
const STEP = 5_000;

/** An open message whose figures are older than this is late: a look a minute, and its way to Slack. */
const LATE = 70_000;
/** Where Slack refuses, the bot stays away for so long. */
const REFUSED_FOR = 2 * MINUTE;

/**
 * Plays it until it is resolved. While the message is late, time goes slower: on a busy machine what takes its time is
 * not to count as minutes, and what never comes is late all the same.
 */
export async function playIncident({
  acts = {},
  calm = 10,
  most = 80,
  speed = 60,
  replicas = 1,
  store,
}: StoryOptions = {}): Promise<Story> {
  const stage = await openStage({ hour: 10, speed: 0, days: 2, ...(store !== undefined && { store }) });
  const { prod, clock } = stage;
  const stop = new AbortController();
  const now = () => clock.now().getTime();
  try {
    for (let more = 1; more < replicas; more++) await stage.start();
    stage.setSpeed(speed);
    await clock.wait(6 * MINUTE, stop.signal);
    const began = now();
    const played = playSteps(fullNodeIncident.steps, { cluster: prod, clock, signal: stop.signal });
    const record = recordOf(stage, began);
    const waiting = Object.entries(acts).map(([minute, act]) => ({ at: began + Number(minute) * MINUTE, act }));
    const late: { at: number; ms: number }[] = [];
    let ends = began + most * MINUTE;
    while (now() < ends) {
      const next = now() + STEP;
      await clock.wait(STEP, stop.signal);
      late.push({ at: now(), ms: Math.max(0, now() - next) });
      for (const one of waiting.filter(({ at }) => at <= now())) {
        waiting.splice(waiting.indexOf(one), 1);
        await one.act(stage);
      }
      const isLate = stage.bots().length > 0 && record.isLate(now());
      if (isLate !== clock.speed() < speed) stage.setSpeed(isLate ? speed / 10 : speed);
      if (record.resolvedAt() !== null) ends = Math.min(ends, (record.resolvedAt() ?? 0) + calm * MINUTE);
    }
    await played;
    record.stop();
    const lateBetween = (from: number, to: number) =>
      late.filter(({ at }) => at > from && at - STEP < to).reduce((sum, { ms }) => sum + ms, 0);
    return { said: record.said, refused: record.refused, began, lateBetween };
  } finally {
    stop.abort();
    await stage.close();
  }
}

/** Writes down what Slack takes and refuses, when it does. */
function recordOf({ slack, clock, channel }: Stage, began: number) {
  const said: Said[] = [];
  const refused: number[] = [];
  let seen = slack.calls.length;
  const note = (call: Call) => {
    if (!call.method.startsWith('chat.') || call.method === 'chat.getPermalink') return;
    const at = clock.now().getTime();
    if (call.result !== 'ok') return void refused.push(at);
    const newest = slack.messages(channel, ANNA.id).at(-1)?.ts ?? '';
    said.push(saidOf(call, { at, minute: (at - began) / MINUTE, newest }));
  };
  const listen = () => {
    for (let call = slack.calls[seen]; call !== undefined && call.result !== 'unanswered'; call = slack.calls[seen]) {
      seen += 1;
      note(call);
    }
  };
  const last = () => said.findLast(isMessage);
  const resolvedAt = () => (last()?.text.startsWith('Resolved') ? (last()?.at ?? null) : null);
  const isLate = (now: number) => {
    const shown = last();
    const isTaken = now - (refused.at(-1) ?? 0) > REFUSED_FOR;
    return shown !== undefined && isTaken && resolvedAt() === null && now - checkedAt(shown) > LATE;
  };
  return { said, refused, resolvedAt, isLate, stop: slack.onChange(listen) };
}

function saidOf(
  { method, body }: Call,
  { at, minute, newest }: { readonly at: number; readonly minute: number; readonly newest: string },
): Said {
  const parsed = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value);
  const thread = body['thread_ts'];
  const isLoud = body['reply_broadcast'] === true || body['reply_broadcast'] === 'true';
  const kind = method === 'chat.update' ? 'edit' : thread === undefined ? 'post' : isLoud ? 'loud reply' : 'reply';
  const ts = String(thread ?? body['ts'] ?? newest);
  return { minute, at, kind, ts, text: String(body['text'] ?? ''), blocks: parsed(body['blocks']) ?? [] };
}
