// How a report reaches a bot, and what the reporter does where none takes it.

import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startPoolsServer } from '../../src/http/pools-server.ts';
import { reportPools } from '../../src/reporter/reporter.ts';
import { createPoolRecords } from '../../src/store/pool-records.ts';
import { silentLog } from '../recorded-log.ts';
import { until } from '../sandbox/mongod/until.ts';
import { type DaemonStandIn, TOKEN } from './daemon.ts';
import { FakeClient, farewell, newDaemon, nextReport, reportTo } from './fake-client.ts';

const address = '127.0.0.1:27017';

/** Times until the next report that the reporter chose, in order. */
function pauses(): () => readonly number[] {
  const spy = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => spy.mockRestore());
  const DEADLINE = 2_000;
  return () => spy.mock.calls.map(([, delay = 0]) => delay).filter((delay) => delay >= 1_000 && delay !== DEADLINE);
}

describe('the pace', () => {
  test.for([
    { what: 'another pace of the bot', answer: { status: 200, body: '{"everyMs":60000}' }, wait: [60_000, 60_000] },
    { what: 'a pace below the bounds', answer: { status: 200, body: '{ "everyMs" : 1 }' }, wait: [1_000, 1_000] },
    {
      what: 'a pace above the bounds',
      answer: { status: 200, body: '{"everyMs":86400000}' },
      wait: [300_000, 300_000],
    },
    { what: 'an answer that is no JSON', answer: { status: 200, body: 'ok' }, wait: [4_321, 4_321] },
    { what: 'a token that is refused', answer: { status: 401 }, wait: [30_000, 30_000] },
    { what: 'a report that the bot cannot read', answer: { status: 400 }, wait: [30_000, 30_000] },
    { what: 'too many reports', answer: { status: 429, headers: { 'retry-after': '7' } }, wait: [7_000, 7_000] },
    {
      what: 'a bot that is busy for days',
      answer: { status: 503, headers: { 'retry-after': '999999' } },
      wait: [300_000, 300_000],
    },
    { what: 'a bot that says no time', answer: { status: 503 }, wait: [1_000, 2_000] },
    {
      what: 'a Retry-After that is no time',
      answer: { status: 503, headers: { 'retry-after': 'soon' } },
      wait: [1_000, 2_000],
    },
    {
      what: 'another place',
      answer: { status: 302, headers: { location: 'http://127.0.0.1:1' } },
      wait: [1_000, 2_000],
    },
  ])('$what: $wait', async ({ answer, wait: [least = 0, most = 0] }) => {
    const chosen = pauses();
    const daemon = await newDaemon();
    daemon.answer = () => answer;
    reportTo(daemon, new FakeClient(), { everyMs: 4_321 });
    await until('a pause was chosen', async () => chosen().length > 0);
    expect(chosen()[0]).toBeGreaterThanOrEqual(least);
    expect(chosen()[0]).toBeLessThanOrEqual(most);
  });

  test('a pace of the bot holds until its next answer, and the reports keep that of the application', async () => {
    const chosen = pauses();
    const daemon = await newDaemon();
    daemon.answer = () => (daemon.reports.length === 1 ? { status: 200, body: '{"everyMs":1000}' } : { status: 204 });
    reportTo(daemon, new FakeClient(), { everyMs: 4_321 });
    await until('two pauses were chosen', async () => chosen().length > 1);
    expect(chosen()).toEqual([1_000, 4_321]);
    expect(daemon.reports.map(({ everyMs }) => everyMs)).toEqual([4_321, 4_321]);
  });

  test('a date in Retry-After is obeyed', async () => {
    const chosen = pauses();
    const daemon = await newDaemon();
    const at = new Date(Date.now() + 100_000).toUTCString();
    daemon.answer = () => ({ status: 503, headers: { 'retry-after': at } });
    reportTo(daemon, new FakeClient());
    await until('a pause was chosen', async () => chosen().length > 0);
    expect(chosen()[0]).toBeGreaterThan(30_000);
    expect(chosen()[0]).toBeLessThanOrEqual(100_000);
  });

  test('without a bot the pauses grow to 30 seconds at most, and work begins again at once when it is back', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const chosen = pauses();
    const daemon = await newDaemon();
    const client = new FakeClient();
    await daemon.close();
    reportTo(daemon, client);
    client.ready(address, 1);
    for (let round = 1; round <= 8; round++) {
      await vi.advanceTimersToNextTimerAsync();
      await until('a pause was chosen', async () => chosen().length === round);
      expect(chosen().at(-1)).toBeLessThanOrEqual(Math.min(30_000, 1_000 * 2 ** round));
    }
    await daemon.open();
    client.ready(address, 2);
    await vi.advanceTimersToNextTimerAsync();
    await until('a report arrives', async () => daemon.reports.length === 1);
    // The whole state, with what happened while no bot was there.
    expect(daemon.last()?.clients[0]?.pools[address]?.total.created).toBe(2);
    expect(daemon.last()?.reporter.failed).toBe(8);
    await until('a pause was chosen', async () => chosen().length === 9);
    expect(chosen().at(-1)).toBe(1_000);
  });
});

describe('no bot at the URL', () => {
  /** Rounds of a reporter; the warnings of the process. */
  async function warned(rounds: number, urls: (daemon: DaemonStandIn) => string, status: number | null) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const chosen = pauses();
    const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    onTestFinished(() => emitted.mockRestore());
    const daemon = await newDaemon();
    if (status === null) await daemon.close();
    else daemon.answer = () => ({ status });
    reportTo(daemon, new FakeClient(), { url: urls(daemon) });
    for (let round = 1; round <= rounds; round++) {
      await vi.advanceTimersToNextTimerAsync();
      await until('a pause was chosen', async () => chosen().length === round);
    }
    const host = new URL(daemon.url).host;
    return emitted.mock.calls.map(([text]) => String(text).replaceAll(host, 'HOST'));
  }
  const text = 'No bot takes the pool reports at HOST. Set ATLAS_CONNS_POOLS_URL to the POOLS_PORT of the bot.';

  test.for([
    { what: 'a port that refuses', status: null, urls: ({ url }: DaemonStandIn) => url },
    { what: 'another web server', status: 405, urls: ({ url }: DaemonStandIn) => url },
    {
      what: 'https to a port without TLS',
      status: 204,
      urls: ({ url }: DaemonStandIn) => url.replace('http:', 'https:'),
    },
  ])('$what: said once, after the third round, with the host alone', async ({ status, urls }) => {
    expect(await warned(5, urls, status)).toEqual([text]);
  });

  test('a busy bot is no wrong URL', async () => {
    expect(await warned(4, ({ url }) => url, 503)).toEqual([]);
  });
});

describe('answers', () => {
  test('an id that belongs to another process: a new one, from the first number on', async () => {
    const daemon = await newDaemon();
    daemon.answer = () => ({ status: daemon.reports.length === 2 ? 409 : 204 });
    reportTo(daemon, new FakeClient());
    await until('three reports', async () => daemon.reports.length >= 3);
    const [first, refused, next] = daemon.reports;
    expect([first?.seq, refused?.seq, next?.seq]).toEqual([1, 2, 1]);
    expect(refused?.process.id).toBe(first?.process.id);
    expect(next?.process.id).not.toBe(first?.process.id);
  });

  test('a report that is too large: fewer pools, the largest, until the bot takes it', async () => {
    const daemon = await newDaemon();
    const poolsOf = ({ clients }: { clients: readonly { pools: object }[] }) => Object.keys(clients[0]?.pools ?? {});
    daemon.answer = (report) => ({ status: poolsOf(report).length > 20 ? 413 : 204 });
    const client = new FakeClient();
    reportTo(daemon, client);
    for (let index = 0; index < 60; index++) client.ready(`node-${index}:1`, ...Array(index + 1).keys());
    const report = await nextReport(daemon).then(() => nextReport(daemon));
    await until('the bot takes one', async () => poolsOf(daemon.last() ?? report).length <= 20);
    expect(poolsOf(daemon.last() ?? report)).toContain('node-59:1');
    expect(daemon.last()?.left).toBe(60 - poolsOf(daemon.last() ?? report).length);
  });

  test.for(['closes', 'hangs', 'is broken', 'refuses the token'])(
    'a bot that %s: the next one takes the report',
    async (fault) => {
      const [one, other] = [await newDaemon(), await newDaemon()];
      const client = new FakeClient();
      const stop = reportTo(one, client, { url: ` ${one.url}/ ,${other.url}/v1/pools` });
      const all = () => [...one.reports, ...other.reports];
      await until('a report arrives', async () => all().length > 0);
      const [used, spare] = one.reports.length > 0 ? [one, other] : [other, one];
      if (fault === 'closes') await used.close();
      else used.answer = () => (fault === 'hangs' ? 'hang' : { status: fault === 'is broken' ? 500 : 401 });
      client.ready(address, 1);
      await until('the other has it', async () => spare.reports.length > 1);
      expect(spare.reports[0]?.process.id).toBe(all()[0]?.process.id);
      expect(spare.last()?.clients[0]?.pools[address]?.total.created).toBe(1);
      expect(spare.last()?.reporter.failed).toBeGreaterThan(0);
      await farewell(spare, stop);
    },
  );

  test.for([0, 1])('chance decides which of the bots is the first: %i', async (which) => {
    const daemons = [await newDaemon(), await newDaemon()];
    const chance = vi.spyOn(Math, 'random').mockReturnValue(which === 0 ? 0.1 : 0.9);
    onTestFinished(() => chance.mockRestore());
    const [one, other] = daemons.map(({ url }) => url);
    const stop = reportTo(daemons[0] as DaemonStandIn, new FakeClient(), { url: `${one},${other}` });
    await farewell(daemons[which] as DaemonStandIn, stop);
    expect(daemons[1 - which]?.reports).toEqual([]);
  });

  test('the end of the reports waits for no bot that was away, and never rejects', async () => {
    const daemon = await newDaemon();
    await daemon.close();
    const stop = reportTo(daemon, new FakeClient());
    expect(await stop()).toBeUndefined();
    expect(await stop()).toBeUndefined();
    await daemon.open();
    const again = reportTo(daemon, new FakeClient());
    expect((await farewell(daemon, again)).seq).toBe(1);
  });
});

test('the listener of the bot takes the reports: its pace is kept, and a process that ends is gone', async () => {
  const now = () => new Date();
  const records = createPoolRecords({ now });
  const statuses: number[] = [];
  const log = await silentLog();
  const server = await startPoolsServer({
    ...{ host: '127.0.0.1', port: 0, tokens: [TOKEN], now, log },
    put: records.put,
    pace: () => 3_000,
    view: () => Promise.reject(new Error('not asked')),
    onAnswer: (status) => statuses.push(status),
  });
  onTestFinished(() => server.close());
  const chosen = pauses();
  const client = new FakeClient({ appName: 'billing', maxPoolSize: 9 });
  const stop = reportPools(client, { url: `http://127.0.0.1:${server.port}`, token: TOKEN, labels: { region: 'eu' } });
  onTestFinished(stop);
  client.ready('Shard-00.example.net:27017', 1, 2);
  await until('a report is answered', async () => statuses.length > 0 && chosen().length > 0);
  expect(chosen()[0]).toBe(3_000);
  const [record] = await records.all(AbortSignal.timeout(10_000));
  expect(record?.report).toMatchObject({
    process: { app: 'billing', pid: process.pid, labels: { region: 'eu' } },
    clients: [{ options: { maxPoolSize: 9 }, pools: [{ address: 'shard-00.example.net:27017', now: { open: 2 } }] }],
  });
  await stop();
  expect(statuses.every((status) => status === 200 || status === 204)).toBe(true);
  expect(await records.all(AbortSignal.timeout(10_000))).toEqual([]);
});
