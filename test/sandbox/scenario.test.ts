// The scenario: the same seed and clock give the same documents, counts agree with them, and its controls show.

import type { Document } from 'bson';
import { expect, onTestFinished, test } from 'vitest';
import type { Shape } from './nodes/document.ts';
import { client, currentOp, refusal } from './nodes/test-reader.ts';
import { createCrowd } from './scenario/crowd.ts';
import { demoScenario, demoUsers } from './scenario/demo.ts';
import { startScenario } from './scenario/scenario.ts';
import type { Source } from './scenario/source.ts';

const START = new Date('2026-11-21T10:00:00Z');
const after = (seconds: number) => new Date(START.getTime() + seconds * 1000);
const shape = (at: Date): Shape => ({ version: '8.0', host: 'a:27017', at });
const prod = demoScenario.clusters[0]?.sources ?? [];
const auth = { username: 'atlas-conns', password: demoUsers[0]?.password ?? '' };

function crowdOf(sources: readonly Source[]) {
  return createCrowd({ seed: 7, start: START, tickSeconds: 5, sources });
}

test.each([0, 130, 400, 1000])(
  'after %d s the documents are as many as the counts say, and the same in a second run',
  (seconds) => {
    const moment = { index: 0, primary: true, at: after(seconds) };
    const population = crowdOf(prod).population(moment);
    const documents = population.documents(shape(moment.at));
    expect(documents.length).toBeGreaterThan(300);
    expect(documents).toHaveLength(population.connections);
    expect(documents.filter((document) => document['active'])).toHaveLength(population.active);
    const hellos = documents.filter((document) => document['command']?.hello === 1);
    expect(hellos).toHaveLength(population.heartbeats);
    expect(crowdOf(prod).population(moment).documents(shape(moment.at))).toEqual(documents);
    expect(new Set(documents.map((document) => document['connectionId'])).size).toBe(documents.length);
    expect(new Set(documents.map((document) => document['client'])).size).toBe(documents.length);
  },
);

test('sources come and go with the clock, a spike is dormant, and what is gone is gone', () => {
  const crowd = crowdOf(prod);
  const at = (seconds: number) => {
    const moment = { index: 0, primary: true, at: after(seconds) };
    const documents = crowd.population(moment).documents(shape(moment.at));
    const of = (user: string) => documents.filter((document) => document['effectiveUsers']?.[0].user === user);
    const active = (list: readonly Document[]) => list.filter((document) => document['active']).length;
    return { etl: of('etl').length, billing: of('billing').length, billingActive: active(of('billing')) };
  };
  expect(at(10).etl).toBeGreaterThan(0);
  expect(at(600).etl).toBe(0);
  const before = at(10);
  crowd.spike('Billing API', 5);
  expect(at(10)).toEqual({ ...before, billing: before.billing * 5 });
  crowd.gone('Billing API');
  expect(at(10).billing).toBe(0);
  crowd.calm('Billing API');
  expect(at(10)).toEqual(before);
  expect(() => crowd.gone('Biling')).toThrow('no source Biling');
});

test('20,000 addresses with 50,000 connections are grouped on the node, whole', async () => {
  const registry: Source = {
    name: 'functions',
    addresses: { blocks: ['198.18.0.0/15'], hosts: 20_000 },
    app: 'fleet',
    driver: { name: 'nodejs', version: '7.8.0' },
    user: 'fleet',
    clients: 20_000,
    pool: 1.5,
    active: 0.05,
    monitoring: 'poll',
  };
  const crowd = crowdOf([registry]);
  const population = crowd.population({ index: 0, primary: true, at: START });
  expect(population.connections).toBe(50_000);
  const plan = { ...demoScenario, clusters: [{ ...demoScenario.clusters[0], limit: 60_000, sources: [registry] }] };
  const scenario = await startScenario(plan as typeof demoScenario, { now: () => START });
  onTestFinished(scenario.close);
  const reader = client(scenario.cluster('prod').set.node(0).uri, { auth });
  const address = { $arrayElemAt: [{ $split: ['$client', ':'] }, 0] };
  const groups = await currentOp(reader, [
    { $match: { appName: 'fleet' } },
    { $group: { _id: { address, active: '$active' }, count: { $sum: 1 } } },
  ]);
  expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(50_000);
  expect(new Set(groups.map(({ _id }) => _id.address)).size).toBe(20_000);
});

test('the demo runs: three clusters, an election moves the load, a lost node is unreachable and comes back', async () => {
  const scenario = await startScenario(demoScenario);
  onTestFinished(scenario.close);
  const cluster = scenario.cluster('prod');
  const first = cluster.set.node(0);
  const before = first.counts().current;
  expect(before).toBeGreaterThan(cluster.set.node(1).counts().current);
  const reader = client(first.uri, { auth });
  const documents = await currentOp(reader, [{ $match: { client: { $exists: true } } }]);
  expect(documents.length).toBe(first.counts().current);
  expect(
    documents.filter(({ appName }) => String(appName).startsWith('MongoDB Automation Agent')).length,
  ).toBeGreaterThan(0);
  const sessions = [{ $currentOp: { allUsers: true } }, { $match: { type: 'idleSession', client: { $exists: true } } }];
  expect(await reader.db('admin').aggregate(sessions).toArray()).toHaveLength(1);
  cluster.election();
  expect(cluster.set.node(1).role()).toBe('primary');
  expect(cluster.set.node(1).counts().current).toBeGreaterThan(first.counts().current);
  await cluster.lostNode(2);
  const lost = cluster.set.node(2).uri;
  expect(await refusal(client(lost, { auth, serverSelectionTimeoutMS: 300 }).connect())).toBeInstanceOf(Error);
  await cluster.nodeBack(2);
  expect(await client(lost, { auth }).db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 });
  const sandbox = client(scenario.cluster('sandbox').set.node(0).uri, { auth });
  expect(await refusal(currentOp(sandbox))).toMatchObject({ code: 8000 });
});

test('a full node lists no more than its limit and says that nothing is left', async () => {
  const [prodPlan] = demoScenario.clusters;
  const plan = { ...demoScenario, clusters: prodPlan === undefined ? [] : [{ ...prodPlan, limit: 1000 }] };
  const scenario = await startScenario(plan, { now: () => START });
  onTestFinished(scenario.close);
  const cluster = scenario.cluster('prod');
  const reader = client(cluster.set.node(0).uri, { auth });
  await reader.db('admin').command({ ping: 1 });
  cluster.spike('Web EU', 10);
  const { connections } = await reader.db('admin').command({ serverStatus: 1 });
  expect(connections).toMatchObject({ current: 1000, available: 0 });
  expect(connections.rejected).toBeGreaterThan(1000);
  expect(await currentOp(reader, [{ $match: { client: { $exists: true } } }])).toHaveLength(1000);
});
