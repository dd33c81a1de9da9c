// An app that waits for its own pools, in the real bot and in simulated time: reported over HTTP, told in Slack, resolved.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { poolReport, putReport } from '../http/pools-fixture.ts';
import { createClock } from '../sandbox/demo/clock.ts';
import { freePort } from '../sandbox/free-port.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import { OPS } from '../slack/bot-fixture.ts';
import { openWatched, type Watched } from './alerts.ts';
import { movesOf } from './slack.ts';

const TOKEN = 'a-token-of-the-applications-1';
/** An hour a minute of the machine: a report every quarter of a minute of the bot. */
const SPEED = 60;
const PAUSE_MS = 250;

let watched: Watched;
let port: number;
/** What the process is like, until it is stopped. */
const process = { waits: true, stopped: false };
let reporting: Promise<void>;

beforeAll(async () => {
  port = await freePort();
  const now = Date.now();
  const clock = createClock({ real: now, simulated: now, speed: SPEED });
  const env = { POOLS_PORT: String(port), POOLS_TOKEN: TOKEN };
  watched = await openWatched({ schedule: '*/5 * * * *', clock, env });
  const [node] = watched.prod.set.nodes;
  reporting = report(node?.host ?? '');
});
afterAll(async () => {
  process.stopped = true;
  await reporting;
  await watched?.close();
});

/** Reports until the test ends: a full pool, and what waited in it since the report before. */
async function report(address: string): Promise<void> {
  const total = { created: 100, closed: 0, checkouts: 0, failed: 0, timeouts: 0, cleared: 0, waitMs: 0 };
  for (let seq = 1; !process.stopped && seq < 2_000; seq++) {
    total.checkouts += 100;
    total.waitMs += process.waits ? 45_000 : 100;
    const inUse = process.waits ? 100 : 7;
    const pool = {
      now: { open: 100, pending: 0, inUse, waiting: process.waits ? 9 : 0 },
      max: { open: 100, inUse: 100, waiting: 9 },
      total: { ...total },
    };
    const options = { maxPoolSize: 100, minPoolSize: 0 };
    const clients = [{ n: 1, appName: 'checkout', options, pools: { [address]: pool } }];
    await putReport({
      ...{ port, token: TOKEN },
      report: poolReport({ seq, everyMs: 60_000, process: { app: 'checkout' }, clients }),
    });
    await new Promise((resolve) => void setTimeout(resolve, PAUSE_MS));
  }
}

test('its alert says how long operations wait, leads to its processes, is silenced by name, and resolves', async () => {
  const { inState, ask, press, work } = watched;
  const { slack } = work;
  const fired = await inState('checkout', 'Warning');
  expect(fired.text).toContain('1 of 1 process waits for connections: 100 of 100 in use, 9 waiting, mean wait 450 ms');
  expect(fired.text).toContain('Likely cause: The pool is the limit, not the server.');
  expect(movesOf(fired.blocks)).toEqual(['alert_acknowledge', 'alert_silence', 'alert_details']);
  await press(fired, 'alert_details');
  const details = await slack.until(() =>
    slack.messages(OPS, ANNA.id).find(({ text }) => text.includes('Processes that wait most')),
  );
  expect(JSON.stringify(details.blocks)).toContain('web-7 (pid 4711)');
  expect((await ask('silence checkout 4h load test')).text).toContain('app checkout');
  await inState('checkout', 'Silenced');
  await ask('unsilence checkout');
  process.waits = false;
  const ended = await inState('checkout', 'Resolved');
  expect(ended.text).toContain('checkout waited for its own connection pools for');
});
