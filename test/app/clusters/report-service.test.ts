import { expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { never, projectDesk } from './project-desk.ts';

/** The demo's project behind a desk whose clock the test moves. */
async function reports(defaultCluster: string | null = null) {
  const clock = { at: Date.now() };
  return { clock, ...(await projectDesk({ now: () => new Date(clock.at), defaultCluster })) };
}

test('people who ask at the same moment share one reading, and so do those who ask within ten seconds', async () => {
  const { reports: asked, clock, aggregations } = await reports();
  const answers = await Promise.all([1, 2, 3].map(() => asked.report('prod', { signal: never })));
  expect(aggregations()).toBe(3);
  expect(new Set(answers.map(({ report }) => report)).size).toBe(1);
  clock.at += 9_000;
  expect((await asked.report('prod', { signal: never })).ageMs).toBe(9_000);
  expect(aggregations()).toBe(3);
  clock.at += 1_000;
  expect((await asked.report('prod', { signal: never })).ageMs).toBe(0);
  expect(aggregations()).toBe(6);
});

test('a reading that a clock made which was ahead is not reused when it is set back', async () => {
  const { reports: asked, clock, aggregations } = await reports();
  await asked.report('prod', { signal: never });
  clock.at -= 600_000;
  expect((await asked.report('prod', { signal: never })).ageMs).toBe(0);
  expect(aggregations()).toBe(6);
});

test('who asks for a fresh reading gets one', async () => {
  const { reports: asked, aggregations } = await reports();
  await asked.report('prod', { signal: never });
  await asked.report('prod', { fresh: true, signal: never });
  expect(aggregations()).toBe(6);
});

test('one who gives up leaves the reading to the others', async () => {
  const { reports: asked } = await reports();
  const impatient = asked.report('prod', { signal: AbortSignal.abort(new Error('gave up')) });
  const patient = asked.report('prod', { signal: never });
  await expect(impatient).rejects.toThrow('gave up');
  expect((await patient).report.totals.connections).toBeGreaterThan(0);
});

test('a reading in which no node answers is an answer, and the last good one stays at hand', async () => {
  const { reports: asked, project, clock } = await reports();
  const { report } = await asked.report('prod', { signal: never });
  await Promise.all([0, 1, 2].map((index) => project.scenario.cluster('prod').lostNode(index)));
  clock.at += 60_000;
  const lost = await asked.report('prod', { signal: never });
  expect(lost.report.nodes.every((node) => 'problem' in node)).toBe(true);
  expect(asked.last('prod')).toMatchObject({ report, ageMs: 60_000 });
});

test('clusters, the default one and the state of each are told', async () => {
  const { reports: asked } = await reports('prod');
  expect(await asked.clusters(never)).toMatchObject({ names: ['prod', 'sandbox', 'staging'], defaultCluster: 'prod' });
  await asked.report('prod', { signal: never });
  const { clusters } = await asked.status(never);
  expect(clusters).toMatchObject([
    { name: 'prod', nodesRead: 3, nodesKnown: 3 },
    { name: 'sandbox', lastReadAt: null },
    { name: 'staging', lastReadAt: null },
  ]);
});

test('an unknown cluster is answered with the nearest', async () => {
  const { reports: asked } = await reports();
  const refused = asked.report('prdo', { signal: never });
  await expect(refused).rejects.toThrow(UserError);
  await expect(refused).rejects.toMatchObject({ remedy: 'Did you mean prod? I watch prod, sandbox, staging.' });
});

test('a cluster that was created a moment ago is found at once', async () => {
  const { reports: asked, project } = await reports();
  await asked.clusters(never);
  const [first] = project.atlas.scenario.clusters;
  project.atlas.scenario.clusters.push({ ...first, name: 'brand-new' });
  expect((await asked.report('brand-new', { signal: never })).report.cluster).toBe('brand-new');
});

test('the last complete access list stays in force while a newer one is incomplete', async () => {
  const { reports: asked, project, clock } = await reports();
  const before = await asked.report('prod', { signal: never });
  project.atlas.faults.add(/accessList/, { kind: 'answer', status: 403, body: { error: 403, errorCode: 'FORBIDDEN' } });
  clock.at += 31_000;
  const after = await asked.report('prod', { signal: never });
  const names = ({ report }: typeof before) => report.sources.map(({ name }) => name).toSorted();
  expect(names(after)).toEqual(names(before));
  expect(after.report.accessList?.readAt).toBe(before.report.accessList?.readAt);
  expect(after.report.problems).not.toEqual([]);
});
