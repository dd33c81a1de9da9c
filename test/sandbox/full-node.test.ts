// A node at its limit lets nobody in and lets nobody go, and the incident that fills one happens as its facts say.

import type { Document } from 'bson';
import { describe, expect, onTestFinished, test } from 'vitest';
import { weekScenario } from './demo/week.ts';
import { client, currentOp } from './nodes/test-reader.ts';
import { type Admission, admit } from './scenario/admission.ts';
import { demoScenario, demoUsers } from './scenario/demo.ts';
import { fullNodeIncident } from './scenario/full-node.ts';
import { startScenario } from './scenario/scenario.ts';
import { playSteps } from './scenario/steps.ts';

const auth = { username: 'atlas-conns', password: demoUsers[0]?.password ?? '' };

describe('a node at its limit', () => {
  const EMPTY: Admission = { open: [], lacking: [], opened: 0, refused: 0 };
  const sizes = (...all: readonly number[]) => all.map((size) => ({ size, ended: 0 }));

  test('open connections stay whoever grows, and each new one that finds no room is refused once', () => {
    const before = admit(EMPTY, sizes(60, 30), { room: 100, seconds: 0 });
    expect(before).toEqual({ open: [60, 30], lacking: [0, 0], opened: 90, refused: 0 });
    const full = admit(before, sizes(160, 30), { room: 100, seconds: 5 });
    expect(full).toEqual({ open: [70, 30], lacking: [90, 0], opened: 100, refused: 90 });
  });

  test('what is refused is tried again, and what ends finds its place taken by who tries most', () => {
    const full: Admission = { open: [70, 30], lacking: [270, 0], opened: 100, refused: 270 };
    const later = admit(full, [sizes(340)[0]!, { size: 30, ended: 10 }], { room: 100, seconds: 30 });
    expect(later).toEqual({ open: [80, 20], lacking: [260, 10], opened: 110, refused: 270 + 260 + 10 });
  });

  test('who wants less lets go at once, and a lower limit closes nothing', () => {
    const full: Admission = { open: [70, 30], lacking: [90, 0], opened: 100, refused: 90 };
    expect(admit(full, sizes(20, 40), { room: 100, seconds: 5 })).toMatchObject({ open: [20, 40], lacking: [0, 0] });
    expect(admit(full, sizes(70, 40), { room: 50, seconds: 5 })).toMatchObject({ open: [70, 30], lacking: [0, 10] });
  });
});

test.each([
  ['the demo, without a rhythm', demoScenario, 0],
  ['in the morning', weekScenario, 10],
  ['in the afternoon', weekScenario, 17],
])('the incident happens as its facts say: %s', async (_, plan, hour) => {
  const start = Date.parse('2026-11-21T00:00:00Z');
  const began = start + hour * 3_600_000;
  const clock = { at: began };
  const now = () => new Date(clock.at);
  const scenario = await startScenario(plan, { now, start: new Date(start) });
  onTestFinished(scenario.close);
  const { steps, facts, cluster: name } = fullNodeIncident;
  const cluster = scenario.cluster(name);
  const nodes = [facts.nodes.before, facts.nodes.after].map((place) => cluster.set.node(place));
  // A reader that is there before the node is full can read it all the time.
  const readers = nodes.map(({ uri }) => client(uri, { auth }));
  for (const reader of readers) await reader.db('admin').command({ ping: 1 });
  const victim = plan.clusters[0]?.sources.find(({ name: source }) => source === facts.victims[0]?.source);

  const minutes: { readonly counts: readonly Document[]; readonly culprit: number; readonly victim: number }[] = [];
  const look = async () => {
    const which = minutes.length < facts.election ? 0 : 1;
    const reader = readers[which]!;
    const apps = await currentOp(reader, [
      { $match: { client: { $exists: true } } },
      { $group: { _id: '$appName', count: { $sum: 1 } } },
    ]);
    const counts = await Promise.all(
      readers.map(async (one) => (await one.db('admin').command({ serverStatus: 1 }))['connections'] as Document),
    );
    expect(apps.reduce((sum, { count }) => sum + count, 0)).toBe(counts[which]?.['current']);
    const of = (app: string | null | undefined): number => apps.find(({ _id }) => _id === app)?.['count'] ?? 0;
    minutes.push({ counts, culprit: of(facts.culprit.app), victim: of(victim?.app) });
  };
  const until = async (to: number) => {
    while (clock.at + 60_000 <= to) {
      await look();
      clock.at += 60_000;
    }
  };
  await playSteps(steps, {
    cluster,
    clock: { now, wait: (ms) => until(clock.at + ms) },
    signal: new AbortController().signal,
  });
  await until(clock.at + 3 * 60_000);

  const limit = plan.clusters[0]?.limit ?? 0;
  const shareAt = (minute: number, node: number) => Number(minutes[minute]?.counts[node]?.['current']) / limit;
  const rejectedAt = (minute: number, node: number) => Number(minutes[minute]?.counts[node]?.['rejected']);
  const { reaches, election, rollBack } = facts;
  expect(shareAt(0, 0)).toBeLessThan(0.4);
  for (const [minute, share] of [
    [reaches.eighty, 0.8],
    [reaches.ninety, 0.9],
    [reaches.full, 1],
  ] as const) {
    expect(shareAt(minute - 1, 0)).toBeLessThan(share);
    expect(shareAt(minute, 0)).toBeGreaterThanOrEqual(share);
  }
  const between = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
  expect(rejectedAt(reaches.full - 1, 0)).toBe(0);
  for (const minute of between(reaches.full, election)) {
    expect(shareAt(minute, 0)).toBe(1);
    expect(rejectedAt(minute, 0)).toBeGreaterThan(rejectedAt(minute - 1, 0));
  }
  for (const minute of between(election, rollBack.begins)) {
    expect(shareAt(minute, 1)).toBe(1);
    expect(shareAt(minute, 0)).toBeLessThan(0.2);
    if (minute > election) expect(rejectedAt(minute, 1)).toBeGreaterThan(rejectedAt(minute - 1, 1));
    expect(rejectedAt(minute, 0)).toBe(rejectedAt(election, 0));
  }
  expect(rejectedAt(rollBack.begins + 1, 1)).toBe(rejectedAt(rollBack.begins, 1));
  expect(shareAt(rollBack.ends, 1)).toBeLessThan(0.4);
  const usual = minutes[1]!;
  for (const minute of between(reaches.full + 1, rollBack.begins).filter((one) => one !== election)) {
    const then = minutes[minute]!;
    expect(then.victim).toBeLessThan(usual.victim / 5);
    expect(then.culprit).toBeGreaterThan(2_000);
  }
  const after = minutes[rollBack.ends]!;
  expect(after.victim).toBe(usual.victim);
  expect(after.culprit).toBeLessThan(150);
});
