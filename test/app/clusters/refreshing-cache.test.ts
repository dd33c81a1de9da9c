import { expect, test } from 'vitest';
import { createRefreshingCache } from '../../../src/app/clusters/refreshing-cache.ts';
import { never } from '../monitor/scene.ts';

/** Readings that end when the test says so. */
function byHand() {
  const ends: ((value: string) => void)[] = [];
  const told: string[] = [];
  const clock = { at: 0 };
  const value = createRefreshingCache<string>({
    milliseconds: 1_000,
    patienceMs: 1,
    now: () => new Date(clock.at),
    read: async () => {
      const text = await new Promise<string>((resolve) => void ends.push(resolve));
      return { value: text, isWhole: !text.startsWith('half') };
    },
    onRead: (text) => void told.push(text),
  });
  return { value, clock, told, end: (index: number, text: string) => ends[index]?.(text) };
}

test('what was read whole is held for a while', async () => {
  const { value, clock, end, told } = byHand();
  const first = value.get(never);
  end(0, 'one');
  expect(await first).toBe('one');
  clock.at += 999;
  expect(await value.get(never)).toBe('one');
  clock.at += 1;
  const second = value.get(never);
  end(1, 'half of two');
  expect(await second).toBe('half of two');
  const third = value.get(never);
  end(2, 'two');
  expect(await third).toBe('two');
  expect(told).toEqual(['one', 'half of two', 'two']);
});

test('what a clock that was ahead has read is read again when it is set back', async () => {
  const { value, clock, end } = byHand();
  clock.at = 600_000;
  const ahead = value.get(never);
  end(0, 'ahead');
  await ahead;
  clock.at = 1_000;
  const after = value.get(never);
  end(1, 'after');
  expect(await after).toBe('after');
});

test('a reading that began earlier and ends later takes nothing back', async () => {
  const { value, end, told } = byHand();
  const older = value.renew(never);
  const newer = value.renew(never);
  end(1, 'new');
  expect(await newer).toBe('new');
  end(0, 'old');
  expect(await older).toBe('new');
  expect(await value.get(never)).toBe('new');
  expect(told).toEqual(['new']);
});

test('a reading is shared, and goes on when who began it leaves', async () => {
  const { value, end, told } = byHand();
  const leaving = new AbortController();
  const [first, second] = [value.get(leaving.signal), value.get(never)];
  leaving.abort(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  end(0, 'one');
  expect(await second).toBe('one');
  expect(told).toEqual(['one']);
});

test('who asks while a reading takes long is told what was read before; what it brings in the end is told to the next', async () => {
  const { value, clock, end, told } = byHand();
  const first = value.get(never);
  end(0, 'one');
  await first;
  clock.at += 1_000;
  expect(await value.get(never)).toBe('one');
  expect(await value.get(never)).toBe('one');
  end(1, 'two');
  await expect.poll(() => told).toEqual(['one', 'two']);
  expect(await value.get(never)).toBe('two');
});

test('who waits is not told anything older than what another has read meanwhile', async () => {
  const { value, clock, end } = byHand();
  const first = value.get(never);
  end(0, 'one');
  await first;
  clock.at += 1_000;
  const slow = value.get(never);
  const renewed = value.renew(never);
  end(2, 'three');
  expect(await renewed).toBe('three');
  expect(await slow).toBe('three');
});

test('a reading that fails is told to those who wait for it, and asked again', async () => {
  let count = 0;
  const value = createRefreshingCache<number>({
    milliseconds: 1_000,
    now: () => new Date(0),
    read: async () => {
      count += 1;
      if (count === 1) throw new Error('not now');
      return { value: count, isWhole: true };
    },
  });
  await expect(Promise.all([value.get(never), value.get(never)])).rejects.toThrow('not now');
  expect(await value.get(never)).toBe(2);
});
