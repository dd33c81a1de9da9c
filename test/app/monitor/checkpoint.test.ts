// A state that is saved and restored decides as the one that stayed in memory.

import { expect, test } from 'vitest';
import { checkpointOf, restored } from '../../../src/app/monitor/checkpoint.ts';
import { DAY, heard, nodeOf, readingOf, START, sourceOf, times } from '../../core/detection/one-source.ts';

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

test('in a checkpoint a time of the week that was never seen is null, as the versions before wrote it', async () => {
  const { state } = heard(history.slice(0, 30));
  const { sources } = await checkpointOf(state, 1);
  const { dormant } = JSON.parse(sources[0]?.json ?? '');
  expect(dormant.week).toHaveLength(7);
  expect(dormant.week.at(-1)).toEqual([]);
  expect(dormant.day).toHaveLength(288);
  expect(new Set(dormant.day.map((value: unknown) => (value === null ? null : typeof value)))).toEqual(
    new Set([null, 'number']),
  );
});
