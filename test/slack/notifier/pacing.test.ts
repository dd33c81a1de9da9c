// Turns: one by one in a lane, no lane for another, and no wait that a wrong clock makes.

import { expect, test } from 'vitest';
import { createLateness } from '../../../src/slack/notifier/message.ts';
import { createPacing, createRefreshTurns } from '../../../src/slack/notifier/pacing.ts';
import { silentLog } from '../../recorded-log.ts';

const T = Date.parse('2026-11-21T10:00:00Z');
const silent = await silentLog();
const paced = () => createPacing({ gapMs: 1_000, horizonMs: 2_500 });

test('messages to one channel go a second apart, and what is further away is sent back', () => {
  const pacing = paced();
  const slots = [1, 2, 3, 4].map(() => pacing.reserve('post C1', T));
  expect(slots.map(({ waitMs }) => waitMs)).toEqual([0, 1_000, 2_000, 3_000]);
  expect(slots.map(({ isReserved }) => isReserved)).toEqual([true, true, true, false]);
  // What was sent back took no turn.
  expect(pacing.reserve('post C1', T + 3_000)).toEqual({ waitMs: 0, isReserved: true });
});

test('each that is sent back asks again at a time of its own, so that hundreds do not go round in circles', () => {
  const pacing = paced();
  const asked = Array.from({ length: 403 }, () => pacing.reserve('post C1', T));
  const back = asked.filter(({ isReserved }) => !isReserved).map(({ waitMs }) => waitMs);
  expect(back).toEqual(Array.from({ length: 400 }, (_, index) => 3_000 + index * 1_000));
  // Whoever comes back in time is not sent back again.
  const again = back.map((waitMs) => pacing.reserve('post C1', T + waitMs));
  expect(new Set(again.map(({ waitMs, isReserved }) => `${waitMs} ${isReserved}`))).toEqual(new Set(['0 true']));
});

test('nobody is sent back for longer than a quarter of an hour', () => {
  const pacing = paced();
  const waits = Array.from({ length: 2_000 }, () => pacing.reserve('post C1', T).waitMs);
  expect(Math.max(...waits)).toBe(15 * 60_000);
});

test('no channel waits for another, and edits wait only when Slack says so', () => {
  const pacing = paced();
  pacing.reserve('post C1', T);
  expect(pacing.reserve('post C2', T).waitMs).toBe(0);
  expect([1, 2, 3].map(() => pacing.reserve('edit', T).waitMs)).toEqual([0, 0, 0]);
  pacing.hold('edit', 30_000, T);
  expect(pacing.reserve('edit', T)).toEqual({ waitMs: 30_000, isReserved: false });
  expect(pacing.closedFor('edit', T + 29_000)).toBe(1_000);
  expect(pacing.reserve('post C2', T + 1_000).waitMs).toBe(0);
});

test('fifty edits may go at once, and each of the others a minute after one of them', () => {
  const pacing = paced();
  for (let count = 0; count < 50; count++) expect(pacing.reserve('edit', T + count).waitMs).toBe(0);
  expect(pacing.reserve('edit', T + 1_000)).toEqual({ waitMs: 60_000, isReserved: false });
  const slots = [1, 2, 3].map(() => pacing.reserve('edit', T + 59_000));
  expect(slots).toEqual([2_000, 2_001, 2_002].map((waitMs) => ({ waitMs, isReserved: true })));
  expect(pacing.reserve('post C1', T + 1_000).waitMs).toBe(0);
});

test('an edit in several forms counts as several', () => {
  const pacing = paced();
  for (let count = 0; count < 50; count++) pacing.edited(T);
  expect(pacing.reserve('edit', T + 1_000)).toEqual({ waitMs: 60_000, isReserved: false });
});

test('refreshes go two and a half seconds apart, never in a burst, and leave changes their room', () => {
  const pacing = paced();
  const sent: number[] = [];
  for (let at = T; at < T + 180_000; at += 100)
    if (pacing.waitFor('refresh', at) === 0 && pacing.reserve('refresh', at).isReserved) sent.push(at);
  expect(sent).toEqual(Array.from({ length: 72 }, (_, index) => T + index * 2_500));
  const free = Array.from({ length: 50 }, () => pacing.reserve('edit', T + 180_000));
  expect(free.filter(({ waitMs }) => waitMs === 0)).toHaveLength(26);
  expect(pacing.waitFor('refresh', T + 180_000)).toBeGreaterThan(20_000);
  expect(pacing.waitFor('refresh', T + 241_000 + 2_500)).toBe(0);
});

test('a refresh waits while there were many changes, so that as many may follow at once', () => {
  const pacing = paced();
  for (let count = 0; count < 25; count++) pacing.reserve('edit', T);
  expect(pacing.reserve('refresh', T)).toEqual({ waitMs: 61_000, isReserved: false });
  for (let count = 0; count < 25; count++) expect(pacing.reserve('edit', T + 1_000).waitMs).toBe(0);
});

test('after edits that Slack slowed down, refreshes stay away for a minute more, and come one by one', () => {
  const pacing = paced();
  pacing.hold('edit', 30_000, T);
  expect(pacing.reserve('edit', T + 30_000)).toEqual({ waitMs: 0, isReserved: true });
  expect(pacing.waitFor('refresh', T + 30_000)).toBe(60_000);
  pacing.hold('edit', 1_000, T + 10_000);
  expect(pacing.waitFor('refresh', T + 30_000), 'the longer hold counts').toBe(60_000);
  expect([0, 1, 2].map(() => pacing.reserve('refresh', T + 90_000).waitMs)).toEqual([0, 2_500, 5_000]);
});

test('one replica refreshes in a minute; another begins after the last edit of the one before', async () => {
  const claims = new Map<number, string>();
  const clock = { at: T };
  let isStoreAway = false;
  const turnsOf = (name: string) => {
    const turns: number[] = [];
    const open = createRefreshTurns({
      pacing: paced(),
      now: () => new Date(clock.at),
      log: silent,
      onTurn: () => turns.push(clock.at),
      async mayRefresh(minute) {
        if (isStoreAway) throw new Error('store is unavailable');
        if (!claims.has(minute)) claims.set(minute, name);
        return claims.get(minute) === name;
      },
    });
    return { turns, open };
  };
  const look = async (...replicas: readonly ReturnType<typeof turnsOf>[]) => {
    for (const { open } of replicas) open.isOpen();
    await new Promise((resolve) => setImmediate(resolve));
    return replicas.map(({ open }) => open.opensIn());
  };
  const [one, two] = [turnsOf('one'), turnsOf('two')];
  expect(await look(one, two)).toEqual([2_500, Number.POSITIVE_INFINITY]);
  clock.at += 60_000;
  expect(await look(one, two), 'it goes on').toEqual([0, Number.POSITIVE_INFINITY]);
  clock.at += 60_000;
  expect(await look(two, one), 'another takes over').toEqual([2_500, Number.POSITIVE_INFINITY]);
  clock.at += 60_000;
  isStoreAway = true;
  expect(await look(one, two)).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  isStoreAway = false;
  clock.at += 10_000;
  expect(await look(one, two), 'asked again').toEqual([0, Number.POSITIVE_INFINITY]);
  expect([one.turns, two.turns].map(({ length }) => length)).toEqual([3, 1]);
});

test('a clock that was set back by an hour holds nothing up', () => {
  const pacing = paced();
  pacing.reserve('post C1', T);
  pacing.hold('edit', 60_000, T);
  for (let count = 0; count < 50; count++) pacing.edited(T);
  expect(pacing.waitFor('refresh', T - 3_600_000)).toBe(0);
  expect(pacing.reserve('post C1', T - 3_600_000)).toEqual({ waitMs: 0, isReserved: true });
  expect(pacing.reserve('edit', T - 3_600_000)).toEqual({ waitMs: 0, isReserved: true });
});

test('late is what took more than two minutes, and Slack is only blamed for its own', () => {
  const lateness = createLateness({ startedAt: T, afterMs: 120_000 });
  const words = (decided: number, now: number) => lateness.of(decided, now)?.[0] ?? null;
  expect(words(T, T + 120_000)).toBeNull();
  expect(words(T + 1, T + 122_000)).toBe('Delayed: decided at ');
  expect(words(T - 1, T + 122_000)).toBe('Delayed while the bot was not running: decided at ');
  lateness.trouble(T + 60_000);
  expect(words(T + 1, T + 122_000)).toBe('Delayed by Slack: decided at ');
  expect(words(T + 60_001, T + 190_000)).toBe('Delayed: decided at ');
});

test('trouble that a clock far ahead dated is forgotten when it is set back', () => {
  const lateness = createLateness({ startedAt: T, afterMs: 120_000 });
  const words = (decided: number, now: number) => lateness.of(decided, now)?.[0] ?? null;
  lateness.trouble(T + 3 * 365 * 86_400_000);
  expect(words(T + 1, T + 122_000)).toBe('Delayed: decided at ');
  lateness.trouble(T + 60_000);
  expect(words(T + 1, T + 122_000)).toBe('Delayed by Slack: decided at ');
  expect(words(T + 60_001, T + 190_000)).toBe('Delayed: decided at ');
});
