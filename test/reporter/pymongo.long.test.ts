// The listener for PyMongo that an application copies, with the real PyMongo on a real mongod.

import { expect, onTestFinished, test } from 'vitest';
import { useRealSet } from '../cluster/real.ts';
import { fillFor, findDriver } from '../sandbox/drivers/fleet.ts';
import { until } from '../sandbox/mongod/until.ts';
import { type PythonApplication, poolOf, startPython } from './application.ts';
import type { DaemonStandIn } from './daemon.ts';
import { newDaemon } from './fake-client.ts';

const { real } = useRealSet({ members: 1 });

function begin(python: string, urls: readonly string[], seconds = 5): PythonApplication {
  const app = startPython({ python, uri: `${real().uri('app')}&appName=py`, app: 'billing', urls, seconds });
  onTestFinished(async () => void (await app.end()));
  return app;
}

const lastOf = (daemon: DaemonStandIn, pid: number) => daemon.reports.findLast((report) => report.process.pid === pid);

test('the figures are those of the application, also after a fork, and a dead bot costs nothing', async (context) => {
  const found = await findDriver('python');
  if ('reason' in found) return context.skip(found.reason);
  await fillFor(real().uri('app'));
  const [dead, daemon] = [await newDaemon(), await newDaemon()];
  await dead.close();
  daemon.answer = () => ({ status: 200, body: '{"everyMs":1000}' });
  const app = begin(found[0] ?? '', [dead.url, daemon.url]);

  await app.step('open &maxPoolSize=5');
  await app.step('hold 0 1 0');
  await until('the bot that is there is found', async () => poolOf(daemon)?.total.checkouts === 1);
  await app.step('hold 0 12 3');
  await until('a full pool is reported', async () => poolOf(daemon)?.now.waiting === 7);
  expect(poolOf(daemon)?.now).toEqual({ open: 5, pending: 0, inUse: 5, waiting: 7 });
  expect(daemon.last()).toMatchObject({
    v: 1,
    process: { pid: app.pid, app: 'billing', driver: { name: 'PyMongo', version: expect.stringMatching(/^4\./) } },
    clients: [{ n: 1, appName: 'billing', options: { maxPoolSize: 5, minPoolSize: 0, maxIdleTimeMS: 0 } }],
  });

  // The child of a fork begins with nothing, although its parent is in the middle of its work.
  const child = Number(await app.step('fork'));
  expect(await app.step('settle')).toBe(Array(13).fill('done').join(' '));
  await until('the parent is quiet', async () => poolAt(lastOf(daemon, app.pid), 1)?.now.inUse === 0);
  const parent = lastOf(daemon, app.pid);
  expect(poolAt(parent, 1)).toMatchObject({
    now: { open: 5, pending: 0, inUse: 0, waiting: 0 },
    max: { open: 5, inUse: 5 },
    total: { created: 5, closed: 0, checkouts: 13, failed: 0, timeouts: 0 },
  });
  // Seven waited for one operation at least, and two of them for two.
  expect(poolAt(parent, 1)?.total.waitMs).toBeGreaterThan(9 * 2_900);
  await until('the child did its work', async () => poolAt(lastOf(daemon, child), 2)?.total.checkouts === 1);
  const forked = lastOf(daemon, child);
  expect(poolAt(forked, 2)).toMatchObject({ now: { open: 1 }, total: { created: 1 } });
  expect(poolAt(forked, 1)).toBeUndefined();
  expect(forked?.process.id).not.toBe(parent?.process.id);
  expect(await app.step('wait')).toBe('0');

  // Checkouts that wait for too long.
  await app.step('open &maxPoolSize=1&waitQueueTimeoutMS=300&retryReads=false');
  await app.step('hold 1 3 3');
  await app.step('settle');
  await until('two timeouts', async () => poolAt(lastOf(daemon, app.pid), 2)?.total.timeouts === 2);
  expect(poolAt(lastOf(daemon, app.pid), 2)?.total).toMatchObject({ checkouts: 1, failed: 2 });
  await app.step('close 1');
  await until('a closed client is left out', async () => poolAt(lastOf(daemon, app.pid), 2) === undefined);

  // The bot is away and comes back: the reports are complete, in order, and the id is the same.
  await daemon.close();
  await app.step('hold 0 2 1');
  await app.step('settle');
  await daemon.open();
  await until('the bot has it all', async () => poolAt(lastOf(daemon, app.pid), 1)?.total.checkouts === 15);
  expect(await app.end()).toBe(0);
  expect(lastOf(daemon, app.pid)?.process.id).toBe(parent?.process.id);
  const seqs = daemon.reports.filter(({ process: { pid } }) => pid === app.pid).map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.toSorted((one, other) => one - other));
});

test('closed clients are left out for good, and of more than 100 pools the others are counted', async (context) => {
  const found = await findDriver('python');
  if ('reason' in found) return context.skip(found.reason);
  await fillFor(real().uri('app'));
  const daemon = await newDaemon();
  daemon.answer = () => ({ status: 200, body: '{"everyMs":1000}' });
  const app = begin(found[0] ?? '', [`${daemon.url}/v1/pools/`]);

  for (let round = 0; round < 4; round++) await app.step('visit 30 close');
  await app.step('visit 1');
  const numbers = () => daemon.last()?.clients.map(({ n }) => n);
  await until('the open client is reported alone', async () => numbers()?.join() === '121');
  expect(daemon.last()).toMatchObject({ left: 0 });
  await app.step('visit 104');
  await until('the others are counted', async () => daemon.last()?.left === 5);
  expect(numbers()).toEqual(Array.from({ length: 100 }, (_, index) => 121 + index));
  expect(await app.end()).toBe(0);
});

test('an id that is taken is changed, and a pace of the bot is obeyed', async (context) => {
  const found = await findDriver('python');
  if ('reason' in found) return context.skip(found.reason);
  await fillFor(real().uri('app'));
  const daemon = await newDaemon();
  daemon.answer = () => (daemon.reports.length === 2 ? { status: 409 } : { status: 200, body: '{"everyMs":1500}' });
  // By its own pace, the second report would come after the end of this test.
  const app = begin(found[0] ?? '', [daemon.url], 300);
  await app.step('open &maxPoolSize=5');
  await app.step('hold 0 1 0');
  await until('three reports', async () => daemon.reports.length >= 3);
  const [first, refused, next] = daemon.reports;
  expect([first?.seq, refused?.seq, next?.seq]).toEqual([1, 2, 3]);
  expect(next?.everyMs).toBe(300_000);
  expect(next?.process.id).not.toBe(first?.process.id);
  expect(await app.step('reporting')).toBe('True');
  expect(await app.end()).toBe(0);
});

test('without a URL nothing is reported', async (context) => {
  const found = await findDriver('python');
  if ('reason' in found) return context.skip(found.reason);
  await fillFor(real().uri('app'));
  const app = begin(found[0] ?? '', []);
  await app.step('open &maxPoolSize=5');
  await app.step('hold 0 1 0');
  expect(await app.step('settle')).toBe('done');
  expect(await app.step('reporting')).toBe('False');
  expect(await app.end()).toBe(0);
});

function poolAt(report: ReturnType<DaemonStandIn['last']>, n: number) {
  return Object.values(report?.clients.find((one) => one.n === n)?.pools ?? {})[0];
}
