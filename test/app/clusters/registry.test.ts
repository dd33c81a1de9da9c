// Clusters that leave their project, or move within it: what was opened to them is closed, and they are opened anew.

import { expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { apiError } from '../../sandbox/atlas/fault.ts';
import type { StandInProject } from '../../sandbox/project.ts';
import { never, projectDesk } from './project-desk.ts';

const A_WHILE = 61_000;

/** The demo's project, read once; what its list of clusters says is the test's. */
async function watched(own: readonly string[] = []) {
  const clock = { at: Date.now() };
  const made = await projectDesk({ now: () => new Date(clock.at), own });
  const { reports, project } = made;
  const { clusters } = project.atlas.scenario;
  await reports.report('staging', { signal: never });
  expect(connectionsTo(project, 'staging')).toBeGreaterThan(0);
  const staging = clusters.find(({ name }) => name === 'staging');
  if (staging === undefined) throw new Error('the demo has no staging');
  const remove = () => void clusters.splice(clusters.indexOf(staging), 1);
  const listAgain = () => {
    clock.at += A_WHILE;
    return reports.clusters(never);
  };
  return { ...made, clock, staging, remove, putBack: () => void clusters.push(staging), listAgain };
}

function connectionsTo({ scenario }: StandInProject, cluster: string): number {
  return scenario.cluster(cluster).set.nodes.reduce((sum, node) => sum + node.open(), 0);
}

const hostsOf = ({ scenario }: StandInProject, cluster: string) =>
  scenario
    .cluster(cluster)
    .set.nodes.map(({ host }) => host)
    .toSorted();

const hostsRead = ({ report }: { readonly report: { readonly nodes: readonly { readonly host: string }[] } }) =>
  report.nodes.map(({ host }) => host).toSorted();

test('a cluster that is gone from its project is closed and forgotten; one that comes back is opened anew', async () => {
  const { reports, registry, project, remove, putBack, listAgain } = await watched();
  const { cluster } = await registry.open('staging', never);
  remove();
  expect((await listAgain()).names).not.toContain('staging');
  await expect.poll(() => connectionsTo(project, 'staging')).toBe(0);
  expect(reports.last('staging')).toBeNull();
  await expect(reports.report('staging', { signal: never })).rejects.toThrow(UserError);
  putBack();
  await listAgain();
  expect(hostsRead(await reports.report('staging', { signal: never }))).toEqual(hostsOf(project, 'staging'));
  expect((await registry.open('staging', never)).cluster).not.toBe(cluster);
});

test('a cluster that is paused is closed, its last reading stays at hand, and it is read again when it runs', async () => {
  const { reports, project, staging, listAgain } = await watched();
  staging['paused'] = true;
  expect((await listAgain()).left).toEqual([{ name: 'staging', reason: 'paused' }]);
  await expect.poll(() => connectionsTo(project, 'staging')).toBe(0);
  expect(reports.last('staging')?.report.cluster).toBe('staging');
  staging['paused'] = false;
  await listAgain();
  expect((await reports.report('staging', { signal: never })).ageMs).toBe(0);
  expect(connectionsTo(project, 'staging')).toBeGreaterThan(0);
});

test('a cluster whose connection string changed is read at its new address, and at the old one no more', async () => {
  const { reports, project, staging, listAgain } = await watched();
  staging['connectionStrings'] = { standard: project.scenario.cluster('prod').set.uri };
  await listAgain();
  expect(hostsRead(await reports.report('staging', { signal: never }))).toEqual(hostsOf(project, 'prod'));
  await expect.poll(() => connectionsTo(project, 'staging')).toBe(0);
});

test('an address that is only listed in another order, or behind the same SRV name, is the same', async () => {
  const { registry, staging, listAgain } = await watched();
  const endpoint = (name: string) => ({ connectionString: null, srvConnectionString: `mongodb+srv://${name}.test` });
  const strings = (standard: string, ...endpoints: readonly string[]) => ({
    standard,
    standardSrv: 'mongodb+srv://staging.test',
    privateEndpoint: endpoints.map(endpoint),
  });
  staging['connectionStrings'] = strings('mongodb://a:1', 'one', 'other');
  await listAgain();
  const { cluster } = await registry.open('staging', never);
  staging['connectionStrings'] = strings('mongodb://a:1,b:1', 'other', 'one');
  await listAgain();
  expect((await registry.open('staging', never)).cluster).toBe(cluster);
  staging['connectionStrings'] = strings('mongodb://a:1', 'one');
  await listAgain();
  expect((await registry.open('staging', never)).cluster).not.toBe(cluster);
});

test('while the clusters cannot be listed, nothing is closed', async () => {
  const { reports, registry, project, remove, listAgain } = await watched();
  const { cluster, closed } = await registry.open('staging', never);
  remove();
  project.atlas.faults.add(/\/clusters/, apiError(403, 'FORBIDDEN'));
  expect((await listAgain()).problems).toHaveLength(1);
  expect(closed.aborted).toBe(false);
  expect((await cluster.read({ signal: never })).nodes.map(({ kind }) => kind)).not.toContain('unread');
  expect(reports.last('staging')).not.toBeNull();
  project.atlas.faults.clear();
  await listAgain();
  expect(closed.aborted).toBe(true);
});

test('while Atlas does not answer, the clusters that it listed last are known and read, and the problem is told', async () => {
  const { reports, project, listAgain } = await watched();
  const { names } = await reports.clusters(never);
  project.atlas.faults.add(/./, apiError(403, 'FORBIDDEN'));
  const list = await listAgain();
  expect(list.names.toSorted()).toEqual(names.toSorted());
  expect(list.problems).toHaveLength(1);
  expect(hostsRead(await reports.report('staging', { fresh: true, signal: never }))).toEqual(
    hostsOf(project, 'staging'),
  );
  await expect(reports.report('none', { signal: never })).rejects.toThrow(list.problems[0]?.text);
});

test('a cluster with a connection string of its own never goes', async () => {
  const { reports, registry, project, listAgain } = await watched(['prod']);
  await reports.report('own-prod', { signal: never });
  const { cluster, closed } = await registry.open('own-prod', never);
  project.atlas.scenario.clusters.splice(0);
  expect((await listAgain()).names).toEqual(['own-prod']);
  expect(closed.aborted).toBe(false);
  expect((await registry.open('own-prod', never)).cluster).toBe(cluster);
  expect(connectionsTo(project, 'prod')).toBeGreaterThan(0);
});

/** A reading and a look that hang at a node until what they read is closed. */
async function inHand({ reports, project }: Awaited<ReturnType<typeof watched>>) {
  const node = project.scenario.cluster('staging').set.node(0);
  node.trouble.slow(Number.POSITIVE_INFINITY, ['serverStatus']);
  const before = node.received().length;
  const asked = () =>
    node
      .received()
      .slice(before)
      .filter(({ name }) => name === 'serverStatus').length;
  const report = reports.report('staging', { fresh: true, signal: never });
  await expect.poll(asked).toBe(1);
  const look = reports.headroom('staging', never);
  return { report, look };
}

test('a reading in hand of a cluster that goes ends at once, as one of a cluster that nobody knows', async () => {
  const made = await watched();
  const { report, look } = await inHand(made);
  const ended = Promise.all([
    expect(report).rejects.toThrow('I don\'t know a cluster "staging".'),
    expect(look).rejects.toThrow(UserError),
  ]);
  made.remove();
  await made.listAgain();
  await ended;
  await expect.poll(() => connectionsTo(made.project, 'staging')).toBe(0);
  expect(made.reports.last('staging')).toBeNull();
});

test('a reading in hand of a cluster that moves is taken anew at its new address', async () => {
  const made = await watched();
  const { reports, project } = made;
  const { report, look } = await inHand(made);
  made.staging['connectionStrings'] = { standard: project.scenario.cluster('prod').set.uri };
  await made.listAgain();
  expect(hostsRead(await report)).toEqual(hostsOf(project, 'prod'));
  expect((await look).map(({ host }) => host).toSorted()).toEqual(hostsOf(project, 'prod'));
  await expect.poll(() => connectionsTo(project, 'staging')).toBe(0);
  expect(reports.last('staging')?.report).toBe((await report).report);
});
