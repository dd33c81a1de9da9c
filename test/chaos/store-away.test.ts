// The store is away for long: what fires is posted without it, once, and taken over by the store's alert when it is back.

import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DELIVERY_EVENT } from '../../src/slack/notifier/post.ts';
import { ledgerOf } from '../sandbox/slack/ledger.ts';
import { startSlack } from '../sandbox/slack/server.ts';
import type { Message } from '../sandbox/slack/stand-in.ts';
import { CHANNEL } from './bot.ts';
import { createClock } from './clock.ts';
import { createCrew } from './crew.ts';
import { MINUTE, START } from './history.ts';
import type { Schedule, Spike } from './schedule.ts';
import { fileShelf } from './shelf.ts';

const REMARK = 'History unavailable';
const spike = (source: string, from: number, until: number): Spike => ({ source, from, until, levels: [300, 300] });

/** Bots on one store, and what people see of them. Minutes are those of the history. */
async function stage(spikes: readonly Spike[], replicas: 1 | 2 = 1) {
  const work = new Set<() => number>();
  const clock = createClock(START - MINUTE / 2, () => [...work].reduce((sum, busy) => sum + busy(), 0));
  const now = () => new Date(clock.time());
  const slack = await startSlack({ now });
  onTestFinished(slack.close);
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-away-'));
  const shelf = fileShelf(directory, now);
  onTestFinished(async () => {
    await shelf.close();
    await rm(directory, { recursive: true });
  });
  const schedule: Schedule = { seed: 1, readings: 90, isBlind: false, replicas, spikes, acts: [], faults: [] };
  const trouble = { away: false, silent: false };
  const errors: string[] = [];
  const crew = await createCrew({
    ...{ schedule, slack, clock, shelf, trouble, work, errors },
    onWritten: () => undefined,
    isCalm: () => false,
  });
  onTestFinished(() => {
    for (const { fate } of crew.members()) fate.kill();
    expect(errors).toEqual([]);
  });
  const all = () => slack.messages(CHANNEL, slack.people[0]?.id ?? '').filter(({ user }) => user === slack.botUser);
  return {
    ...{ slack, clock, crew, trouble, directory },
    /** Lets time go by until the minute. */
    async until(minute: number) {
      while (clock.time() < START + minute * MINUTE)
        await clock.pass(Math.min(MINUTE, START + minute * MINUTE - clock.time()));
    },
    /** Messages of alerts about the source, without their threads. */
    about: (source: string): readonly Message[] =>
      all().filter(({ threadTs, text }) => threadTs === null && text.split('\n')[0]?.includes(`— Team ${source}`)),
    thread: ({ ts }: Message) => all().filter(({ threadTs }) => threadTs === ts),
    /** Deliveries that were posted more than once. */
    doubled: () => [...ledgerOf(slack.calls, DELIVERY_EVENT).posted].filter(([, times]) => times > 1),
    said: (words: string) => all().filter(({ text }) => text.includes(words)),
    alerts: async () => (await shelf.look()).alerts({ cluster: null, endedSince: 0 }),
  };
}

const [ONE, TWO, OLD] = ['10.0.0.0/16', '10.1.0.0/16', '10.2.0.0/16'];

test('what fires while the store is away for long is posted once, marked, goes on there, and is taken over by its alert', async () => {
  const { until, about, thread, said, doubled, trouble, alerts, slack } = await stage([
    spike(OLD, 1, 60),
    spike(ONE, 7, 20),
    spike(TWO, 12, 60),
  ]);
  await until(5);
  expect(about(OLD)).toHaveLength(1);
  trouble.away = true;
  await until(9.5);
  // It fired: an absence of less than five minutes is waited for.
  expect(said(REMARK)).toEqual([]);
  await until(15);
  const [one, two] = [about(ONE)[0], about(TWO)[0]];
  for (const message of [one, two]) expect(message?.text).toMatch(/^Warning.*History unavailable: .* may repeat\./s);
  expect(said('has been unavailable since')[0]?.text).toMatch(/Alerts are posted without it from 10:\W?10 UTC on/);
  // Nothing is said again at each reading, and what the store told is not told again.
  await until(34);
  expect([about(ONE), about(TWO), about(OLD)].map(({ length }) => length)).toEqual([1, 1, 1]);
  expect(about(OLD)[0]?.text).not.toContain(REMARK);
  expect(about(ONE)[0]).toMatchObject({ ts: one?.ts, text: expect.stringMatching(/^Resolved/) });
  expect(about(TWO)[0]).toMatchObject({ ts: two?.ts, text: expect.stringMatching(/^Warning/) });
  const replies = one === undefined ? [] : thread(one);
  expect(replies).toHaveLength(1);
  const posts = slack.calls.filter(({ method }) => method === 'chat.postMessage').length;
  trouble.away = false;
  await until(37);
  expect(said(REMARK).filter(({ threadTs }) => threadTs === null)).toEqual([]);
  expect([about(ONE), about(TWO), about(OLD)].map((found) => found.map(({ ts }) => ts))).toEqual([
    [one?.ts],
    [two?.ts],
    [about(OLD)[0]?.ts],
  ]);
  // The one post since says that the store is back.
  expect(slack.calls.filter(({ method }) => method === 'chat.postMessage')).toHaveLength(posts + 1);
  expect(doubled()).toEqual([]);
  expect((await alerts()).map(({ source, state }) => [source, state]).toSorted()).toEqual([
    [ONE, 'ended'],
    [TWO, 'firing'],
    [OLD, 'firing'],
  ]);
  await until(75);
  expect(about(TWO)[0]).toMatchObject({ ts: two?.ts, text: expect.stringMatching(/^Resolved/) });
  expect(doubled()).toEqual([]);
});

test('a store that is back and away again goes on where it was', async () => {
  const { until, about, said, doubled, trouble } = await stage([spike(ONE, 4, 80), spike(TWO, 38, 80)]);
  await until(3);
  for (const minute of [12, 20, 28]) {
    trouble.away = true;
    await until(minute + 6);
    trouble.away = false;
    await until(minute + 6.2);
  }
  trouble.away = true;
  await until(45);
  expect(said(REMARK)).not.toEqual([]);
  trouble.away = false;
  await until(48);
  expect([about(ONE), about(TWO)].map(({ length }) => length)).toEqual([1, 1]);
  expect(said(REMARK).filter(({ threadTs }) => threadTs === null)).toEqual([]);
  expect(doubled()).toEqual([]);
});

test('an alert that existed is edited in its own message, and told in its own thread', async () => {
  const { until, about, thread, doubled, trouble } = await stage([
    { ...spike(OLD, 1, 60), levels: [200, 900] },
    spike(ONE, 1, 15),
  ]);
  await until(6);
  const before = [about(OLD)[0]?.ts, about(ONE)[0]?.ts];
  trouble.away = true;
  await until(50);
  const [old, one] = [about(OLD), about(ONE)];
  expect([old[0]?.ts, one[0]?.ts]).toEqual(before);
  expect([old.length, one.length]).toEqual([1, 1]);
  expect(one[0]?.text).toMatch(/^Resolved/);
  const replies = () => [...old, ...one].flatMap((message) => thread(message)).length;
  const told = replies();
  expect(told).toBeGreaterThanOrEqual(2);
  trouble.away = false;
  await until(53);
  expect(replies()).toBe(told);
  expect(doubled()).toEqual([]);
});

test('a file that is put back where it was takes over what was posted while it was gone', async () => {
  const { until, about, said, doubled, directory } = await stage([spike(ONE, 5, 80)]);
  await until(3);
  await rename(directory, `${directory}-gone`);
  await until(15);
  expect(said('was removed or replaced')).toHaveLength(1);
  expect(about(ONE)).toMatchObject([{ text: expect.stringContaining(REMARK) }]);
  await rename(`${directory}-gone`, directory);
  await until(18);
  expect(about(ONE)).toMatchObject([{ text: expect.not.stringContaining(REMARK) }]);
  expect(doubled()).toEqual([]);
});

test('a restart in between may repeat an alert, and the one that is left says that it may', async () => {
  const { until, about, trouble, crew, clock } = await stage([spike(ONE, 5, 80)]);
  await until(3);
  trouble.away = true;
  await until(12);
  expect(about(ONE)).toHaveLength(1);
  crew.member(0)?.fate.kill();
  trouble.away = false;
  await crew.replace();
  await clock.pass(5 * MINUTE);
  expect(about(ONE).map(({ text }) => text.includes(REMARK))).toEqual([true, false]);
});

test('of two replicas that lose the store only the one that held the cluster posts', async () => {
  const { until, about, doubled, said, trouble } = await stage([spike(ONE, 5, 80)], 2);
  await until(3);
  trouble.away = true;
  await until(15);
  expect(about(ONE)).toHaveLength(1);
  trouble.away = false;
  await until(18);
  expect(about(ONE)).toHaveLength(1);
  expect(said(REMARK)).toEqual([]);
  expect(doubled()).toEqual([]);
});
