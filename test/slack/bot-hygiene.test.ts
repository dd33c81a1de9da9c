// `hygiene`: the real bot, the real desk, a real store, and all clusters of a stand-in project.

import { expect, onTestFinished, test } from 'vitest';
import { useOf } from '../../src/app/monitor/history.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { projectDesk } from '../app/clusters/project-desk.ts';
import { demoScenario } from '../sandbox/scenario/demo.ts';
import { HOUR, KEEP, MINUTE, readingOf } from '../store/sample.ts';
import { command, newSlack, press, prodReport, runBot, testDesk } from './bot-fixture.ts';

const [prod, staging, sandbox] = demoScenario.clusters;
const CI = '198.51.100.32/27';

interface Options {
  /** Whether the CI runners are of staging, or of no cluster. */
  readonly ci: boolean;
  readonly withSandbox?: boolean;
  readonly wanted?: string[];
  /** Days of history before now, and how many hours ago staging saw the CI runners; no history unless told. */
  readonly history?: { readonly days: number; readonly ciHoursAgo?: number };
}

/** Two clusters or three. */
async function bot(options: Options) {
  if (prod === undefined || staging === undefined || sandbox === undefined) throw new Error('the demo has changed');
  const isCi = ({ name }: { readonly name: string }) => name === 'CI runners';
  const clusters = [
    { ...prod, version: '8.0' as const, sources: prod.sources.filter((source) => !isCi(source)) },
    { ...staging, version: '8.0' as const, sources: staging.sources.filter((source) => options.ci || !isCi(source)) },
    ...(options.withSandbox === true ? [sandbox] : []),
  ];
  const { wanted, history } = options;
  const store = history === undefined ? null : await storeWith(history);
  const made = await projectDesk({
    now: () => new Date(),
    plan: { ...demoScenario, clusters },
    ...(wanted === undefined ? {} : { wanted }),
    ...(store === null ? {} : { use: (cluster: string) => useOf(store, cluster, Date.now()) }),
  });
  const slack = await newSlack();
  await runBot(slack, { reports: made.reports });
  return { ...made, slack };
}

/** A reading of prod and staging every six hours. */
async function storeWith({ days, ciHoursAgo }: NonNullable<Options['history']>): Promise<Store> {
  const now = () => new Date();
  const store = await openSqliteStore({ directory: ':memory:', keep: KEEP, now });
  onTestFinished(() => store.close());
  const last = Date.now() - MINUTE;
  const ciAt = ciHoursAgo === undefined ? null : Date.now() - ciHoursAgo * HOUR;
  const times = Array.from({ length: days * 4 }, (_, index) => last - (days * 4 - 1 - index) * 6 * HOUR);
  for (const cluster of ['prod', 'staging']) {
    for (const at of ciAt === null ? times : [...times, ciAt].toSorted((a, b) => a - b)) {
      const holding: Record<string, [number, number]> = { '203.0.113.0/26': [1, 2] };
      if (cluster === 'staging' && at === ciAt) holding[CI] = [0, 4];
      await store.write(readingOf({ cluster, slot: at, holding }));
    }
  }
  return store;
}

test('an entry that the second cluster uses is in no finding, whichever cluster is named', async () => {
  const { slack } = await bot({ ci: true, history: { days: 12 } });
  for (const text of ['hygiene', 'hygiene prod', 'hygiene staging']) {
    const answer = await command(slack, text);
    expect(answer.text).toContain('All clusters of the project');
    expect(answer.text).toMatch(/Read: prod \(history since .*\) and staging \(history since .*\)\./);
    expect(JSON.stringify(answer.blocks)).not.toContain(`${CI} (CI runners)`);
  }
});

test('an entry that no cluster used in twelve days is unused, and Refresh reads all of them again', async () => {
  const { slack, aggregations } = await bot({ ci: false, history: { days: 12 } });
  const answer = await command(slack, 'hygiene');
  const unused = `${CI} (CI runners) was used by no cluster of the project since `;
  expect(JSON.stringify(answer.blocks)).toContain(unused);
  expect(answer.text).toContain('a new one may wait for its first client');
  const before = aggregations();
  const again = await press(slack, answer, { actionId: 'refresh' });
  expect(JSON.stringify(again.blocks)).toContain(unused);
  expect(aggregations()).toBe(2 * before);
});

test('an entry of a job of last night is not unused: when and by whom is said, in the zone of the reader', async () => {
  const { slack } = await bot({ ci: false, history: { days: 12, ciHoursAgo: 7 } });
  const { blocks } = await command(slack, 'hygiene prod');
  const text = JSON.stringify(blocks);
  expect(text).not.toContain(`${CI} (CI runners) was used by no cluster`);
  const parts =
    /"text":"198\.51\.100\.32\/27 \(CI runners\) was last used "\},(\{"type":"date".*?\}),\{"type":"text","text":" by staging\."/;
  const [, date = '{}'] = parts.exec(text) ?? [];
  expect(Math.abs(JSON.parse(date).timestamp * 1000 - (Date.now() - 7 * HOUR))).toBeLessThan(10 * MINUTE);
});

test.each([
  ['three days of history', { days: 3 }],
  ['no history', undefined],
])('with %s no entry is unused, whatever the readings say', async (_, history) => {
  const { slack } = await bot({ ci: false, ...(history && { history }) });
  const { blocks } = await command(slack, 'hygiene');
  const text = JSON.stringify(blocks);
  expect(text).toContain('Keep it: prod and staging have less than 8 days of history.');
  expect(text).not.toContain('remove it');
});

test('a cluster that refuses $currentOp is named as a reason to be careful, and then no entry is unused', async () => {
  const { slack } = await bot({ ci: false, withSandbox: true, history: { days: 12 } });
  const { text, blocks } = await command(slack, 'hygiene');
  expect(text).toContain('No entry is called unused, because these clusters may need it:');
  expect(text).toMatch(/Read: prod \(.*\) and staging \(.*\)\./);
  expect(text).toContain('sandbox: hides its sources, as M0 and Flex clusters do.');
  expect(JSON.stringify(blocks)).not.toContain('remove it');
  expect(JSON.stringify(blocks)).toContain('Keep it: sandbox hides its sources.');
});

test('a cluster that is paused, and one that the settings leave out, are named', async () => {
  const { slack, project } = await bot({ ci: false, withSandbox: true, wanted: ['prod', 'staging'] });
  Object.assign(project.atlas.scenario.clusters[1] ?? {}, { paused: true });
  const { text } = await command(slack, 'hygiene');
  expect(text).toContain('Read: prod (no history).');
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
    return {
      ...prodReport,
      clusters: [{ name: 'staging', since: null, isLong: false }],
      unread: [{ name: 'old', reason: 'paused' }],
    };
  };
  const chosen = await press(slack, which, { actionId: 'choose_cluster', option: 'staging' });
  expect(chosen.text).toContain('All clusters of the project');
  expect(asked).toEqual(['staging']);
});

test('every notice about the access list is reached by buttons', async () => {
  const slack = await newSlack();
  const reports = testDesk({ prod: prodReport });
  await runBot(slack, { reports });
  const findings = [...Array(130).keys()].map((index) => ({
    kind: 'no-comment' as const,
    severity: 'notice' as const,
    entry: `10.0.${index}.0/24`,
    text: `10.0.${index}.0/24 has no comment`,
  }));
  reports.hygiene = async () => ({
    ...prodReport,
    findings,
    clusters: [{ name: 'prod', since: null, isLong: false }],
    unread: [],
  });
  const names = new Set<string>();
  let page = await command(slack, 'hygiene prod');
  for (let turns = 0; turns < 10; turns++) {
    for (const name of JSON.stringify(page.blocks).match(/"10\.0\.\d+\.0\/24"/g) ?? []) names.add(name);
    if (!JSON.stringify(page.blocks).includes('later_rows')) break;
    page = await press(slack, page, { actionId: 'later_rows' });
  }
  expect(names.size).toBe(130);
});
