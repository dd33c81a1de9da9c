import { expect, test } from 'vitest';
import { createCache } from '../../../src/slack/client/cache.ts';

/** Each load has a number of its own; `fails` lets the next one fail. */
function counted() {
  const clock = { at: 600_000, loads: 0, fails: false };
  const cache = createCache({
    keepMs: 1_000,
    now: () => new Date(clock.at),
    load: async (key) => {
      clock.loads += 1;
      if (clock.fails) throw new Error('no answer');
      return `${key} ${clock.loads}`;
    },
  });
  return { clock, cache };
}

test('answers are cached by key, and concurrent requests share one call', async () => {
  const { clock, cache } = counted();
  expect(await Promise.all([cache.get('a'), cache.get('a'), cache.get('b')])).toEqual(['a 1', 'a 1', 'b 2']);
  clock.at += 999;
  expect(await cache.get('a')).toBe('a 1');
  clock.at += 1;
  expect(await cache.get('a')).toBe('a 3');
});

test('failures are not cached', async () => {
  const { clock, cache } = counted();
  clock.fails = true;
  await expect(cache.get('a')).rejects.toThrow('no answer');
  clock.fails = false;
  expect(await cache.get('a')).toBe('a 2');
});

test('an answer from the future expires when the clock is set back', async () => {
  const { clock, cache } = counted();
  expect(await cache.get('a')).toBe('a 1');
  clock.at -= 1;
  expect(await cache.get('a')).toBe('a 2');
  expect(await cache.get('a')).toBe('a 2');
});
