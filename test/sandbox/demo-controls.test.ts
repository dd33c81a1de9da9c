// The demo's buttons do what they say, at every hour, and its long names lead to the nodes.

import { spawn } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { expect, onTestFinished, test } from 'vitest';
import { ended } from '../e2e/terminal.ts';
import { happenings, type Outlook, wallTime } from './demo/controls.ts';
import { weekScenario } from './demo/week.ts';
import { client, currentOp, refusal } from './nodes/test-reader.ts';
import { startProject } from './project.ts';
import { demoScenario, demoUsers } from './scenario/demo.ts';

const MIDNIGHT = Date.parse('2026-11-21T00:00:00Z');
const auth = { username: 'atlas-conns', password: demoUsers[0]?.password ?? '' };
const main = new URL('../../src/main.ts', import.meta.url).pathname;

/** At an hour of the demo's day. Who waits moves its time on. */
async function demoAt(hour: number) {
  const clock = { at: MIDNIGHT + hour * 3_600_000 };
  const now = () => new Date(clock.at);
  const project = await startProject({ now, plan: weekScenario, start: new Date(MIDNIGHT) });
  onTestFinished(project.close);
  const wait = async (ms: number) => {
    clock.at += Math.max(0, ms);
  };
  const outlook: Outlook = { channel: '#db-ops', hasPast: true, after: (minutes) => wallTime(minutes, 60) };
  const ending = new AbortController();
  const controls = happenings(project, { outlook, clock: { now, wait }, ending: ending.signal });
  const press = async (id: string) => controls.find((control) => control.id === id)?.run();
  return { prod: project.scenario.cluster('prod'), controls, press, ending };
}

test.each([0, 7, 13, 19])('seven sources are seven at %d o’clock, each far above its usual', async (hour) => {
  const { prod, press } = await demoAt(hour);
  const reader = client(prod.set.node(0).uri, { auth });
  const dormant = async () => {
    const idle = { client: { $exists: true }, active: false, effectiveUsers: { $exists: true } };
    const apps = await currentOp(reader, [{ $match: idle }, { $group: { _id: '$appName', count: { $sum: 1 } } }]);
    return new Map(apps.map(({ _id, count }) => [_id as string, count as number]));
  };
  const before = await dormant();
  await press('seven');
  const after = await dormant();
  const risen = [...after].filter(([app, count]) => {
    const usual = before.get(app) ?? 0;
    return count >= 3.5 * usual && count - usual >= 30;
  });
  expect(risen.map(([app]) => app).toSorted()).toEqual(
    ['Compass', 'billing', 'mongosh 2.5.9', 'orders', 'reports', 'thumbnails', 'web'].toSorted(),
  );
  await press('all-calm');
  expect(await dormant()).toEqual(before);
});

test('a full node is played by the demo’s clock to its end, and stops with the demo', async () => {
  const { prod, press, ending } = await demoAt(10);
  const rejected = () => prod.set.nodes.map((node) => node.counts().rejected);
  await press('full');
  await expect.poll(() => rejected()[1]).toBeGreaterThan(0);
  await expect.poll(() => prod.set.node(1).counts().current).toBeLessThan(1000);
  expect(rejected()[0]).toBeGreaterThan(0);
  const before = rejected();
  ending.abort();
  await press('full');
  await setImmediate();
  expect(rejected()).toEqual(before);
  expect(prod.set.node(1).counts().current).toBeLessThan(1000);
});

test('every button says what to expect, and where', async () => {
  const { controls } = await demoAt(10);
  for (const { label, expect: says } of controls) {
    expect(says, label).toMatch(/in #db-ops (?:within|after) \d+\s(?:s|min)\b|in \/atlas-conns /);
  }
  expect(wallTime(15, 60)).toBe('15\u00a0s');
  expect(wallTime(15, 1)).toBe('15\u00a0min');
});

test('nodes with long names are found in this process and in one with the project’s environment, until they close', async () => {
  const project = await startProject({ named: true });
  onTestFinished(project.close);
  const { set, plan } = project.scenario.cluster('prod');
  const names = plan.members.map(({ processName }) => processName);
  expect(names[1]).toBe('atlas-x1y2z3-shard-00-01.ab1cd.mongodb.net:27017');
  const reader = client(set.uri, { auth });
  expect(await reader.db('admin').command({ hello: 1 })).toMatchObject({ hosts: names, me: names[0] });
  const processes = project.atlas.scenario.processes.filter(({ replicaSetName }) => replicaSetName === set.setName);
  expect(processes.map(({ userAlias, port }) => `${userAlias}:${port}`)).toEqual(names);
  const env = { ...process.env, ...project.env };
  const { out } = await ended(spawn(process.execPath, [main, 'report', 'prod', '--json'], { env }));
  expect(JSON.parse(out).nodes.map(({ host }: { host: string }) => host)).toEqual(names);
  await reader.close();
  await project.close();
  const late = new MongoClient(`mongodb://${names[0]}/?directConnection=true&serverSelectionTimeoutMS=200`);
  onTestFinished(() => late.close());
  expect(await refusal(late.connect())).toBeInstanceOf(Error);
  expect(
    demoScenario.clusters.flatMap(({ members }) => members).every(({ processName }) => processName.length > 45),
  ).toBe(true);
});
