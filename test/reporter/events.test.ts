// What the events of a pool add up to, where a real driver sends them rarely or out of order.

import { MongoClient } from 'mongodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import { reportPools } from '../../src/reporter/reporter.ts';
import { TOKEN } from './daemon.ts';
import { FakeClient, farewell, newDaemon, nextReport, reportTo } from './fake-client.ts';

const address = 'shard-00-00.example.net:27017';

/** The pool of a client whose events these are. */
async function poolAfter(events: (client: FakeClient) => void) {
  const daemon = await newDaemon();
  const client = new FakeClient();
  const stop = reportTo(daemon, client);
  events(client);
  const report = await farewell(daemon, stop);
  return { pool: report.clients[0]?.pools[address], report };
}

describe('pending', () => {
  test('a set-up that fails is not pending any more', async () => {
    const { pool } = await poolAfter((client) => {
      client.emit('connectionCreated', { address, connectionId: 1 });
      client.emit('connectionCreated', { address, connectionId: 2 });
      client.emit('connectionClosed', { address, connectionId: 1, reason: 'error' });
    });
    expect(pool?.now).toEqual({ open: 0, pending: 1, inUse: 0, waiting: 0 });
    expect(pool?.total).toMatchObject({ created: 2, closed: 1 });
  });

  test('a set-up during which the pool was cleared is not pending, and counts when it succeeds all the same', async () => {
    const { pool } = await poolAfter((client) => {
      for (const connectionId of [1, 2]) client.emit('connectionCreated', { address, connectionId });
      client.emit('connectionPoolCleared', { address });
      client.emit('connectionReady', { address, connectionId: 2 });
    });
    expect(pool?.now).toEqual({ open: 1, pending: 0, inUse: 0, waiting: 0 });
    expect(pool?.total).toMatchObject({ created: 2, closed: 0, cleared: 1 });
  });

  test('connections of a cleared pool are open until each is closed', async () => {
    const { pool } = await poolAfter((client) => {
      client.ready(address, 1, 2, 3);
      client.emit('connectionPoolCleared', { address });
      client.emit('connectionClosed', { address, connectionId: 2, reason: 'stale' });
    });
    expect(pool?.now.open).toBe(2);
  });
});

describe('waiting', () => {
  test('a checkout that an idle connection serves at once never counts as one that waits', async () => {
    const { pool } = await poolAfter((client) => {
      client.ready(address, 1, 2);
      for (const connectionId of [1, 2]) {
        client.emit('connectionCheckOutStarted', { address });
        client.emit('connectionCheckedOut', { address, connectionId, durationMS: 0 });
      }
    });
    expect(pool).toMatchObject({ now: { inUse: 2, waiting: 0 }, max: { inUse: 2, waiting: 0 } });
  });

  test('beside an idle connection, checkouts without an end were aborted', async () => {
    const { pool } = await poolAfter((client) => {
      client.ready(address, 1);
      client.emit('connectionCheckOutStarted', { address });
      client.emit('connectionCheckedOut', { address, connectionId: 1, durationMS: 0 });
      for (let count = 0; count < 3; count++) client.emit('connectionCheckOutStarted', { address });
      client.emit('connectionCheckedIn', { address, connectionId: 1 });
    });
    expect(pool).toMatchObject({ now: { open: 1, inUse: 0, waiting: 0 }, max: { waiting: 3 } });
  });

  test('the reasons of failures: only a timeout counts as one', async () => {
    const { pool } = await poolAfter((client) => {
      for (const reason of ['timeout', 'connectionError', 'poolClosed']) {
        client.emit('connectionCheckOutStarted', { address });
        client.emit('connectionCheckOutFailed', { address, reason, durationMS: 100.4 });
      }
    });
    expect(pool?.total).toMatchObject({ failed: 3, timeouts: 1, checkouts: 0, waitMs: 301 });
    expect(pool?.now.waiting).toBe(0);
  });
});

describe('clients', () => {
  test('a closed pool has nothing open, whatever was in use, and takes up its work again', async () => {
    const events = (client: FakeClient) => {
      client.ready(address, 1, 2);
      client.emit('connectionCheckOutStarted', { address });
      client.emit('connectionCheckedOut', { address, connectionId: 1 });
      client.emit('connectionPoolClosed', { address });
      client.emit('connectionCheckedIn', { address, connectionId: 1 });
      client.emit('connectionClosed', { address, connectionId: 1 });
    };
    const { pool } = await poolAfter(events);
    expect(pool).toMatchObject({ now: { open: 0, inUse: 0 }, max: { open: 2 }, total: { created: 2, closed: 2 } });
    const again = await poolAfter((client) => {
      events(client);
      client.emit('connectionPoolCreated', { address, options: {} });
      client.ready(address, 1);
    });
    expect(again.pool).toMatchObject({ now: { open: 1 }, total: { created: 3, closed: 2 } });
  });

  test('a reporter that came late counts each connection when it first sees it', async () => {
    const { pool } = await poolAfter((client) => {
      client.emit('connectionCheckedIn', { address, connectionId: 7 });
      client.emit('connectionCheckOutStarted', { address });
      client.emit('connectionCheckedOut', { address, connectionId: 8 });
      client.emit('connectionClosed', { address, connectionId: 9 });
    });
    expect(pool).toMatchObject({ now: { open: 2, inUse: 1 }, total: { created: 2, closed: 0 } });
  });

  test('clients on one node stay apart, and a second call for a client changes nothing', async () => {
    const daemon = await newDaemon();
    const [one, other] = [new FakeClient({ appName: 'one', maxPoolSize: 7 }), new FakeClient({ appName: 'other' })];
    const stop = reportTo(daemon, one);
    expect(reportTo(daemon, one)).toBe(stop);
    const stopOther = reportTo(daemon, other);
    one.ready(address, 1, 2);
    other.ready(address, 1);
    const { clients, process: own } = await nextReport(daemon);
    expect(clients.map(({ n, appName, pools }) => [n, appName, pools[address]?.now.open])).toEqual([
      [1, 'one', 2],
      [2, 'other', 1],
    ]);
    expect(own.app).toBe('one');
    expect(clients[0]?.options).toEqual({ maxPoolSize: 7 });
    await stop();
    expect((await farewell(daemon, stopOther)).clients.map(({ n }) => n)).toEqual([2]);
  });

  test('of many pools the largest hundred are reported, in 64 KiB, and how many are left out', async () => {
    const daemon = await newDaemon();
    const client = new FakeClient({ appName: 'é"\u0001'.repeat(200) });
    const stop = reportTo(daemon, client, {
      app: 'x\u0001'.repeat(250),
      labels: Object.fromEntries(
        Array.from({ length: 20 }, (_, index) => [`${index}${'\u0001'.repeat(300)}`, '\u0001'.repeat(300)]),
      ),
    });
    for (let index = 0; index < 300; index++)
      client.ready(`node-${index}-${'語'.repeat(180)}:27017`, ...Array(1 + (index % 150)).keys());
    const report = await farewell(daemon, stop);
    const pools = Object.values(report.clients[0]?.pools ?? {});
    expect(daemon.sizes.at(-1)).toBeLessThanOrEqual(65_536);
    expect(report.left).toBe(300 - pools.length);
    // A hundred would be larger than that.
    expect(pools).toHaveLength(50);
    expect(Math.max(...pools.map(({ now }) => now.open))).toBe(150);
    expect(Math.min(...pools.map(({ now }) => now.open))).toBeGreaterThanOrEqual(100);
    expect(Object.keys(report.process.labels ?? {})).toHaveLength(8);
    expect(report.process.app).toHaveLength(200);
    expect(report.clients[0]?.appName).toHaveLength(200);
  });

  test('thousands of clients that were closed are forgotten, and those with open connections are not', async () => {
    const daemon = await newDaemon();
    for (let index = 0; index < 1_500; index++) {
      const client = new FakeClient();
      reportTo(daemon, client);
      client.ready(address, 1);
      if (index > 0) client.emit('connectionPoolClosed', { address });
    }
    const report = await nextReport(daemon);
    expect(report.clients[0]).toMatchObject({ n: 1, pools: { [address]: { now: { open: 1 } } } });
    expect(report.clients.length + (report.left ?? 0)).toBeLessThanOrEqual(1_001);
  });
});

describe('the application', () => {
  test('never sees an error of the reporter, whatever the events carry', async () => {
    const nonsense = [
      undefined,
      null,
      7,
      '',
      {},
      { address: 7 },
      { address: '' },
      { address: Symbol('x') },
      { address: {} },
    ];
    const strange = [
      { address, connectionId: {} },
      { address, durationMS: 1e300, options: 7, reason: {} },
      { address, durationMS: Number.NaN, options: { maxPoolSize: 0.5, minPoolSize: '7' } },
    ];
    const { pool, report } = await poolAfter((client) => {
      for (const name of client.eventNames()) {
        for (const event of [...nonsense, ...strange]) client.emit(name, event);
        client.emit(name);
      }
    });
    expect(report.reporter.failed).toBeGreaterThan(0);
    expect(Object.values(pool?.now ?? {}).every((figure) => Number.isInteger(figure) && figure >= 0)).toBe(true);
    expect(Number.isInteger(pool?.total.waitMs)).toBe(true);
  });

  test('without a URL nothing happens, and no argument makes it throw', async () => {
    const client = new FakeClient();
    await reportPools(client, {})();
    await reportPools(client, { url: ' , ', token: TOKEN })();
    expect(client.eventNames()).toEqual([]);
    const warnings: string[] = [];
    const listener = ({ name, message }: Error) => name === 'AtlasConnsWarning' && warnings.push(message);
    process.on('warning', listener);
    onTestFinished(() => void process.off('warning', listener));
    await reportPools(client, { url: 'http://user:secret@[', token: TOKEN })();
    await reportPools(client, { url: 'ftp://user:secret@127.0.0.1', token: TOKEN })();
    await reportPools(client, { url: 'http://127.0.0.1:1' })();
    await reportPools(null as unknown as FakeClient, { url: 'http://127.0.0.1:1', token: TOKEN })();
    await expect.poll(() => warnings.length).toBe(3);
    expect(warnings.join('\n')).toMatch(/ATLAS_CONNS_POOLS_URL[\s\S]*ATLAS_CONNS_POOLS_TOKEN[\s\S]*MongoClient/);
    expect(warnings.join('\n')).not.toMatch(/secret|a-token/);
  });

  test('a client of the real driver fits the types', async () => {
    const client = new MongoClient('mongodb://127.0.0.1:1', { appName: 'typed' });
    await reportPools(client, { url: undefined, labels: { region: 'eu' } })();
    await client.close();
  });
});
