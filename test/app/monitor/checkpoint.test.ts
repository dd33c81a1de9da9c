// A state that is saved and restored decides as the one that stayed in memory.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkpointOf, restored } from '../../../src/app/monitor/checkpoint.ts';
import { newBaseline, usualAt } from '../../../src/core/baseline/baseline.ts';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { DAY, HOUR, heard, nodeOf, readingOf, START, sourceOf, times } from '../../core/detection/one-source.ts';

const history = times(START, START + 9 * DAY, 3_600_000).map((at, index) =>
  readingOf(
    at,
    [sourceOf('203.0.113.9', 40 + (index % 7) / 3 + 30 * Math.sin(index), { clients: index % 5 === 0 ? null : 6 })],
    [nodeOf('a:27017', { totalCreated: 1_000 + 777 * index })],
  ),
);

test('a checkpoint is the state, to the last digit', async () => {
  const { state } = heard(history);
  const checkpoint = await checkpointOf(state, 7);
  expect(await restored(checkpoint)).toEqual(state);
  expect(await checkpointOf((await restored(checkpoint)) ?? state, 7)).toEqual(checkpoint);
});

test('a checkpoint holds each day of a figure in under a kilobyte', async () => {
  const { state } = heard(history);
  const { sources } = await checkpointOf(state, 1);
  const { dormant } = JSON.parse(sources[0]?.json ?? '');
  expect(dormant.memory).toHaveLength(9);
  expect(Math.max(...dormant.memory.map((day: unknown) => JSON.stringify(day).length))).toBeLessThan(1_000);
});

test('after a checkpoint the same is usual, for every history', async () => {
  const values = fc.array(fc.nat(500_000), { minLength: 20, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(values, async (dormant) => {
      const end = START + dormant.length * 6 * HOUR;
      const readings = times(START, end, 6 * HOUR).map((at, index) =>
        readingOf(at, [sourceOf('203.0.113.9', dormant[index] ?? 0)]),
      );
      const { state } = heard(readings);
      const usual = (of: ClusterState | null) =>
        times(end, end + 7 * DAY, 6 * HOUR).map((at) =>
          usualAt(of?.sources['203.0.113.9']?.dormant ?? newBaseline(at), { at, offset: 0 }),
        );
      const expected = usual(state);
      expect(expected).not.toContain(null);
      expect(usual(await restored(await checkpointOf(state, 7)))).toEqual(expected);
    }),
    { numRuns: 5 },
  );
});

test('in a checkpoint a day is 288 numbers of half precision; a slot without a reading is not a number', async () => {
  const { state } = heard([readingOf(START, [sourceOf('203.0.113.9', 100)])]);
  const { sources } = await checkpointOf(state, 1);
  const { memory } = JSON.parse(sources[0]?.json ?? '').dormant;
  const slots = Buffer.from(memory[0].slots, 'base64');
  expect([memory.length, memory[0].number, slots.length]).toEqual([1, START / DAY, 576]);
  // An eighth of the value, little endian.
  expect([slots.readUInt16LE(0), slots.readUInt16LE(2)]).toEqual([0x4a40, 0x7e00]);
});
