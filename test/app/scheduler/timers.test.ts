import { expect, test } from 'vitest';
import { runInChunks } from '../../../src/app/scheduler/timers.ts';
import type { Chunked } from '../../../src/core/base/cooperative.ts';

test('between two steps of long work whatever else is due goes first', async () => {
  const seen: string[] = [];
  function* work(): Chunked<string> {
    for (const step of [1, 2, 3]) {
      seen.push(`step ${step}`);
      setImmediate(() => seen.push(`what came in during step ${step}`));
      yield;
    }
    return 'done';
  }
  expect(await runInChunks(work())).toBe('done');
  expect(seen).toEqual([1, 2, 3].flatMap((step) => [`step ${step}`, `what came in during step ${step}`]));
});

test('work that fails in one of its steps fails', async () => {
  function* work(): Chunked<never> {
    yield;
    throw new Error('the second step');
  }
  await expect(runInChunks(work())).rejects.toThrow('the second step');
});
