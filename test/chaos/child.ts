// A bot in a process of its own, on a file, until it is killed: `child.ts ORDER`, an order of children.ts as JSON.

import { WebClient } from '@slack/web-api';
import type { Wait } from '../../src/core/base/clock.ts';
import { wait as realWait } from '../../src/core/base/clock.ts';
import { identify } from '../../src/slack/client/preflight.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { createChaosBot, TIMING } from './bot.ts';
import { type ChildOrder, childSchedule, historyTime, MINUTE_MS } from './children.ts';
import { deskOf, MINUTE, START } from './history.ts';
import { KEEP } from './shelf.ts';

const order: ChildOrder = JSON.parse(process.argv[2] ?? '{}');
const { directory, url, botToken, seed, instance, began } = order;
const schedule = childSchedule(seed);
const time = () => historyTime(began);
const now = () => new Date(time());
const wait: Wait = (ms, signal) => realWait((ms / MINUTE) * MINUTE_MS, signal);
const isCalm = () => time() > START + schedule.readings * MINUTE;

const store = await openSqliteStore({ directory, keep: KEEP, now });
const host = { now, wait, time };
const quiet = () => undefined;
const error = (_fields: object, message: string) => void process.stderr.write(`${message}\n`);
const bot = createChaosBot({
  openStandIn: () => openSqliteStore({ directory: ':memory:', keep: KEEP, now }),
  ...{ store, host, instance, botToken, apiUrl: url },
  reports: deskOf(schedule, host, isCalm),
  identity: await identify(new WebClient(botToken, { slackApiUrl: url })),
  callMs: 10_000,
  // In the time of the history, where a minute is short: what is out must not be taken for lost on a slow machine.
  timing: { ...TIMING, lease: 10 * MINUTE },
  log: { debug: quiet, info: quiet, warn: quiet, error },
});
await bot.start();
