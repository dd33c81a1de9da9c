// The reports at each look, and the base that they are compared with.

import { expect, test } from 'vitest';
import { createPoolLooks } from '../../../src/app/pools/looks.ts';
import { isGoneKnown, marksOf } from '../../../src/core/pools/look.ts';
import { UpstreamError } from '../../../src/errors.ts';
import { recordOf } from '../../core/pools/reported.ts';
import { clockAt } from '../monitor/clock.ts';

const MINUTE = 60_000;
const never = new AbortController().signal;
const AWAY = new UpstreamError({ code: 'away', text: 'The store does not answer.', remedy: 'Wait.' });

function looksAt(start = '2026-11-21T10:00:30Z') {
  const clock = clockAt(start);
  const from = clock.now().getTime();
  const minute = () => (clock.now().getTime() - from) / MINUTE;
  const play = { isAway: false, reads: 0 };
  const records = {
    async all() {
      play.reads += 1;
      if (play.isAway) throw AWAY;
      return [recordOf({ total: { checkouts: Math.round(minute() * 100) } }, clock.now().getTime())];
    },
  };
  const looks = createPoolLooks({ records, now: clock.now, wait: clock.wait, signal: never });
  const look = (isAway = false) => looks.at(clock.now().getTime(), { isAway });
  /** Minutes of the base, and since when every look had the reports. */
  const told = async (isAway = false) => {
    const found = await look(isAway);
    const at = (time: number | undefined) => (time === undefined ? null : (time - from) / MINUTE);
    return found && [at(found.before?.at), at(found.since)];
  };
  return { clock, play, looks, told };
}

test('the base of a look is the look before; the first has none', async () => {
  const { clock, told } = looksAt();
  const found = [];
  for (let minute = 0; minute < 4; minute++) {
    found.push(await told());
    await clock.pass(MINUTE);
  }
  expect(found).toEqual([
    [null, 0],
    [0, 0],
    [1, 0],
    [2, 0],
  ]);
});

test('a look is read once for all clusters', async () => {
  const { clock, play, looks } = looksAt();
  const slot = clock.now().getTime();
  const [a, b] = await Promise.all([looks.at(slot, { isAway: false }), looks.at(slot, { isAway: false })]);
  expect(a).toBe(b);
  await clock.pass(10_000);
  expect(await looks.at(slot, { isAway: false })).toBe(a);
  expect(play.reads).toBe(1);
});

test('a base of long ago, and one of the future, is none', async () => {
  const { clock, told } = looksAt();
  await told();
  await clock.pass(4 * MINUTE);
  expect(await told()).toEqual([null, 4]);
  await clock.pass(MINUTE);
  expect(await told()).toEqual([4, 4]);
  clock.set(clock.now().getTime() - 3 * MINUTE);
  expect(await told()).toEqual([null, 2]);
});

test('reports that were missing begin the time anew in which a process could have been seen', async () => {
  const { clock, play, told, looks } = looksAt();
  await told();
  await clock.pass(MINUTE);
  play.isAway = true;
  expect(await told()).toBeNull();
  play.isAway = false;
  await clock.pass(MINUTE);
  expect(await told()).toEqual([0, 2]);
  await clock.pass(MINUTE);
  // Those of other replicas may be missing.
  expect(await told(true)).toEqual([2, 3]);
  for (let minute = 4; minute <= 9; minute++) {
    await clock.pass(MINUTE);
    const found = await looks.at(clock.now().getTime(), { isAway: false });
    expect(found && isGoneKnown(found)).toBe(minute > 8);
  }
});

test('of a flood of processes ten thousand have a base', () => {
  const many = Array.from({ length: 10_100 }, (_, index) => recordOf({ id: `p${index}` }, 0));
  expect(marksOf(many, 0).processes.size).toBe(10_000);
});
