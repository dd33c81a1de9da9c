import { expect, test } from 'vitest';
import { unlessAborted, withTimeout } from '../../../src/core/base/abort.ts';
import type { Wait } from '../../../src/core/base/clock.ts';

/** A wait that ends when the test says so, or with its signal. */
function manualWait() {
  const passed = Promise.withResolvers<void>();
  const signals: AbortSignal[] = [];
  const wait: Wait = (_, signal) => {
    signals.push(signal);
    return passed.promise;
  };
  return { wait, pass: passed.resolve, isOver: () => signals.map(({ aborted }) => aborted) };
}

const never = new Promise<never>(() => undefined);

test('work that ends in time gives its result, and the wait ends with it', async () => {
  const { wait, isOver } = manualWait();
  let lates = 0;
  expect(await withTimeout(Promise.resolve('done'), { ms: 1, wait, late: () => ++lates })).toBe('done');
  expect([isOver(), lates]).toEqual([[true], 0]);
});

test('work that fails in time fails', async () => {
  await expect(withTimeout(Promise.reject(new Error('no')), { ms: 60_000 })).rejects.toThrow('no');
});

test('for work that takes longer, the late answer counts, or its error, or nothing', async () => {
  const { wait, pass } = manualWait();
  pass();
  expect(await withTimeout(never, { ms: 1, wait, late: () => 'late' })).toBe('late');
  expect(await withTimeout(never, { ms: 1 })).toBe(undefined);
  const late = () => {
    throw new Error('too late');
  };
  await expect(withTimeout(never, { ms: 1, wait, late })).rejects.toThrow('too late');
});

test('a signal ends the waiting with its reason, also where the work is done', async () => {
  const stop = new AbortController();
  const waiting = unlessAborted(never, stop.signal);
  stop.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
  await expect(unlessAborted(Promise.resolve('done'), stop.signal)).rejects.toThrow('stopped');
  expect(await unlessAborted(Promise.resolve('done'), new AbortController().signal)).toBe('done');
});
