// Several projects: what cannot be listed of one says nothing of the clusters of another.

import { expect, onTestFinished, test } from 'vitest';
import type { RegistryProject } from '../../../src/app/clusters/discovery.ts';
import { type ClusterRegistry, createRegistry } from '../../../src/app/clusters/registry.ts';
import { createClusterListSync } from '../../../src/app/monitor/cluster-list.ts';
import { openCluster } from '../../../src/cluster/cluster.ts';
import { connectionStringOf, whyLeft } from '../../../src/cluster/connection-string.ts';
import { inWords, type Problem } from '../../../src/core/base/problem.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { explain, UpstreamError, UserError } from '../../../src/errors.ts';
import { bench } from '../../atlas/fixture.ts';
import { silentLog } from '../../recorded-log.ts';
import { apiError } from '../../sandbox/atlas/fault.ts';
import { dedicatedCluster } from '../../sandbox/atlas/scenario.ts';
import { alertOn } from '../../slack/views/watch-sample.ts';
import { memoryStore } from '../monitor/memory-store.ts';
import { never } from './project-desk.ts';

const [SHOP, BANK] = ['64b0c2a5f1e2d3c4b5a69701', '64b0c2a5f1e2d3c4b5a69702'];
const NOW = Date.parse('2026-11-21T10:00:00Z');
const A_WHILE = 61_000;
/** The Admin API's own deadline, longer than any test waits. */
const DEADLINE_MS = 600_000;
const LOGIN = { username: 'reader', password: 'pass', connection: 'standard' } as const;

/** A stand-in Admin API, and what the settings would make of its project. */
async function standIn(id: string, names: readonly string[], now: () => Date) {
  const connectionStrings = { standard: 'mongodb://127.0.0.1:1' };
  const listed = names.map((name) => ({ ...dedicatedCluster({ name }), connectionStrings }));
  const made = await bench({ project: { id, name: id }, clusters: listed });
  const { clusters } = made.atlas.scenario;
  const project: RegistryProject = {
    ...{ id, atlas: made.open({ deadlineMs: DEADLINE_MS }), own: [], selection: null, whyLeft },
    openFound: (found) => openCluster({ name: found.name, uri: connectionStringOf(found, LOGIN), now }),
  };
  const find = (name: string) => clusters.findIndex((one) => one['name'] === name);
  return {
    project,
    remove: (name: string) => void clusters.splice(find(name), 1),
    pause: (name: string) => Object.assign(clusters[find(name)] ?? {}, { paused: true }),
    refuse: () => made.atlas.faults.add(/\/clusters/, apiError(403, 'FORBIDDEN')),
    hang: () => made.atlas.faults.add(/\/clusters/, { kind: 'hang' }),
    refuseFlex: () => made.atlas.faults.add(/\/flexClusters/, apiError(403, 'FORBIDDEN')),
    allow: () => made.atlas.faults.clear(),
  };
}

/** Two projects; the second may be refused. */
async function twoProjects() {
  const clock = { at: NOW };
  const now = () => new Date(clock.at);
  const shop = await standIn(SHOP, ['prod', 'old'], now);
  const bank = await standIn(BANK, ['ledger', 'vault'], now);
  const registry = createRegistry({ projects: [shop.project, bank.project], defaultCluster: null, now });
  onTestFinished(() => registry.close());
  const list = () => {
    clock.at += A_WHILE;
    return registry.list(never);
  };
  return { shop, bank, registry, now, list };
}

async function refusal(registry: ClusterRegistry, name: string | null): Promise<{ error: unknown; problem: Problem }> {
  const error: unknown = await registry.open(name, never).then(
    () => new Error(`${name} is open`),
    (reason: unknown) => reason,
  );
  return { error, problem: explain(error, 'REF') };
}

/** The clusters that are watched, from minute to minute, by a bot whose store has readings of these. */
async function watchedOf(
  { list, now }: Awaited<ReturnType<typeof twoProjects>>,
  read: readonly string[] = [],
  /** Those of which sources were read. */
  told: readonly string[] = read,
  alerted: readonly string[] = [],
) {
  const head = {
    ...{ version: 1, since: NOW - A_WHILE, at: NOW - A_WHILE, interval: null, primary: null, electedAt: null },
    ...{ nodes: {}, alerts: {}, rejected: {} },
  };
  const one = { id: 's', name: 's', firstSeen: NOW, lastSeen: NOW };
  const sources = async (cluster: string) => (told.includes(cluster) ? [one] : []);
  const alerts = async () => alerted.map((cluster) => alertOn('s', { id: cluster, cluster }));
  const store: Store = { ...memoryStore(), clusters: async () => read, head: async () => head, sources, alerts };
  const clusters = async () => ({ ...(await list()), defaultCluster: null });
  const reports = { clusters, report: () => Promise.reject(), headroom: () => Promise.reject() };
  const { refresh } = createClusterListSync({ reports, store, now, log: await silentLog() });
  return async () => {
    const { names, left } = await refresh(never);
    return { names: names.toSorted(), left: left.map(({ name, reason }) => `${name}: ${reason}`) };
  };
}

test('while one project cannot be listed, a cluster that another deletes is gone, and its own are watched on', async () => {
  const made = await twoProjects();
  const { shop, bank, registry } = made;
  const watched = await watchedOf(made);
  expect(await watched()).toEqual({ names: ['ledger', 'old', 'prod', 'vault'], left: [] });
  await registry.open('old', never);
  bank.refuse();
  shop.remove('old');
  expect(await watched()).toEqual({ names: ['ledger', 'prod', 'vault'], left: ['old: it no longer exists'] });
  const { error, problem } = await refusal(registry, 'old');
  expect(error).toBeInstanceOf(UserError);
  expect(inWords(problem)).toBe('I don\'t know a cluster "old". I watch prod, ledger, vault.');
  expect((await registry.open('ledger', never)).cluster.name).toBe('ledger');
  bank.remove('vault');
  bank.allow();
  expect(await watched()).toEqual({ names: ['ledger', 'prod'], left: ['vault: it no longer exists'] });
});

test('where Flex clusters are never listed, one failure takes no other away, and one that is deleted is gone', async () => {
  const made = await twoProjects();
  const { shop, registry } = made;
  shop.refuseFlex();
  const watched = await watchedOf(made);
  const all = { names: ['ledger', 'old', 'prod', 'vault'], left: [] };
  expect(await watched()).toEqual(all);
  await registry.open('old', never);
  shop.refuse();
  expect(await watched()).toEqual(all);
  shop.allow();
  shop.refuseFlex();
  expect(await watched()).toEqual(all);
  shop.remove('old');
  shop.pause('prod');
  expect(await watched()).toEqual({ names: ['ledger', 'vault'], left: ['prod: paused', 'old: it no longer exists'] });
  expect((await refusal(registry, 'prod')).problem.text).toBe('The cluster prod is not read: paused');
});

test('an Atlas that hangs is waited for briefly, where what it told before is known', async () => {
  const { bank, registry, list } = await twoProjects();
  const { names } = await list();
  bank.hang();
  const patience = AbortSignal.timeout(DEADLINE_MS / 4);
  expect((await list()).names).toEqual(names);
  expect((await registry.open('ledger', patience)).cluster.name).toBe('ledger');
  expect(patience.aborted).toBe(false);
});

test('after a start without a role for Flex clusters only such are kept that may be one', async () => {
  const made = await twoProjects();
  made.shop.refuseFlex();
  made.bank.refuse();
  const watched = await watchedOf(made, ['prod', 'sold', 'flex'], ['prod', 'sold']);
  expect(await watched()).toEqual({ names: ['flex', 'old', 'prod', 'sold'], left: [] });
  made.bank.allow();
  made.shop.refuseFlex();
  expect(await watched()).toEqual({
    names: ['flex', 'ledger', 'old', 'prod', 'vault'],
    left: ['sold: it no longer exists'],
  });
  made.bank.refuse();
  expect((await watched()).names).toEqual(['flex', 'ledger', 'old', 'prod', 'vault']);
});

test('an open alert of what may be a Flex cluster stays, where those are never listed; of another it ends', async () => {
  const made = await twoProjects();
  made.shop.refuseFlex();
  const watched = await watchedOf(made, [], ['sold'], ['flex', 'sold', 'prod']);
  expect(await watched()).toMatchObject({ left: ['sold: it no longer exists'] });
});

test('a bot that begins while a project cannot be listed watches what was read before, until it can be', async () => {
  const made = await twoProjects();
  made.bank.refuse();
  const watched = await watchedOf(made, ['prod', 'ledger', 'sold']);
  const all = { names: ['ledger', 'old', 'prod', 'sold'], left: [] };
  expect(await watched()).toEqual(all);
  expect(await watched()).toEqual(all);
  const { error, problem } = await refusal(made.registry, 'ledger');
  expect(error).toBeInstanceOf(UpstreamError);
  expect(problem.text).toContain(`Project ${BANK} could not be listed: `);
  made.shop.remove('prod');
  expect(await watched()).toEqual({ names: ['ledger', 'old', 'sold'], left: ['prod: it no longer exists'] });
  made.bank.allow();
  expect(await watched()).toEqual({ names: ['ledger', 'old', 'vault'], left: ['sold: it no longer exists'] });
});

test('a name that nobody listed is answered with both: it is not among the listed, and which project is not', async () => {
  const { bank, registry, list } = await twoProjects();
  await list();
  bank.refuse();
  const [failed] = (await list()).problems;
  if (failed === undefined) throw new Error('it was listed');
  const { error, problem } = await refusal(registry, 'vualt');
  expect(error).toBeInstanceOf(UpstreamError);
  expect(problem).toEqual({
    code: failed.code,
    text: `Project ${BANK} could not be listed: ${failed.text} There is no cluster "vualt" among those listed.`,
    remedy: `Did you mean vault? ${failed.remedy}`,
  });
  expect((await refusal(registry, 'zzzzzzzz')).problem.remedy).toBe(failed.remedy);
  bank.allow();
  expect((await refusal(registry, 'zzzzzzzz')).error).toBeInstanceOf(UserError);
});

test('a cluster that is left says why, whatever another project cannot say; of its own that is not known', async () => {
  const { shop, bank, registry, list } = await twoProjects();
  shop.pause('old');
  bank.pause('vault');
  await list();
  bank.refuse();
  const [failed] = (await list()).problems;
  expect((await refusal(registry, 'old')).problem.text).toBe('The cluster old is not read: paused');
  expect((await refusal(registry, 'vault')).problem).toEqual(failed);
});

test('who names none of several is asked which, and told that there may be more; of none at all, why', async () => {
  const { shop, bank, registry, list } = await twoProjects();
  bank.refuse();
  const [failed] = (await list()).problems;
  const { error, problem } = await refusal(registry, null);
  expect(error).toBeInstanceOf(UserError);
  expect(inWords(problem)).toBe(
    `Which cluster? I watch old, prod. Name one of them. Project ${BANK} could not be listed: ${failed?.text} ${failed?.remedy}`,
  );
  shop.remove('prod');
  shop.remove('old');
  await list();
  for (const name of [null, 'ledger']) expect((await refusal(registry, name)).problem).toEqual(failed);
});
