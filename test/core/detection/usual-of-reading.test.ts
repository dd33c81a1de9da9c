// What was usual at a reading is given out with it, over the nodes that were read; it decides nothing.

import { expect, test } from 'vitest';
import { evaluate } from '../../../src/core/detection/evaluate.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import type { Snapshot } from '../../../src/core/snapshots/snapshot.ts';
import { DAY, HOUR, heard, MINUTE, nodeOf, readingOf, START, sourceOf, times } from './one-source.ts';

const HOSTS = ['a:27017', 'b:27017'];
const UNREAD = { problem: 'timed out', role: null, current: null, limit: null, totalCreated: null, rejected: null };

/** Five active and 40 dormant connections of `s` on each node. */
function reading(at: number, { hosts = HOSTS, unread = [] }: { hosts?: string[]; unread?: string[] } = {}): Snapshot {
  const read = hosts.filter((host) => !unread.includes(host));
  const nodes = read.map((name) => ({ name, active: 5, dormant: 40 }));
  const source = sourceOf('s', 40 * read.length, { active: 5 * read.length, nodes });
  return readingOf(
    at,
    [source],
    hosts.map((host) => nodeOf(host, unread.includes(host) ? UNREAD : {})),
  );
}

const END = START + 2 * DAY;
const calm = heard(times(START, END).map((at) => reading(at)));
const given = (snapshot: Snapshot) => evaluate(calm.state, snapshot, DEFAULT_BOOK).reading;

test('nothing is usual before a day; then a reading has the usual in whole connections', () => {
  const early = heard(times(START, START + DAY - HOUR).map((at) => reading(at)));
  expect(early.last.reading).toEqual(reading(START + DAY - HOUR - 5 * MINUTE));
  expect(given(reading(END)).sources).toEqual([{ ...reading(END).sources[0], usual: { dormant: 80, pooled: 90 } }]);
});

test('a spike has the usual of before it, at its first reading and at its last', () => {
  const spike = (at: number) =>
    readingOf(
      at,
      [sourceOf('s', 400)],
      HOSTS.map((host) => nodeOf(host)),
    );
  let state = calm.state;
  const usual = times(END, END + 2 * HOUR).map((at) => {
    const evaluated = evaluate(state, spike(at), DEFAULT_BOOK);
    state = evaluated.state;
    return evaluated.reading.sources[0]?.usual?.dormant;
  });
  expect(new Set(usual)).toEqual(new Set([80]));
});

test('an incomplete reading has the usual of the nodes that were read, beside the figures of these nodes', () => {
  const { sources, complete } = given(reading(END, { unread: ['b:27017'] }));
  expect(complete).toBe(false);
  expect(sources[0]).toMatchObject({ dormant: 40, usual: { dormant: 40, pooled: 45 } });
  const without = { ...reading(END), complete: false };
  const bare = { ...without, sources: without.sources.map((source) => ({ ...source, nodes: [] })) };
  expect(given(bare).sources[0]?.usual).toBeUndefined();
});

test('a node that takes the place of another changes no usual; a cluster that shrinks has less at once', () => {
  expect(given(reading(END, { hosts: ['a:27017', 'c:27017'] })).sources[0]?.usual).toEqual({ dormant: 80, pooled: 90 });
  expect(given(reading(END, { hosts: ['a:27017'] })).sources[0]?.usual).toEqual({ dormant: 40, pooled: 45 });
});

test('a source that a complete reading does not find has its usual beside the sources', () => {
  const none = { ...reading(END), sources: [] };
  expect(given(none)).toEqual({ ...none, absent: [{ id: 's', usual: { dormant: 80, pooled: 90 } }] });
  const unread = { ...reading(END, { unread: ['b:27017'] }), sources: [] };
  expect(given(unread)).toEqual(unread);
});

test('a source that is away as usual has a usual of zero; one that only passed has none', () => {
  const rows = (at: number) => [
    ...(at % DAY < HOUR ? [sourceOf('nightly', 60, { class: 'listed' })] : []),
    ...(at < START + HOUR ? [sourceOf('passing', 60)] : []),
  ];
  const { last } = heard(times(START, START + 2.5 * DAY).map((at) => readingOf(at, rows(at))));
  expect(last.reading.absent).toEqual([{ id: 'nightly', usual: { dormant: 0, pooled: 0 } }]);
});

test('what was usual decides nothing when a reading is evaluated again', () => {
  const readings = times(END, END + HOUR).map((at) => reading(at));
  const marked = readings.map((one) => ({
    ...one,
    sources: one.sources.map((source) => ({ ...source, usual: { dormant: 1, pooled: 1 } })),
    absent: [{ id: 'other', usual: { dormant: 9, pooled: 9 } }],
  }));
  const [once, again] = [heard(readings, calm.state), heard(marked, calm.state)];
  expect(again.told).toEqual(once.told);
  expect(again.state).toEqual(once.state);
});
