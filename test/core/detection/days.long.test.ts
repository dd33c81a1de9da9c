// The rules held against many kinds of days: what is found, how late, and what is told falsely.

import { expect, test } from 'vitest';
import { MINUTE } from '../../../src/core/base/duration.ts';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { evaluate } from '../../../src/core/detection/evaluate.ts';
import type { Notification } from '../../../src/core/detection/findings.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import { type Day, dayOf, readingAt } from './days.ts';
import { KINDS } from './kinds.ts';
import { PASSING, STEPS } from './passing-kinds.ts';

const EXEMPT = new Set(['unreadable', 'node-headroom']);

function told({ snapshots }: Day): readonly Notification[] {
  let state: ClusterState | null = null;
  const all: Notification[] = [];
  for (const snapshot of snapshots) {
    const judged = evaluate(state, snapshot, DEFAULT_BOOK);
    state = judged.state;
    all.push(...judged.notifications);
  }
  return all;
}

/** @param minutes between readings */
function scored(
  day: Day,
  minutes = 5,
): {
  readonly found: number;
  readonly labels: number;
  readonly late: readonly number[];
  readonly wrong: readonly string[];
} {
  const firing = told(day).filter(
    ({ event, at, rule }) => event === 'firing' && Date.parse(at) >= day.warm && !EXEMPT.has(rule),
  );
  const used = new Set<Notification>();
  const late = day.labels.flatMap(({ source, from, until }) => {
    const hits = firing.filter((fired) => {
      const at = Date.parse(fired.at);
      const grace = 2 * minutes * MINUTE;
      return fired.source === source && at >= readingAt(from) - grace && at <= readingAt(until) + grace;
    });
    for (const hit of hits) used.add(hit);
    const first = hits.find(({ rule }) => rule === 'dormant-spike');
    return first === undefined ? [] : [(Date.parse(first.at) - readingAt(from)) / (minutes * MINUTE)];
  });
  const wrong = firing.filter((fired) => !used.has(fired));
  return { found: late.length, labels: day.labels.length, late, wrong: wrong.map(({ at, text }) => `${at} ${text}`) };
}

test.each(Object.entries({ ...KINDS, ...PASSING }))(
  '%s: what is there is found within two readings, and nothing else is told',
  (name, kind) => {
    const { found, labels, late, wrong } = scored(dayOf(kind, 11));
    expect({ found, wrong }).toEqual({ found: labels, wrong: [] });
    // A leak begins at its usual: it is found on the way, not at once.
    if (name !== 'leak') expect(Math.max(0, ...late)).toBeLessThanOrEqual(2);
  },
);

test.each(Object.entries(STEPS))('%s is found, the sooner the higher it is', (_, { kind, late: latest }) => {
  const { found, labels, late, wrong } = scored(dayOf(kind, 11));
  expect({ found, wrong }).toEqual({ found: labels, wrong: [] });
  expect(Math.max(...late)).toBeLessThanOrEqual(latest);
});

const SCHEDULES = ['spike', 'a nightly and an hourly job', 'deploys', 'bursts of functions', 'a small level change'];

test.each([15, 60].flatMap((minutes) => SCHEDULES.map((name) => ({ minutes, name }))))(
  'every $minutes minutes, $name: found within two readings, and nothing else is told',
  ({ minutes, name }) => {
    const kind = { ...KINDS, ...PASSING }[name] ?? {};
    const { found, labels, late, wrong } = scored(dayOf(kind, 11, minutes), minutes);
    expect({ found, wrong }).toEqual({ found: labels, wrong: [] });
    expect(Math.max(0, ...late)).toBeLessThanOrEqual(2);
  },
);

test('with a reading a minute every fault fires within two readings, and a rollout does not', () => {
  const kind = KINDS['deploys'];
  const short = { ...kind, days: 3.2, warm: 2, labels: [], shape: kind?.shape ?? (() => {}) };
  const from = 3 * 288;
  const spiking = {
    ...short,
    labels: [{ source: '10.40.0.0/16', from, until: from + 12 }],
    shape: (source: number, at: number, shape: Parameters<typeof short.shape>[2], random: () => number) => {
      if (source === 1 && at >= from && at < from + 12) shape.dormant *= 5;
      else short.shape(source, at, shape, random);
    },
  };
  const { found, wrong, late } = scored(dayOf(spiking, 11, 1), 1);
  expect({ found, wrong }).toEqual({ found: 1, wrong: [] });
  expect(Math.max(...late)).toBeLessThanOrEqual(2);
});

test('an alert after an election names it', () => {
  const kind = STEPS['what stays after an election']?.kind ?? {};
  const fired = told(dayOf({ ...kind, days: 10 }, 11)).filter(({ event }) => event === 'firing');
  expect(fired.map(({ rule }) => rule)).toContain('dormant-spike');
  for (const { text } of fired.filter(({ rule }) => rule === 'dormant-spike'))
    expect(text).toContain('There was an election in the last hour');
});
