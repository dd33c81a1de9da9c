// `hygiene` without a cluster: the real bot, the real desk, and all clusters of a stand-in project.

import { expect, test } from 'vitest';
import { projectDesk } from '../app/clusters/project-desk.ts';
import { demoScenario } from '../sandbox/scenario/demo.ts';
import { command, newSlack, press, prodReport, runBot, testDesk } from './bot-fixture.ts';

const [prod, staging, sandbox] = demoScenario.clusters;
const CI = '198.51.100.32/27';

/** Two clusters or three; the CI runners are of staging, or of none. */
async function bot(options: { readonly ci: boolean; readonly withSandbox?: boolean; readonly wanted?: string[] }) {
  if (prod === undefined || staging === undefined || sandbox === undefined) throw new Error('the demo has changed');
  const isCi = ({ name }: { readonly name: string }) => name === 'CI runners';
  const clusters = [
    { ...prod, version: '8.0' as const, sources: prod.sources.filter((source) => !isCi(source)) },
    { ...staging, version: '8.0' as const, sources: staging.sources.filter((source) => options.ci || !isCi(source)) },
    ...(options.withSandbox === true ? [sandbox] : []),
  ];
  const { wanted } = options;
  const made = await projectDesk({
    now: () => new Date(),
    plan: { ...demoScenario, clusters },
    ...(wanted === undefined ? {} : { wanted }),
  });
  const slack = await newSlack();
  await runBot(slack, { reports: made.reports });
  return { ...made, slack };
}

test('an entry that the second cluster uses is in no finding, and both clusters are named', async () => {
  const { slack } = await bot({ ci: true });
  const { text, blocks } = await command(slack, 'hygiene');
  expect(text).toContain('All clusters of the project');
  expect(text).toContain('Read: prod and staging.');
  expect(JSON.stringify(blocks)).not.toContain(`${CI} (CI runners)`);
  const alone = await command(slack, 'hygiene prod');
  expect(JSON.stringify(alone.blocks)).toContain(`${CI} (CI runners) was not seen in this reading of prod`);
});

test('an entry that no cluster uses is unused, and Refresh reads all of them again', async () => {
  const { slack, aggregations } = await bot({ ci: false });
  const answer = await command(slack, 'hygiene');
  const unused = `${CI} (CI runners) holds no connection in this reading of prod and staging, all clusters of the project.`;
  expect(JSON.stringify(answer.blocks)).toContain(unused);
  const before = aggregations();
  const again = await press(slack, answer, { actionId: 'refresh' });
  expect(JSON.stringify(again.blocks)).toContain(unused);
  expect(aggregations()).toBe(2 * before);
});

test('a cluster that refuses $currentOp is named, and then no entry is unused', async () => {
  const { slack } = await bot({ ci: false, withSandbox: true });
  const { text, blocks } = await command(slack, 'hygiene');
  expect(text).toContain('No entry is called unused');
  expect(text).toContain('Read: prod and staging.');
  expect(text).toContain('sandbox: does not tell its connections (M0 or Flex).');
  expect(JSON.stringify(blocks)).not.toContain('holds no connection in this reading');
  expect(JSON.stringify(blocks)).toContain(`${CI} (CI runners) was not seen in this reading of prod`);
});

test('a cluster that is paused, and one that the settings leave out, are named', async () => {
  const { slack, project } = await bot({ ci: false, withSandbox: true, wanted: ['prod', 'staging'] });
  Object.assign(project.atlas.scenario.clusters[1] ?? {}, { paused: true });
  const { text } = await command(slack, 'hygiene');
  expect(text).toContain('Read: prod.');
  expect(text).toContain('staging: paused.');
  expect(text).toContain('sandbox: left out by the settings.');
});

test('without a project the clusters are offered, and any of them means its project', async () => {
  const slack = await newSlack();
  const reports = testDesk({ prod: prodReport, staging: prodReport });
  await runBot(slack, { reports });
  const which = await command(slack, 'hygiene');
  expect(which.text).toContain('Which cluster?');
  const asked: string[] = [];
  reports.hygiene = async (cluster) => {
    asked.push(cluster);
    return { ...prodReport, clusters: ['staging'], unread: [{ name: 'old', reason: 'paused' }] };
  };
  const chosen = await press(slack, which, { actionId: 'choose_cluster', option: 'staging' });
  expect(chosen.text).toContain('All clusters of the project');
  expect(asked).toEqual(['staging']);
});
