// What waits in memory for the store: the oldest first, bounded, and counted where it is too much.

import { expect, test } from 'vitest';
import { createBacklog } from '../../../src/app/monitor/backlog.ts';
import { failedSnapshot } from '../../../src/core/snapshots/from-report.ts';
import { packing } from '../../../src/store/packing.ts';
import { seeded } from '../../core/detection/days.ts';

const random = seeded(7);
const noise = (length: number) => Array.from({ length }, () => random().toString(36)[5]).join('');

function reading(slot: number, problem = 'x'.repeat(100)) {
  const snapshot = failedSnapshot({ cluster: 'prod', at: slot, problem });
  return { slot, snapshot, claimed: slot % 2 === 0, mayBeWritten: false };
}

test('what waits comes back as it was, the oldest first, and goes when it is written', () => {
  const backlog = createBacklog(packing);
  for (const slot of [1, 2]) backlog.push(reading(slot));
  const first = backlog.first();
  expect(first).toEqual(reading(1));
  if (first !== null) backlog.done(first);
  expect(backlog.first()).toEqual(reading(2));
  expect([backlog.size(), backlog.lost()]).toEqual([1, 0]);
});

test('what was given out to be written may be written when it is given out again', () => {
  const backlog = createBacklog(packing);
  backlog.push(reading(1));
  expect(backlog.all().map((each) => each().mayBeWritten)).toEqual([false]);
  expect([backlog.first()?.mayBeWritten, backlog.first()?.mayBeWritten]).toEqual([false, true]);
});

test('memory is bounded by number and by size: the oldest are lost, and counted', () => {
  const few = createBacklog(packing, { readings: 3, size: 1_000_000 });
  for (const slot of [1, 2, 3, 4, 5]) few.push(reading(slot));
  expect([few.size(), few.lost(), few.first()?.slot]).toEqual([3, 2, 3]);
  const small = createBacklog(packing, { readings: 100, size: 5_000 });
  for (const slot of [1, 2, 3, 4, 5]) small.push(reading(slot, noise(2_000)));
  expect(small.size()).toBeLessThan(5);
  expect(small.size() + small.lost()).toBe(5);
  const tiny = createBacklog(packing, { readings: 100, size: 10 });
  tiny.push(reading(1));
  tiny.push(reading(2));
  expect([tiny.size(), tiny.first()?.slot]).toEqual([1, 2]);
});

test('the size is what it takes, and readings that repeat themselves take little', () => {
  const backlog = createBacklog(packing, { readings: 100, size: 20_000 });
  for (let slot = 0; slot < 50; slot++) backlog.push(reading(slot, 'a source '.repeat(2_000)));
  expect([backlog.size(), backlog.lost()]).toEqual([50, 0]);
});

test('what is packed holds no more memory than it says', () => {
  const packed = packing.pack(JSON.stringify(reading(1)));
  expect(packed.buffer.byteLength).toBe(packed.byteLength);
  expect(packing.unpack(packed)).toBe(JSON.stringify(reading(1)));
});

test('what went for a newer one while it was written takes no other with it, and is counted once', () => {
  const backlog = createBacklog(packing, { readings: 2, size: 1_000_000 });
  for (const slot of [1, 2]) backlog.push(reading(slot));
  const first = backlog.first();
  backlog.push(reading(3));
  if (first !== null) backlog.done(first);
  if (first !== null) backlog.lose(first);
  expect([backlog.size(), backlog.lost(), backlog.first()?.slot]).toEqual([2, 1, 2]);
  backlog.lose(reading(4));
  expect([backlog.size(), backlog.lost()]).toEqual([2, 2]);
});
