// Replicas share one view through the store, on a real replica set.

import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createReplicatedRecords, type ReplicatedRecords } from '../../../src/app/pools/replicated-records.ts';
import { decodePoolReport } from '../../../src/core/pools/decode.ts';
import type { PoolReport } from '../../../src/core/pools/report.ts';
import type { SharedPools } from '../../../src/core/ports/pools.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { UpstreamError } from '../../../src/errors.ts';
import { openMongoStore } from '../../../src/store/mongodb/store.ts';
import { createPoolRecords } from '../../../src/store/pool-records.ts';
import { realSet } from '../../cluster/real.ts';
import { pool, poolReport } from '../../http/pools-fixture.ts';
import { type LogLine, recordedLog } from '../../recorded-log.ts';
import type { ReplicaSet } from '../../sandbox/mongod/replica-set.ts';
import { KEEP } from '../../store/sample.ts';

let set: ReplicaSet | { reason: string };
let admin: MongoClient;
const never = new AbortController().signal;

beforeAll(async () => {
  set = await realSet({ members: 1 });
  if ('hosts' in set) admin = new MongoClient(set.uri('root'));
});
beforeEach((context) => {
  if ('reason' in set) context.skip(set.reason);
});
afterAll(async () => {
  await admin?.close();
  if ('close' in set) await set.close();
});

function reportOf(id: string, more: Parameters<typeof poolReport>[0] = {}): PoolReport {
  const decoded = decodePoolReport(poolReport({ ...more, process: { id, ...more.process } }));
  if (!decoded.ok) throw new Error(decoded.field);
  return decoded.report;
}

const counted = (id: string, seq: number, checkouts: number) =>
  reportOf(id, { seq, clients: [{ n: 1, pools: { 'x:1': pool({ checkouts }) } }] });

interface Replica {
  readonly records: ReplicatedRecords;
  readonly store: Store & { readonly pools: SharedPools };
  readonly lines: LogLine[];
  readonly database: string;
}

/** A replica whose clock is wrong by this much. */
async function replica(
  database: string,
  { skew = 0, through = (shared: SharedPools) => shared } = {},
): Promise<Replica> {
  if ('reason' in set) throw new Error(set.reason);
  const lines: LogLine[] = [];
  const now = () => new Date(Date.now() + skew);
  const uri = set.uri('app').replace('/?', `/${database}?`);
  const store = await openMongoStore({ uri, keep: KEEP, now });
  const { pools } = store;
  if (pools === undefined) throw new Error('the store shares no reports');
  const records = createReplicatedRecords({ memory: createPoolRecords({ now }), now, log: await recordedLog(lines) });
  records.share(through(pools));
  onTestFinished(async () => {
    await records.close();
    await store.close();
  });
  return { records, store: { ...store, pools }, lines, database };
}

const aDatabase = () => `pools_${randomUUID().slice(0, 8)}`;
const idsOf = async ({ records }: Replica) =>
  (await records.all(never)).map(({ report }) => report.process.id).toSorted();
const documents = ({ database }: Replica) => admin.db(database).collection<{ _id: string; seq: number }>('pools');

test('two replicas have one view, and a dead one loses nothing', async () => {
  const database = aDatabase();
  const [one, two] = [await replica(database), await replica(database)];
  for (const index of [1, 2, 3]) one.records.put(reportOf(`one-${index}`));
  two.records.put(reportOf('two-1'));
  await expect.poll(() => idsOf(one)).toEqual(['one-1', 'one-2', 'one-3', 'two-1']);
  await expect.poll(() => idsOf(two)).toEqual(['one-1', 'one-2', 'one-3', 'two-1']);
  // The first one dies: no close, no last write. Its processes report to the other one from now on.
  two.records.put(reportOf('one-2', { seq: 18 }));
  expect(await idsOf(two)).toEqual(['one-1', 'one-2', 'one-3', 'two-1']);
  const moved = (await two.records.all(never)).find(({ report }) => report.process.id === 'one-2');
  expect(moved).toMatchObject({ report: { seq: 18 }, before: { pools: { '1 shard-00-00.example.net:27017': {} } } });
});

test('an older report that is written later changes nothing, in whatever order replicas write', async () => {
  const at = await replica(aDatabase());
  const { pools } = at.store;
  const write = (report: PoolReport) => pools.write([{ report, ageMs: 0 }]);
  await Promise.all(Array.from({ length: 40 }, (_, seq) => write(counted('a', seq + 1, seq * 10))));
  expect(await pools.read()).toMatchObject([{ report: { seq: 40 } }]);
  await write(counted('a', 39, 5));
  await write(counted('a', 40, 5));
  const [found] = await pools.read();
  expect(found?.report.clients[0]?.pools[0]?.total.checkouts).toBe(390);
  // What was before is the report that was replaced, not the one that was refused.
  expect(found?.before?.pools['1 x:1']?.checkouts).toBeLessThan(390);
});

test('the totals before are those of the report that the new one replaced', async () => {
  const { pools } = (await replica(aDatabase())).store;
  await pools.write([{ report: counted('a', 1, 100), ageMs: 9_000 }]);
  expect(await pools.read()).toMatchObject([{ before: null }]);
  await pools.write([{ report: counted('a', 2, 150), ageMs: 4_000 }]);
  const [found] = await pools.read();
  expect(found).toMatchObject({
    report: { seq: 2 },
    before: { pools: { '1 x:1': { checkouts: 100, failed: 0, waitMs: 5_120 } } },
  });
  expect((found?.before?.ageMs ?? 0) - (found?.ageMs ?? 0)).toBeGreaterThanOrEqual(4_900);
  expect(found?.firstAgeMs, 'as old as the first report').toBeGreaterThanOrEqual(9_000);
});

test('a process that moves to another replica is not new there', async () => {
  const database = aDatabase();
  const [one, two] = [await replica(database), await replica(database)];
  await one.store.pools.write([{ report: counted('a', 1, 100), ageMs: 60_000 }]);
  two.records.put(counted('a', 2, 150));
  const [found] = await two.records.all(never);
  expect((found?.at ?? 0) - (found?.firstAt ?? 0)).toBeGreaterThanOrEqual(59_000);
});

test('a document of a version before has a process that is not new', async () => {
  const at = await replica(aDatabase());
  await at.store.pools.write([{ report: counted('a', 1, 100), ageMs: 0 }]);
  await documents(at).updateOne({ _id: 'a' }, { $unset: { firstAt: '' } });
  await at.store.pools.write([{ report: counted('a', 2, 100), ageMs: 0 }]);
  expect((await at.store.pools.read())[0]?.firstAgeMs).toBeGreaterThan(365 * 24 * 3_600_000);
});

test('texts that are expressions or paths elsewhere are texts here', async () => {
  const { pools } = (await replica(aDatabase())).store;
  const odd = reportOf('$seq', {
    process: { app: '$$ROOT', host: '$host', labels: { '$a.b': '$c', __proto__x: '' } },
    clients: [{ n: 1, appName: '$x', pools: { '$where.a:1': pool(), 'a.b.c:1': pool() } }],
  });
  await pools.write([{ report: odd, ageMs: 0 }]);
  await pools.write([{ report: { ...odd, seq: 18 }, ageMs: 0 }]);
  expect((await pools.read()).map(({ report }) => report)).toEqual([{ ...odd, seq: 18 }]);
});

test('ages are right although the clocks of replicas are wrong by an hour', async () => {
  const database = aDatabase();
  const slow = await replica(database, { skew: -3_600_000 });
  const fast = await replica(database, { skew: 3_600_000 });
  slow.records.put(reportOf('slow'));
  fast.records.put(reportOf('fast'));
  for (const [at, skew] of [[slow, -3_600_000] as const, [fast, 3_600_000] as const]) {
    await expect.poll(() => idsOf(at)).toEqual(['fast', 'slow']);
    for (const record of await at.records.all(never))
      expect(Math.abs(Date.now() + skew - record.at)).toBeLessThan(60_000);
  }
});

test('an id that another replica knows of another process is a conflict', async () => {
  const database = aDatabase();
  const [one, two] = [await replica(database), await replica(database)];
  one.records.put(reportOf('a'));
  await expect.poll(() => idsOf(two)).toEqual(['a']);
  expect(two.records.put(reportOf('a', { seq: 99, process: { pid: 1 } }))).toBe('conflict');
  // Written past the check, as by a replica that has not read yet, it is refused by the store.
  await two.store.pools.write([{ report: reportOf('a', { seq: 99, process: { pid: 1 } }), ageMs: 0 }]);
  expect(await two.store.pools.read()).toMatchObject([{ report: { seq: 17, process: { pid: 4711 } } }]);
});

test('a goodbye to one replica ends the process for all, and closing writes it', async () => {
  const database = aDatabase();
  const [one, two] = [await replica(database), await replica(database)];
  one.records.put(reportOf('a'));
  await expect.poll(() => idsOf(two)).toEqual(['a']);
  two.records.put(reportOf('a', { seq: 18, bye: true }));
  expect(await idsOf(two), 'at once').toEqual([]);
  await two.records.close();
  await expect.poll(() => idsOf(one)).toEqual([]);
});

test('after a goodbye an older report that is written later brings nothing back', async () => {
  const at = await replica(aDatabase());
  const { pools } = at.store;
  const write = (seq: number, bye = false) => pools.write([{ report: reportOf('a', { seq, bye }), ageMs: 0 }]);
  await write(17);
  await write(19, true);
  await write(18);
  expect(await pools.read()).toEqual([]);
  expect(await documents(at).find().toArray()).toMatchObject([{ _id: 'a', seq: 19, gone: true }]);
  await write(20);
  expect(await pools.read()).toMatchObject([{ report: { seq: 20 }, before: null }]);
});

test('a document of another version is left out, and the others are read', async () => {
  const at = await replica(aDatabase());
  const { pools } = at.store;
  await pools.write(['a', 'b'].map((id) => ({ report: reportOf(id), ageMs: 0 })));
  await documents(at).updateOne({ _id: 'a' }, { $set: { report: '{"seq":17,"clients":{}}' } });
  expect((await pools.read()).map(({ report }) => report.process.id)).toEqual(['b']);
});

test('reports from before the store was open are shared when it is', async () => {
  const now = () => new Date();
  const records = createReplicatedRecords({ memory: createPoolRecords({ now }), now, log: await recordedLog([]) });
  records.put(reportOf('early'));
  const other = await replica(aDatabase());
  records.share(other.store.pools);
  await expect.poll(() => idsOf(other)).toEqual(['early']);
  await records.close();
});

describe('while the store is away', () => {
  test('the view has what this replica took, and the others as they were; when it is back, nothing is missing', async () => {
    const database = aDatabase();
    let isAway = false;
    const refuse = () =>
      Promise.reject(new UpstreamError({ code: 'store-unreachable', text: 'Away.', remedy: 'Wait.' }));
    const through = (shared: SharedPools): SharedPools => ({
      write: (reports) => (isAway ? refuse() : shared.write(reports)),
      read: () => (isAway ? refuse() : shared.read()),
    });
    const [one, two] = [await replica(database, { through }), await replica(database)];
    two.records.put(reportOf('two'));
    await expect.poll(() => idsOf(one)).toEqual(['two']);
    isAway = true;
    one.records.put(reportOf('one'));
    expect(await idsOf(one)).toEqual(['one', 'two']);
    two.records.put(reportOf('two', { seq: 18 }));
    await expect.poll(async () => (await two.store.pools.read()).map(({ report }) => report.seq)).toEqual([18]);
    const was = (await one.records.all(never)).find(({ report }) => report.process.id === 'two');
    expect(was?.report.seq, 'as it was read last').toBe(17);
    await expect.poll(() => one.lines.length).toBe(1);
    isAway = false;
    await expect.poll(() => idsOf(two)).toEqual(['one', 'two']);
    const seqs = async () => (await one.records.all(never)).map(({ report }) => report.seq).toSorted();
    await expect.poll(seqs).toEqual([17, 18]);
    await expect.poll(() => one.lines.length).toBe(2);
    const said = one.lines.map(({ level, message, code }) => ({ level, message, ...(code !== undefined && { code }) }));
    expect(said).toEqual([
      { level: 'warn', message: 'pool reports not shared, retrying', code: 'store-unreachable' },
      { level: 'info', message: 'pool reports shared again' },
    ]);
  });

  test('a slow reading that ends after a later one does not bring back what that one no longer found', async () => {
    const now = { at: Date.parse('2026-11-21T10:00:00Z') };
    const ends: ((found: Awaited<ReturnType<SharedPools['read']>>) => void)[] = [];
    const shared: SharedPools = {
      write: async () => undefined,
      read: () =>
        new Promise((resolve, reject) => {
          if (ends.length < 2) ends.push(resolve);
          else reject(new UpstreamError({ code: 'store-unreachable', text: 'Away.', remedy: 'Wait.' }));
        }),
    };
    const clock = () => new Date(now.at);
    const memory = createPoolRecords({ now: clock });
    const records = createReplicatedRecords({ memory, now: clock, log: await recordedLog([]) });
    records.share(shared);
    const ask = () => records.all(never).then((all) => all.map(({ report }) => report.process.id));
    const stored = (id: string) => ({ report: reportOf(id), ageMs: 0, firstAgeMs: 0, before: null });
    const slow = ask();
    now.at += 1_000;
    const later = ask();
    await expect.poll(() => ends.length).toBe(2);
    ends[1]?.([stored('new')]);
    expect(await later).toEqual(['new']);
    ends[0]?.([stored('old')]);
    expect(await slow).toEqual(['old']);
    now.at += 1_000;
    expect(await ask(), 'the store is away').toEqual(['new']);
    await records.close();
  });

  test('a store that answers nothing keeps nobody waiting for long, and the newest report of each process waits', async () => {
    const hang = () => new Promise<never>(() => undefined);
    const database = aDatabase();
    const at = await replica(database, { through: () => ({ write: hang, read: hang }) });
    for (let seq = 1; seq <= 5; seq++) at.records.put(counted('a', seq, seq));
    expect(await at.records.all(never)).toMatchObject([{ report: { seq: 5 } }]);
    expect(at.lines).toMatchObject([{ level: 'warn', code: 'store-timeout' }]);
  });
});

test('400 processes are one write a second, and one document each', async () => {
  const writes: number[] = [];
  const through = (shared: SharedPools): SharedPools => ({
    ...shared,
    write(reports) {
      writes.push(reports.length);
      return shared.write(reports);
    },
  });
  const at = await replica(aDatabase(), { through });
  for (const seq of [1, 2, 3]) for (let index = 0; index < 400; index++) at.records.put(counted(`p${index}`, seq, seq));
  await expect.poll(() => documents(at).countDocuments({ seq: 3 })).toBe(400);
  expect(writes).toEqual([400]);
});

test('the server deletes what is no longer reported, by an index on the time of the server', async () => {
  const at = await replica(aDatabase());
  const indexes = await documents(at).indexes();
  expect(indexes).toContainEqual(expect.objectContaining({ key: { at: 1 }, expireAfterSeconds: 600 }));
});
