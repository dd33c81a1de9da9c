// What check says of the place of history and alerts.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Finding } from '../../src/app/check.ts';
import { checkStore } from '../../src/app/check-store.ts';
import { type CheckWatchInput, checkWatch } from '../../src/app/check-watch.ts';
import { DEFAULT_BOOK } from '../../src/core/rule.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { ROUTING } from './scene.ts';

const DAY = 86_400_000;

async function checked(more: { readonly directory: string; readonly hosts?: readonly string[] }): Promise<Finding[]> {
  const keep = { readings: 35 * DAY, hours: 400 * DAY };
  const open = async (readOnly: boolean) => {
    const store = await openSqliteStore({ directory: more.directory, keep, now: () => new Date(), readOnly });
    onTestFinished(() => store.close());
    return store;
  };
  const hosts = async () => more.hosts ?? [];
  const findings: Finding[] = [];
  const input = { open: () => open(false), openToRead: () => open(true), hosts, watched: ['a:27017', 'b:27017'] };
  for await (const finding of checkStore(input)) findings.push(finding);
  return findings;
}

async function place(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-check-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

test('a store that can be written, and one that a running bot has', async () => {
  const directory = await place();
  const [fine] = await checked({ directory });
  expect(fine).toMatchObject({ ok: true });
  expect(fine?.what).toContain(`store: SQLite ${directory}`);
  expect(fine?.what).toMatch(/can be written, no history yet$/);
  const [held] = await checked({ directory });
  expect(held).toMatchObject({ ok: true });
  expect(held?.what).toMatch(/written by a bot that runs, no history yet$/);
});

test('a store that cannot be used is missing, with what to do', async () => {
  const directory = await place();
  await writeFile(join(directory, 'file'), '');
  const [finding] = await checked({ directory: join(directory, 'file', 'below') });
  expect(finding).toMatchObject({ ok: false, what: 'store' });
  expect(finding?.problem?.remedy).toContain('ATLAS_CONNS_DATA_DIR');
});

test('history in a cluster that is watched is a warning, which names it', async () => {
  const [finding] = await checked({ directory: await place(), hosts: ['b:27017', 'c:27017'] });
  expect(finding).toMatchObject({ ok: true, problem: { code: 'store-in-watched-cluster' } });
  expect(finding?.problem?.text).toContain('(b:27017)');
});

const NOW = new Date('2026-11-21T10:02:00Z');
const WATCH = { book: DEFAULT_BOOK, timeZone: 'UTC', clusters: ['prod', 'stage-1', 'stage-2'], now: () => NOW };

async function told(given: Pick<CheckWatchInput, 'schedules' | 'routing'>): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of checkWatch({ ...WATCH, ...given })) findings.push(finding);
  return findings;
}

test('schedules are told with the clusters that they are for and the next reading, a wrong one with what is wrong', async () => {
  const schedules = { default: '*/5 * * * *', clusters: [{ cluster: 'stage-*', schedule: '99 * * * *' }] };
  const findings = await told({ schedules, routing: ROUTING });
  expect(findings.map(({ ok, what }) => [ok, what])).toEqual([
    [true, 'rules: off: dormant-threshold'],
    [true, 'schedule */5 * * * *: prod, next at 2026-11-21 10:05Z'],
    [false, 'schedule 99 * * * *: stage-1, stage-2'],
  ]);
  expect(findings.at(-1)?.problem?.text).toContain('99 * * * *');
});

test('alerts without a channel are a warning, where Slack is set at all', async () => {
  const schedules = { default: '*/5 * * * *', clusters: [] };
  const routing = { ...ROUTING, channel: null };
  expect((await told({ schedules, routing })).at(-1)).toMatchObject({
    ok: true,
    problem: { code: 'no-alert-channel' },
  });
  expect((await told({ schedules, routing: null })).at(-1)?.problem).toBeUndefined();
});
