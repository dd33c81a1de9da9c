// A night without a page: what happens to prod from 22:00 to 08:00, and each word that the alerts say about it.

import { HOUR } from '../../../src/core/base/duration.ts';
import { playSteps, type Step } from '../scenario/steps.ts';
import type { Message } from '../slack/stand-in.ts';
import type { Stage } from './stage.ts';
import { readable } from './talk.ts';

const SPEED = 300;
const LENGTH = 10 * HOUR;
const LEAKING = 'Reports (private endpoint)';
const ORDERS = 'Kubernetes (peered VPC)';

/** The job at 01:00 and the runners at 06:00 come by themselves, as on every day. */
function nightSteps(): readonly Step[] {
  const at = (hours: number, minutes: number, label: string, run: Step['run']): Step => ({
    minute: ((hours + 2) % 24) * 60 + minutes,
    label,
    run,
  });
  const leak = Array.from({ length: 36 }, (_, step) => {
    const label = step === 0 ? 'Reports begins to leak: a client every ten minutes' : '';
    return at(2 + Math.floor(step / 6), 10 * (step % 6), label, (prod) =>
      prod.spike(LEAKING, 1 + (step + 1) / 6, 'clients'),
    );
  });
  return [
    at(22, 40, 'a deploy of orders: old and new instances side by side', (prod) => prod.spike(ORDERS, 2, 'clients')),
    at(22, 48, 'the old ones are gone', (prod) => prod.calm(ORDERS)),
    at(0, 15, 'an election', (prod) => prod.election()),
    at(1, 0, 'the nightly ETL, as every night', () => undefined),
    at(1, 45, 'it is done', () => undefined),
    ...leak,
    at(3, 0, 'a node is lost', (prod) => prod.lostNode(2)),
    at(3, 20, 'it is back', (prod) => prod.nodeBack(2)),
    at(5, 0, 'a burst fills the pools of Billing API', (prod) => prod.spike('Billing API', 6)),
    at(5, 40, 'they are let go', (prod) => prod.calm('Billing API')),
    at(6, 0, 'the CI runners, as every morning', () => undefined),
  ].toSorted((one, other) => one.minute - other.minute);
}

/** Rejects where the bot ends in the middle of it. */
export async function watchNight(stage: Stage, say: (text: string) => void): Promise<void> {
  const { clock, slack, bot } = stage;
  const ending = new AbortController();
  const tell = (what: string, text: string) => say(`${clock.now().toISOString().slice(11, 16)}  ${what}${text}`);
  const stop = slack.onChange(() => toldNow(stage, tell));
  const isOver = untilMorning(stage, { tell, signal: ending.signal });
  try {
    stage.setSpeed(SPEED);
    const code = await Promise.race([isOver, bot.ended]);
    if (code !== null) throw new Error(`the bot ended in the night:\n${bot.log.slice(-5).join('\n')}`);
  } finally {
    ending.abort();
    stop();
  }
  say('\nIn the channel in the morning:\n');
  for (const { threadTs, text } of channelOf(stage))
    say(`${threadTs === null ? '' : '    '}${readable(text).split('\n')[0]}`);
}

async function untilMorning(
  { clock, prod }: Stage,
  night: { readonly tell: (what: string, text: string) => void; readonly signal: AbortSignal },
): Promise<null> {
  const { tell, signal } = night;
  const ends = clock.now().getTime() + LENGTH;
  await playSteps(nightSteps(), {
    cluster: prod,
    clock,
    signal,
    tell: ({ label }) => label && tell('        * ', label),
  });
  await clock.wait(ends - clock.now().getTime(), signal);
  return null;
}

const told = new WeakMap<Stage, Set<string>>();

/** Says what is new in the channel since it was last asked. */
function toldNow(stage: Stage, tell: (what: string, text: string) => void): void {
  const known = told.get(stage) ?? new Set();
  told.set(stage, known);
  for (const message of channelOf(stage)) {
    const { ts, edits, text } = message;
    const key = `${ts} ${edits}`;
    if (known.has(key)) continue;
    known.add(key);
    tell(`${kindOf(message)} `, readable(text).replaceAll('\n', `\n${' '.repeat(16)}`));
  }
}

function kindOf({ edits, threadTs, broadcast }: Message): string {
  if (edits > 0) return 'edited  ';
  if (threadTs === null) return 'posted  ';
  return broadcast === true ? 'to all  ' : 'reply   ';
}

function channelOf({ slack, channel }: Stage): readonly Message[] {
  return slack.messages(channel, '').toSorted((one, other) => order(one).localeCompare(order(other)));
}

/** Replies below what they answer. */
function order({ ts, threadTs }: Message): string {
  return threadTs === null ? ts : `${threadTs} ${ts}`;
}
