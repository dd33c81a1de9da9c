// The scripted incident "A full node" in the real bot: everything that the channel saw, with its simulated time.

import { MINUTE, SECOND } from '../../src/core/base/duration.ts';
import type { MessageView } from '../../src/slack/blockkit/types.ts';
import type { RunningBot } from '../sandbox/demo/bot.ts';
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

/** A message of the culprit alone, whom readings tell and looks do not. */
export const isOfSource = ({ text }: Said) => SOURCE_ALONE.test(text.split('\n')[0] ?? '');
const SOURCE_ALONE = new RegExp(`— ${fullNodeIncident.facts.culprit.source}(?!.*more alert)`);

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

/** So long a piece of time is let pass at once, in milliseconds of the machine: three seconds of it at full speed. */
const PIECE = 50;

/**
 * Plays it until it is resolved. While the bots have work to do, a second takes a second, and between two pieces of time
 * everything stands still. So what a slow machine takes for it never counts as minutes.
 */
export async function playIncident({
  acts = {},
  calm = 10,
  most = 80,
  speed = 60,
  replicas = 1,
  store,
}: StoryOptions = {}): Promise<Story> {
  const shared = store === undefined ? {} : { store };
  const stage = await openStage({ hour: 10, speed: 0, days: 2, logLevel: 'debug', ...shared });
  const { prod, clock } = stage;
  const stop = new AbortController();
  const now = () => clock.now().getTime();
  const work = workOf(stage);
  try {
    for (let more = 1; more < replicas; more++) await stage.start();
    const began = now() + 6 * MINUTE;
    const record = recordOf(stage, began);
    const pass = async () => {
      const isBusy = work.isUnfinished() || record.isUntold(work);
      const each = isBusy ? 1 : speed;
      await stage.pass(PIECE * each, each);
    };
    while (now() < began) await pass();
    const played = playSteps(fullNodeIncident.steps, { cluster: prod, clock, signal: stop.signal });
    const waiting = Object.entries(acts).map(([minute, act]) => ({ at: began + Number(minute) * MINUTE, act }));
    let ends = began + most * MINUTE;
    while (now() < ends) {
      await pass();
      for (const one of waiting.filter(({ at }) => at <= now())) {
        waiting.splice(waiting.indexOf(one), 1);
        await one.act(stage);
      }
      if (record.resolvedAt() !== null) ends = Math.min(ends, (record.resolvedAt() ?? 0) + calm * MINUTE);
    }
    await played;
    record.stop();
    return { said: record.said, refused: record.refused, began };
  } finally {
    stop.abort();
    await stage.close();
  }
}

/**
 * What takes longer, at the speed of the machine, is not its fault: time passes all the same, and the channel is judged
 * as it is.
 */
const PATIENCE = 40 * SECOND;

/** What the bots do by a schedule: the time between its slots, their place in it, and what is logged after each. */
const LOOKS = { every: MINUTE, at: MINUTE / 2, log: 'node check finished' };
const READINGS = { every: 5 * MINUTE, at: 0, log: 'cluster reading finished' };

/** The work of the bots on the cluster of the incident, as they log it. Times in milliseconds since 1970. */
function workOf({ bots, clock }: Stage) {
  const now = () => clock.now().getTime();
  const read = new Map<RunningBot, number>();
  const slots: { [log: string]: Set<number> } = { [LOOKS.log]: new Set(), [READINGS.log]: new Set() };
  let since = now();
  let known = bots();
  let firedAt: number | null = null;
  /** When a node became critical, after which an extra reading says why; when one was done, and when one was left out. */
  const extra = { wanted: 0, taken: 0, leftOut: 0 };
  const listen = (bot: RunningBot) => {
    // Node's own warnings are no JSON.
    for (const line of bot.log.slice(read.get(bot) ?? 0).filter((one) => one.startsWith('{'))) {
      const { msg, cluster, slot, alert, node, severity, state, time } = JSON.parse(line);
      if (cluster !== fullNodeIncident.cluster) continue;
      const at = Date.parse(time);
      slots[msg]?.add(Date.parse(slot));
      if (alert !== undefined) firedAt ??= at;
      if (alert !== undefined && node !== undefined && severity === 'critical' && state === 'firing') extra.wanted = at;
      if (msg === 'extra reading finished') extra.taken = at;
      if (msg === 'extra reading left out') extra.leftOut = at;
    }
    read.set(bot, bot.log.length);
  };
  const isUndone = ({ every, at, log }: typeof LOOKS) => {
    const slot = Math.floor((now() - at) / every) * every + at;
    return slot > since && now() - slot < PATIENCE && slots[log]?.has(slot) !== true;
  };
  return {
    /** Whether the work of a slot that has come is not done. */
    isUnfinished(): boolean {
      const running = bots();
      running.forEach(listen);
      // Whoever has just begun does not know the slots before.
      if (running.length !== known.length || running.some((bot) => !known.includes(bot))) since = now();
      known = running;
      const isWanted = extra.wanted > Math.max(extra.taken, extra.leftOut) && now() - extra.wanted < PATIENCE;
      return running.length > 0 && (isWanted || [LOOKS, READINGS].some(isUndone));
    },
    /** The newest slot that is done; 0 for none. */
    done: ({ log }: typeof LOOKS) => Math.max(0, ...(slots[log] ?? [])),
    /** When the first alert was logged; null before. */
    firedAt: () => firedAt,
    /** When the newest extra reading was done; 0 for none. */
    extraAt: () => extra.taken,
  };
}

/** A look or a reading that is so much newer than the message is shown. */
const DUE = 45 * SECOND;
/** Where Slack refuses, the bot stays away for so long. */
const REFUSED_FOR = 2 * MINUTE;

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
  /** Whether Slack does not have yet what the bots found. */
  const isUntold = ({ done, firedAt, extraAt }: ReturnType<typeof workOf>) => {
    const now = clock.now().getTime();
    const shown = last();
    if (now - (refused.at(-1) ?? 0) <= REFUSED_FOR || resolvedAt() !== null) return false;
    if (shown === undefined) return now - (firedAt() ?? 0) < PATIENCE;
    if (shown.at < extraAt() && now - extraAt() < PATIENCE) return true;
    const slot = Math.max(done(READINGS), isOfSource(shown) ? 0 : done(LOOKS));
    return slot - checkedAt(shown) >= DUE && now - slot < PATIENCE;
  };
  return { said, refused, resolvedAt, isUntold, stop: slack.onChange(listen) };
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
