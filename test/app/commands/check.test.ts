// What check says of clusters: those that the settings name and the project does not have, and why there is none.

import { expect, test } from 'vitest';
import { type Checked, check } from '../../../src/app/commands/check.ts';
import type { CheckFinding } from '../../../src/app/commands/types.ts';
import { apiError } from '../../sandbox/atlas/fault.ts';
import { never, type ProjectDesk, projectDesk } from '../clusters/project-desk.ts';

async function checked({ registry }: Pick<ProjectDesk, 'registry'>, defaultCluster: string | null = null) {
  const findings: CheckFinding[] = [];
  const run = check({ registry, projects: [], defaultCluster, signal: never });
  let step = await run.next();
  for (; step.done !== true; step = await run.next()) findings.push(step.value);
  const told: Checked = step.value;
  return { findings, told };
}

const now = () => new Date();
const sentence = (finding: CheckFinding | undefined) => `${finding?.problem?.text} ${finding?.problem?.remedy}`;

test('a name that no cluster has is missing, with those that there are and the one that is meant', async () => {
  const { findings, told } = await checked(await projectDesk({ now, wanted: ['prdo'] }));
  expect(findings.map(({ ok, what }) => [ok, what])).toEqual([
    [false, 'clusters: prdo'],
    [false, 'clusters'],
  ]);
  expect(sentence(findings[0])).toMatch(
    /^projects\[0\]\.clusters names prdo, and the project has no such cluster: .*prod, .*staging.*\. Did you mean prod\?$/,
  );
  expect(sentence(findings[1])).toBe('There is no cluster to read. Names in the settings match no cluster: see above.');
  expect(told).toEqual({ clusters: [], known: [], hosts: [] });
});

test('a pattern that fits no cluster is a warning where another name has one', async () => {
  const made = await projectDesk({ now, wanted: ['staging', 'stgae-*'] });
  const { findings, told } = await checked(made);
  expect(findings.filter(({ problem }) => problem !== undefined)).toMatchObject([
    { ok: true, what: 'clusters: stgae-*', problem: { code: 'cluster-unmatched' } },
  ]);
  expect(told).toMatchObject({ clusters: ['staging'], known: ['staging'] });
  expect((await made.reports.clusters(never)).left).toEqual([]);
});

test('the desk has a name that no cluster has among what is not read, with the one that is meant', async () => {
  const { reports } = await projectDesk({ now, wanted: ['staging', 'prdo'] });
  const { names, left, problems } = await reports.clusters(never);
  expect({ names, problems }).toEqual({ names: ['staging'], problems: [] });
  expect(left).toEqual([{ name: 'prdo', reason: expect.stringMatching(/no such cluster: .*Did you mean prod\?$/) }]);
});

test('while Atlas does not list the clusters nothing is said of names, and no setting is asked for that is set', async () => {
  const made = await projectDesk({ now, wanted: ['prdo'] });
  made.project.atlas.faults.add(/clusters/, apiError(403, 'USER_UNAUTHORIZED'));
  const { findings, told } = await checked(made, 'prdo');
  expect(findings.map(({ ok, what }) => [ok, what])).toEqual([
    [false, 'Atlas: the clusters of a project'],
    [false, 'clusters'],
  ]);
  expect(findings[1]?.problem?.remedy).toBe('Atlas did not list the clusters of every project: see above.');
  expect(told.known).toBeNull();
});

test('a default that is no cluster is a warning; letter case is none', async () => {
  const made = await projectDesk({ now, wanted: ['staging', 'sandbox'] });
  const { findings } = await checked(made, 'stagign');
  expect(findings.at(-1)).toMatchObject({ ok: true, what: 'default: stagign', problem: { code: 'default-unmatched' } });
  expect(sentence(findings.at(-1))).toBe(
    'The settings call stagign the default, and there is no such cluster: sandbox, staging. Did you mean staging?',
  );
  expect((await checked(made, 'Staging')).findings.every(({ problem }) => problem === undefined)).toBe(true);
});
