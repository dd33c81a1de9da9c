// The rules held against many kinds of days: what is found, how late, and what is told falsely.

import { expect, test } from 'vitest';
import { type ClusterState, judge } from '../../src/core/judge.ts';
import type { Notification } from '../../src/core/notification.ts';
import { DEFAULT_BOOK } from '../../src/core/rule.ts';
import { type Day, dayOf, readingAt, STEP } from './days.ts';
import { KINDS } from './kinds.ts';

const EXEMPT = new Set(['unreadable', 'node-headroom']);

function told({ snapshots }: Day): readonly Notification[] {
  let state: ClusterState | null = null;
  const all: Notification[] = [];
  for (const snapshot of snapshots) {
    const judged = judge(state, snapshot, DEFAULT_BOOK);
    state = judged.state;
    all.push(...judged.notifications);
  }
  return all;
}

function scored(day: Day): {
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
      return fired.source === source && at >= readingAt(from - 2) && at <= readingAt(until + 2);
    });
    for (const hit of hits) used.add(hit);
    const first = hits.find(({ rule }) => rule === 'dormant-spike');
    return first === undefined ? [] : [(Date.parse(first.at) - readingAt(from)) / STEP];
  });
  const wrong = firing.filter((fired) => !used.has(fired));
  return { found: late.length, labels: day.labels.length, late, wrong: wrong.map(({ at, text }) => `${at} ${text}`) };
}

test.each(Object.entries(KINDS))(
  '%s: what is there is found within two readings, and nothing else is told',
  (name, kind) => {
    const { found, labels, late, wrong } = scored(dayOf(kind, 11));
    expect({ found, wrong }).toEqual({ found: labels, wrong: [] });
    // A leak begins at its usual: it is found on the way, not at once.
    if (name !== 'leak') expect(Math.max(0, ...late)).toBeLessThanOrEqual(2);
  },
);
