// The ramp, with a clock of its own.

import { expect, test } from 'vitest';
import type { Wait } from '../../src/core/base/clock.ts';
import { createRamp } from '../../src/load/ramp.ts';

function fakeClock() {
  let at = 0;
  const sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  const wait: Wait = (ms, signal) =>
    new Promise((resolve) => {
      sleepers.push({ until: at + ms, wake: resolve });
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  const advance = async (ms: number) => {
    at += ms;
    for (const { until, wake } of sleepers) if (until <= at) wake();
    await new Promise(setImmediate);
  };
  return { now: () => new Date(at), wait, advance };
}

test('so many connections a second, whoever takes them, and nothing is saved up', async () => {
  const clock = fakeClock();
  const ramp = createRamp({ ...clock, perSecond: 10, signal: new AbortController().signal });
  let opened = 0;
  const take = (connections: number) => ramp.take(connections).then(() => (opened += connections));
  const all = [take(3), take(3), take(1), take(1)];
  await clock.advance(0);
  const seen = [opened];
  for (let tenth = 0; tenth < 7; tenth++) {
    await clock.advance(100);
    seen.push(opened);
  }
  expect(seen).toEqual([3, 3, 3, 6, 6, 6, 7, 8]);
  await Promise.all(all);
  await clock.advance(60_000);
  const later = [take(1), take(1)];
  await clock.advance(0);
  expect(opened).toBe(9);
  await clock.advance(100);
  await Promise.all(later);
});

test('who waits when the run ends gets none', async () => {
  const clock = fakeClock();
  const stop = new AbortController();
  const ramp = createRamp({ ...clock, perSecond: 1, signal: stop.signal });
  await ramp.take(1);
  const waiting = ramp.take(1);
  stop.abort();
  await expect(waiting).rejects.toThrow();
  await expect(ramp.take(1)).rejects.toThrow();
});
