// `why` in the terminal: which cluster and source are meant, and what the stored history adds.

import { expect, onTestFinished, test } from 'vitest';
import { type WhyCommandInput, whyOfCluster, whyOfSaved } from '../../../src/app/commands/why.ts';
import { findSource } from '../../../src/cli/report.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import { poolsView } from '../../../src/core/pools/view.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { UpstreamError, UserError } from '../../../src/errors.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { completeReport } from '../../cli/sample.ts';
import { recordOf } from '../../core/pools/reported.ts';
import { writeHistory } from '../../e2e/stored-history.ts';
import { KEEP, snapshotOf } from '../../store/sample.ts';
import { projectDesk } from '../clusters/project-desk.ts';
import { HOUR, never } from '../monitor/scene.ts';

const NOW = Date.parse('2026-11-21T10:02:30Z');
const now = () => new Date(NOW);
const BILLING = '203.0.113.0/24';
const NO_HISTORY = expect.stringContaining('There is no history here');

const noStore = () => Promise.reject(new UserError('There is no history in ./data yet.', 'Run `atlas-conns serve`.'));

/** Hourly readings of a day and a half, with the Billing API as it usually is. */
async function filled(): Promise<Store> {
  const store = await openSqliteStore({ directory: ':memory:', keep: KEEP, now });
  onTestFinished(() => store.close());
  const hours = Array.from({ length: 36 }, (_, index) => NOW - (36 - index) * HOUR);
  await writeHistory(
    store,
    hours.map((at) => snapshotOf({ at, holding: { [BILLING]: [7, 89] } })),
  );
  return store;
}

async function asking(more: Partial<WhyCommandInput> = {}) {
  const { defaultCluster = null } = more;
  const { registry } = await projectDesk({ now, wanted: ['prod', 'staging'], defaultCluster });
  return (named: Partial<WhyCommandInput>) =>
    whyOfCluster({
      ...{ cluster: null, source: null, word: null, find: findSource, signal: never },
      ...{ registry, labels: [], book: DEFAULT_BOOK, defaultCluster: null, openToRead: noStore, askPools: null },
      ...{ progress: () => undefined, now, redact: (value: string) => value },
      ...more,
      ...named,
    });
}

test('a word alone is a cluster, or a source of the default cluster; a mistyped one is answered with the nearest', async () => {
  const ask = await asking();
  const said = async (named: Partial<WhyCommandInput>) => {
    const { report, source } = await ask(named);
    return `${report.cluster} ${source?.name ?? '-'}`;
  };
  const refused = (named: Partial<WhyCommandInput>) =>
    said(named).catch(({ message, remedy }) => `${message} ${remedy}`);
  expect(await said({ word: 'PROD' })).toBe('prod -');
  expect(await said({ word: 'staging' })).toBe('staging -');
  expect(await said({ cluster: 'prod', source: 'billing api' })).toBe('prod Billing API');
  expect(await refused({ word: 'stagging' })).toBe('I don\'t know a cluster "stagging". Did you mean staging?');
  expect(await refused({ word: 'Billing API' })).toBe(
    'I don\'t know a cluster "Billing API". If it is a source, name its cluster first: atlas-conns why prod "Billing API".',
  );
  expect(await refused({ cluster: 'prod', source: 'Biling API' })).toContain('Did you mean "Billing API"?');
  const ofDefault = await asking({ defaultCluster: 'prod' });
  expect((await ofDefault({ word: 'Billing API' })).source?.id).toBe(BILLING);
});

test('the history of the store is known; without it, or before the first reading, the limits say so', async () => {
  const ask = await asking();
  const store = await filled();
  const billing = { cluster: 'prod', source: 'Billing API' };
  const known = await ask({ ...billing, openToRead: async () => store });
  expect(known.why.limits).toEqual([]);
  expect(known.why.expected).toMatchObject({ clients: 12, expected: 84, seen: 168 });
  const without = await ask(billing);
  expect(without.why.limits).toEqual([NO_HISTORY, 'There is no history in ./data yet. Run `atlas-conns serve`.']);
  const other = await ask({ cluster: 'staging', openToRead: async () => store });
  expect(other.why.limits).toContain('The store has no reading of staging yet.');
  const problem = { code: 'away', text: 'The store is away.', remedy: 'Wait.' };
  const away = await ask({ ...billing, openToRead: () => Promise.reject(new UpstreamError(problem)) });
  expect(away.why.limits).toEqual([NO_HISTORY, 'The store is away. Wait.']);
  await expect(ask({ ...billing, openToRead: () => Promise.reject(new Error('a bug')) })).rejects.toThrow('a bug');
});

test('a saved reading needs no store; where no source is known, none is looked for', async () => {
  const report = completeReport();
  const asked = { find: findSource, source: 'Billing API' };
  const { source, why } = await whyOfSaved(report, asked);
  expect([source?.id, why.expected?.clients, why.limits]).toEqual([BILLING, 12, [NO_HISTORY]]);
  const { totals } = report;
  const shared = { ...report, sources: [], totals: { ...totals, active: null, dormant: null, monitors: null } };
  expect((await whyOfSaved(shared, asked)).source).toBeNull();
});

test('reports of pools turn the guess into a fact; without them the answer says what is missing', async () => {
  const ask = await asking();
  const billing = { cluster: 'prod', source: 'Billing API' };
  const appName = (await ask(billing)).source?.apps[0]?.name ?? '';
  const full = { now: { open: 5, inUse: 5, waiting: 3 }, max: 5, total: { checkouts: 100, waitMs: 90_000 } };
  const record = recordOf({ ...full, appName, address: 'a:27017' }, NOW);
  const records = [{ ...record, before: { at: NOW - 5_000, isPartial: false, pools: {} } }];
  const view = (cluster: string) => poolsView(records, { now: NOW, clusterOf: () => cluster, seenOf: () => null });
  const found = await ask({ ...billing, askPools: async () => ({ view: view('prod') }) });
  expect(found.why.diagnoses).toMatchObject([
    { id: 'pool-exhausted', evidence: expect.arrayContaining([expect.stringContaining('report')]) },
  ]);
  const elsewhere = await ask({ ...billing, askPools: async () => ({ view: view('staging') }) });
  expect(elsewhere.why).toEqual((await ask(billing)).why);
  const problem = { code: 'unreachable', text: 'No bot answers there.', remedy: 'Start serve.' };
  const away = await ask({ ...billing, askPools: () => Promise.reject(new UpstreamError(problem)) });
  expect(away.why.limits).toContain(
    'What applications report of their pools is missing here: No bot answers there. Start serve.',
  );
  await expect(ask({ ...billing, askPools: () => Promise.reject(new Error('a bug')) })).rejects.toThrow('a bug');
});
