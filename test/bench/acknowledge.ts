// How long people wait for Slack's tick while the bot is busy: 200 commands at once during one reading of a large node.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type RunningBot, startBot } from '../sandbox/demo/bot.ts';
import { demoUsers } from '../sandbox/scenario/demo.ts';
import { startSlack } from '../sandbox/slack/server.ts';
import type { Delivery, SlackStandIn } from '../sandbox/slack/stand-in.ts';
import { medianOf, type Row } from './row.ts';

const CONNECTIONS = 50_000;
const ADDRESSES = 20_000;
const PEOPLE = 200;
const RUNS = 3;
/** Slack gives up after 3 s. */
const REACH_MS = 1_000;

const here = (file: string) => new URL(file, import.meta.url).pathname;
const CHANNEL = 'C0000BENCH';
const OTHER = { id: 'U0000OTHER', name: 'other' };
const people = Array.from({ length: PEOPLE }, (_, at) => ({ id: `U${String(at).padStart(9, '0')}`, name: `p${at}` }));

export async function benchAcknowledge(): Promise<Row[]> {
  const node = spawn(process.execPath, [here('crowd-node.ts'), String(CONNECTIONS), String(ADDRESSES)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [host]: unknown[] = await once(node.stdout, 'data');
    const [reader] = demoUsers;
    const uri = `mongodb://${reader?.user}:${reader?.password}@${String(host).trim()}/?directConnection=true`;
    const slowest: number[] = [];
    for (let run = 0; run < RUNS; run++) slowest.push(await slowestOf(uri));
    const value = medianOf(slowest);
    const what = `slowest acknowledgement of ${PEOPLE} commands at once and of those that follow, during a reading of ${CONNECTIONS.toLocaleString('en-US')} connections`;
    return [{ what, value, unit: 'ms', reach: `≤ ${REACH_MS.toLocaleString('en-US')}`, ok: value <= REACH_MS }];
  } finally {
    node.stdin.end();
    await once(node, 'exit');
  }
}

/** In milliseconds; Infinity where one was never acknowledged. Rejects where an answer stays away or is no report. */
async function slowestOf(uri: string): Promise<number> {
  const members = people.map(({ id }) => id);
  const slack = await startSlack({
    people: [...people, OTHER],
    channels: [{ id: CHANNEL, name: 'bench', kind: 'public', members: [...members, OTHER.id] }],
  });
  let bot: RunningBot | null = null;
  try {
    bot = await startBot({ slack, env: { MONGODB_URI: uri } });
    const commands = members.map((user) => slack.command({ user, channel: CHANNEL, text: '' }));
    const isAnswered = (user: string) =>
      slack.messages(CHANNEL, user).some(({ text }) => /— [5-9]\d,\d{3} connections/.test(text));
    const end = new AbortController();
    const more = keepAsking(slack, end.signal);
    // Looked at now and then: at every change it would take longer than what is measured.
    const deadline = AbortSignal.timeout(120_000);
    while (!members.every(isAnswered)) await delay(100, undefined, { signal: deadline });
    end.abort();
    const deliveries = [...(await Promise.all(commands)), ...(await more)];
    return Math.max(...deliveries.map(({ tookMs }) => tookMs ?? Number.POSITIVE_INFINITY));
  } finally {
    await bot?.close();
    await slack.close();
  }
}

/** Somebody else, all the while: meets whatever blocks the bot between the first command and the last answer. */
async function keepAsking(slack: SlackStandIn, signal: AbortSignal): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = [];
  while (!signal.aborted) {
    deliveries.push(await slack.command({ user: OTHER.id, channel: CHANNEL, text: 'help' }));
    await delay(10);
  }
  return deliveries;
}
