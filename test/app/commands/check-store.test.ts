// What check says of the place of history and alerts.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type CheckWatchInput, checkSlackSettings, checkWatch } from '../../../src/app/commands/check.ts';
import { checkStore } from '../../../src/app/commands/check-dependencies.ts';
import type { CheckFinding } from '../../../src/app/commands/types.ts';
import { placeOfStore } from '../../../src/app/open-store.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { ROUTING } from '../monitor/scene.ts';

const DAY = 86_400_000;

interface Place {
  readonly directory: string;
  readonly hosts?: readonly string[];
  /** Bytes that are left on the disk, in place of the true ones. */
  readonly free?: number;
}

async function checked(more: Place): Promise<CheckFinding[]> {
  const keep = { readings: 35 * DAY, hours: 400 * DAY };
  const open = async (readOnly: boolean) => {
    const store = await openSqliteStore({ directory: more.directory, keep, now: () => new Date(), readOnly });
    onTestFinished(() => store.close());
    return store;
  };
  const hosts = async () => more.hosts ?? [];
  const findings: CheckFinding[] = [];
  const place = async () => {
    const found = await placeOfStore({ uri: null, dataDir: more.directory, keep });
    return found === null || more.free === undefined ? found : { ...found, free: more.free };
  };
  const input = {
    place,
    open: () => open(false),
    openToRead: () => open(true),
    hosts,
    watched: ['a:27017', 'b:27017'],
  };
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
  expect(fine?.what).toMatch(/, made now, can be written, no history yet$/);
  const [held] = await checked({ directory });
  expect(held).toMatchObject({ ok: true });
  expect(held?.what).toMatch(
    new RegExp(
      `held by a bot that runs \\(process ${process.pid} on .+, since .+\\): ask its \`health\`, no history yet$`,
    ),
  );
  expect(held?.what).not.toContain('written');
});

test('a disk that is nearly full is a warning where the store was written, and missing where a bot has it', async () => {
  const directory = await place();
  const short = { what: 'store: its disk', problem: { code: 'store-disk-short' } };
  const [, written] = await checked({ directory, free: 3_200_000 });
  expect(written).toMatchObject({ ok: true, ...short });
  expect(written?.problem?.text).toContain('has 3 MB left: the next write may need 16 MB.');
  expect((await checked({ directory, free: 3_200_000 }))[1]).toMatchObject({ ok: false, ...short });
  expect(await checked({ directory, free: 16 * 1024 * 1024 })).toHaveLength(1);
});

test('how much is left on the disk, and who has the store, is told of a file that is there, of no other', async () => {
  const directory = await place();
  const keep = { readings: 35 * DAY, hours: 400 * DAY };
  const store = await openSqliteStore({ directory, keep, now: () => new Date() });
  onTestFinished(() => store.close());
  const found = await placeOfStore({ uri: null, dataDir: directory, keep });
  expect(found?.free).toBeGreaterThan(0);
  expect(found?.holder).toContain(`process ${process.pid} on `);
  expect(await placeOfStore({ uri: null, dataDir: join(directory, 'not-there'), keep })).toBeNull();
  expect(await placeOfStore({ uri: 'mongodb://db/', dataDir: directory, keep })).toBeNull();
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
const clusters = ['prod', 'stage-1', 'stage-2'];
const WATCH = { book: DEFAULT_BOOK, timeZone: 'UTC', clusters, known: clusters, now: () => NOW };

async function told(
  given: Pick<CheckWatchInput, 'schedules' | 'routing'> & Partial<Pick<CheckWatchInput, 'known'>>,
): Promise<readonly CheckFinding[]> {
  const findings: CheckFinding[] = [];
  for await (const finding of checkWatch({ ...WATCH, ...given })) findings.push(finding);
  return findings;
}

test('schedules are told with the clusters that they are for and the next reading, a wrong one with what is wrong', async () => {
  const schedules = { default: '*/5 * * * *', clusters: [{ cluster: 'stage-*', schedule: '99 * * * *' }] };
  const findings = await told({ schedules, routing: ROUTING });
  expect(findings.map(({ ok, what }) => [ok, what])).toEqual([
    [true, 'rules: off: dormant-threshold'],
    [true, 'schedule */5 * * * *: prod, next at 2026-11-21 10:05 (UTC)'],
    [false, 'schedule 99 * * * *: stage-1, stage-2'],
  ]);
  expect(findings.at(-1)?.problem?.text).toContain('99 * * * *');
});

test('a schedule for a name or pattern that fits no cluster is a warning; where they are not all known nothing is said', async () => {
  const schedules = { default: '*/5 * * * *', clusters: [{ cluster: 'prdo', schedule: '0 * * * *' }] };
  const unfit = { ok: true, what: 'schedule of prdo', problem: { code: 'schedule-unmatched' } };
  const findings = await told({ schedules, routing: ROUTING });
  const finding = findings.at(-1);
  expect(findings.map(({ what }) => what)).not.toContainEqual(expect.stringContaining('no cluster'));
  expect(finding).toMatchObject(unfit);
  expect(`${finding?.problem?.text} ${finding?.problem?.remedy}`).toBe(
    'The schedule 0 * * * * is for prdo, which matches no cluster: prod, stage-1, stage-2. Did you mean prod?',
  );
  expect((await told({ schedules, routing: ROUTING, known: null })).at(-1)).not.toMatchObject(unfit);
  const paused = [...clusters, 'prdo'];
  expect((await told({ schedules, routing: ROUTING, known: paused })).at(-1)).not.toMatchObject(unfit);
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

test('nothing of Slack is set: one line says so, and what the bot would need; what is missing of it is missing', () => {
  const [none, ...more] = checkSlackSettings({ isSet: false, missing: [] });
  expect(more).toEqual([]);
  expect(none).toMatchObject({ ok: true, what: expect.stringMatching(/not configured.*SLACK_BOT_TOKEN/) });
  const problem = { code: 'setting', text: 'SLACK_BOT_TOKEN is missing.', remedy: 'Set it.' };
  expect([...checkSlackSettings({ isSet: true, missing: [problem] })]).toEqual([
    { ok: false, isMissing: true, what: 'Slack', problem },
  ]);
});
