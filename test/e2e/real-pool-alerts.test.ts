// Applications that leak connections of their own pools, and one that is killed, before the real bot: its clock is fast,
// the applications, their drivers and the replica set are real.

import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { realSet } from '../cluster/real.ts';
import { type RunningBot, startBot } from '../sandbox/demo/bot.ts';
import { createClock } from '../sandbox/demo/clock.ts';
import { freePort } from '../sandbox/free-port.ts';
import type { ReplicaSet } from '../sandbox/mongod/replica-set.ts';
import { until } from '../sandbox/mongod/until.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import { PATIENT_MS, startSlack } from '../sandbox/slack/server.ts';
import type { Message } from '../sandbox/slack/stand-in.ts';
import { OPS, type Slack } from '../slack/bot-fixture.ts';
import { type PoolsRelay, startRelay } from './pools-relay.ts';
import {
  botSettings,
  killOperations,
  poolsNow,
  type RealApp,
  type RealAppSpec,
  removeSettings,
  rowOf,
  startApp,
} from './real-pools.ts';
import { askIn, wordsIn } from './slack.ts';

/** A minute of the bot is three seconds. */
const SPEED = 20;
/** How full the node is, beside the full pool. */
const HEADROOM = /is at [\d.]+ % of its [\d,]+ connections\./;

let set: ReplicaSet | { readonly reason: string };
let port: number;
let slack: Slack;
let bot: RunningBot;
let relay: PoolsRelay;

const RULES = `
rules:
  dormant-spike: off
  pooled-spike: off
  churn: off
  clients: off
  new-source: off
`;

beforeAll(async () => {
  set = await realSet({ members: 1 });
  if ('reason' in set) return;
  port = await freePort();
  const now = Date.now();
  const clock = createClock({ real: now, simulated: now, speed: SPEED });
  slack = await startSlack({ ackMs: PATIENT_MS, posted: clock.now });
  const env = await botSettings({ set, port, schedule: '* * * * *', more: RULES });
  bot = await startBot({ slack, env, clock: clock.piece() });
  relay = await startRelay({ port, speed: SPEED });
});
beforeEach((context) => {
  if ('reason' in set) context.skip(set.reason);
});
afterAll(async () => {
  await relay?.close();
  await bot?.close();
  await slack?.close();
  if ('close' in set) await set.close();
  await removeSettings();
});

const real = () => {
  if ('reason' in set) throw new Error(set.reason);
  return set;
};

/** Ended with its test. */
async function startOne(spec: Omit<RealAppSpec, 'set' | 'urls'>): Promise<RealApp | { readonly reason: string }> {
  const app = await startApp({ set: real(), urls: [relay.url], ...spec });
  if (!('reason' in app))
    onTestFinished(async () => {
      await killOperations(real(), [app.name]);
      await app.end();
    });
  return app;
}

async function startNode(name: string, options: string): Promise<RealApp> {
  const app = await startOne({ driver: '7', name, options });
  if ('reason' in app) throw new Error(app.reason);
  return app;
}

function alertAbout(name: string): Message | undefined {
  return slack
    .messages(OPS, ANNA.id)
    .filter(({ ephemeralTo, threadTs }) => ephemeralTo === null && threadTs === null)
    .find(({ text }) => text.includes(`— ${name}`));
}

/** The alert about an app, once its message begins so. */
function alertOf(name: string, state: string): Promise<Message> {
  return slack.until(() => {
    const alert = alertAbout(name);
    return alert?.text.startsWith(state) === true ? alert : undefined;
  });
}

/** Each look renews the figures of an alert, and each reading those of an answer. */
const alertText = (name: string) => expect.poll(() => alertAbout(name)?.text);
const whyText = () => expect.poll(async () => wordsIn((await askIn(slack, 'why prod')).blocks));

test('operations that never end fill a pool: the alert names app, processes and headroom, and is resolved', async () => {
  const stuck = await startNode('billing', 'maxPoolSize=5');
  const calm = await startNode('billing', 'maxPoolSize=5');
  await calm.hold(1, 0);
  await stuck.hold(8, 3_600_000);
  const fired = await alertOf('billing', 'Warning');
  await alertText('billing').toMatch(
    /^Warning — billing: 1 of 2 processes waits for connections: 5 of 5 in use, 3 waiting, no checkout succeeded for [^·]+ · prod/,
  );
  await alertText('billing').toMatch(HEADROOM);
  await alertText('billing').toContain(
    'Either each operation takes that long, or connections are checked out and not returned.',
  );
  await alertText('billing').toContain(`(pid ${stuck.pid}): 5 of 5 in use, 3 waiting`);
  await alertText('billing').not.toContain(`(pid ${calm.pid})`);
  await whyText().toContain('Pools without a free connection');
  await whyText().toContain('2 processes of app billing report 1 full pool: 5 connections in use, maxPoolSize is 5.');
  await whyText().toContain('3 operations wait for one, and no checkout succeeds.');

  // What waited takes the place of what was ended.
  let isSettled = false;
  const settled = stuck.settle().then(() => {
    isSettled = true;
  });
  await until('no operation is left', async () => {
    await killOperations(real(), ['billing']);
    return isSettled;
  });
  await settled;
  const ended = await alertOf('billing', 'Resolved');
  expect(ended.ts).toBe(fired.ts);
  expect(ended.text).toMatch(/^Resolved — billing waited for its own connection pools for /);
});

test('connections that are never returned are named as a leak', async (context) => {
  const app = await startOne({ driver: 'pymongo', name: 'mail', options: 'maxPoolSize=4' });
  if ('reason' in app) return context.skip(app.reason);
  const client = new MongoClient(real().uri('app'));
  const many = Array.from({ length: 500 }, (_, _id) => ({ _id: _id as never }));
  await client.db('fleet').collection('many').insertMany(many);
  await client.close();
  await app.leak?.open(4);
  await app.hold(2, 0);
  const fired = await alertOf('mail', 'Warning');
  await alertText('mail').toMatch(
    /^Warning — mail: 1 of 1 process waits for connections: 4 of 4 in use, 2 waiting, no checkout succeeded for [^·]+ · prod/,
  );
  await alertText('mail').toContain(
    'Connections are checked out and not returned: cursors or sessions that stay open.',
  );
  await alertText('mail').toContain('The nodes counted 0 active of 4 connections of mail at ');
  await alertText('mail').toMatch(HEADROOM);
  await alertText('mail').toContain(`(pid ${app.pid}): that returns the connections.`);
  await whyText().toContain('1 process of app mail reports 1 full pool: 4 connections in use, maxPoolSize is 4.');
  await whyText().toContain('cursors and sessions that stay open: a larger pool would fill, too.');
  await whyText().not.toContain('maxPoolSize=');

  await app.leak?.close();
  await app.settle();
  expect((await alertOf('mail', 'Resolved')).ts).toBe(fired.ts);
});

test('a process that is killed is stale with its age, out of the sums, and gone after five minutes', async () => {
  const lost = await startNode('web', 'minPoolSize=3');
  const kept = await startNode('web', 'minPoolSize=2');
  await Promise.all([lost.hold(1, 0), kept.hold(1, 0)]);
  const row = async () => {
    const found = rowOf(await poolsNow(port), 'web');
    return {
      open: found?.now.open,
      pids: found?.processes.map(({ process }) => process.pid).toSorted(),
      stale: found?.stale,
    };
  };
  const pids = [lost.pid, kept.pid].toSorted();
  await expect.poll(row).toEqual({ open: 5, pids, stale: 0 });
  lost.kill();
  await expect.poll(row).toEqual({ open: 2, pids, stale: 1 });
  const text = wordsIn((await askIn(slack, 'pools web')).blocks);
  expect(text).toContain(`1 process is stale: the last report of`);
  expect(text).toContain(`(pid ${lost.pid}) is `);
  await expect.poll(row).toEqual({ open: 2, pids: [kept.pid], stale: 0 });
});
