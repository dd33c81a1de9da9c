// The daemon's listener over real HTTP: each answer, and what nobody can do with it.

import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { poolsView } from '../../src/core/pools/view.ts';
import { ConfigError, UpstreamError, UserError } from '../../src/errors.ts';
import type { RunningServer } from '../../src/http/listener.ts';
import { fetchPools } from '../../src/http/pools-client.ts';
import { type PoolsServerInput, startPoolsServer } from '../../src/http/pools-server.ts';
import { createPoolRecords } from '../../src/store/pool-records.ts';
import { type LogLine, recordedLog } from '../recorded-log.ts';
import { pool, poolReport, putReport } from './pools-fixture.ts';

const TOKENS = ['token-of-the-applications', 'another-token-after-rotation'] as const;
const [TOKEN, OTHER] = TOKENS;

interface Daemon extends RunningServer {
  readonly lines: LogLine[];
  readonly answers: number[];
  put(report: unknown, headers?: Readonly<Record<string, string>>): ReturnType<typeof putReport>;
  fetch(token?: string): ReturnType<typeof fetchPools>;
}

async function daemon(more: Partial<PoolsServerInput> = {}): Promise<Daemon> {
  const lines: LogLine[] = [];
  const answers: number[] = [];
  const now = () => new Date();
  const records = createPoolRecords({ now });
  const server = await startPoolsServer({
    ...{ host: '127.0.0.1', port: 0, tokens: TOKENS, now, log: await recordedLog(lines) },
    put: records.put,
    pace: () => null,
    view: async (signal) =>
      poolsView(await records.all(signal), { now: Date.now(), clusterOf: () => null, seenOf: () => null }),
    onAnswer: (status) => answers.push(status),
    ...more,
  });
  onTestFinished(() => server.close());
  const { port } = server;
  return {
    ...server,
    ...{ lines, answers },
    put: (report, headers = {}) => putReport({ port, token: TOKEN, report, headers }),
    fetch: (token = TOKEN) =>
      fetchPools({ url: `http://127.0.0.1:${port}`, token, signal: AbortSignal.timeout(60_000) }),
  };
}

describe('answers to a report', () => {
  test('204 without a body; the view has it, for either token', async () => {
    const { put, fetch, answers } = await daemon();
    const { status, body, headers } = await put(poolReport());
    expect({ status, body, connection: headers['connection'] }).toEqual({ status: 204, body: '', connection: 'close' });
    expect(await fetch(OTHER)).toMatchObject({ apps: [{ app: 'billing', cluster: null, now: { inUse: 3 } }] });
    expect(answers).toEqual([204, 200]);
  });

  test('204 for a report that comes twice or late: it changes nothing', async () => {
    const { put, fetch } = await daemon();
    await put(poolReport({ seq: 17 }));
    for (const seq of [17, 3]) expect((await put(poolReport({ seq, clients: [] }))).status).toBe(204);
    expect((await fetch()).apps).toMatchObject([{ now: { open: 12 } }]);
  });

  test('200 with another pace, when the daemon wants one; never at the goodbye', async () => {
    const { put, fetch } = await daemon({ pace: () => 25_000 });
    const { status, body } = await put(poolReport());
    expect([status, JSON.parse(body)]).toEqual([200, { everyMs: 25_000 }]);
    expect((await put(poolReport({ seq: 18, bye: true }))).status).toBe(204);
    expect((await fetch()).apps).toEqual([]);
  });

  test('a process is not stale before it is late for the pace that the daemon asked for', async () => {
    const { put, fetch } = await daemon({ pace: () => 25_000 });
    await put(poolReport({ everyMs: 1 }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await fetch()).apps).toMatchObject([{ stale: 0, processes: [{ isStale: false }] }]);
  });

  test('400 names the field and what was expected', async () => {
    const { put } = await daemon();
    const { status, body } = await put(poolReport({ everyMs: 'often' }));
    expect(status).toBe(400);
    expect(JSON.parse(body)).toEqual({
      field: 'everyMs',
      expected: 'a whole number, 1 or more',
      text: 'everyMs is not as expected. Expected a whole number, 1 or more.',
    });
    for (const text of ['', '{', 'null', '[]']) expect((await put(text)).status).toBe(400);
  });

  test('400 for another version says the versions known', async () => {
    const { put } = await daemon();
    const { status, body } = await put({ v: 2 });
    expect([status, JSON.parse(body)]).toMatchObject([400, { field: 'v', expected: '1', versions: [1] }]);
  });

  test('401 without a token and for a wrong one of any length', async () => {
    const { port, lines } = await daemon();
    for (const token of [null, '', 'x', TOKEN.slice(1), `${TOKEN}x`, TOKENS.join(','), 'y'.repeat(4_000)]) {
      const answer = await putReport({ port, token, report: poolReport() });
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="atlas-conns pools"']);
    }
    const basic = { authorization: `Basic ${Buffer.from(TOKEN).toString('base64')}` };
    expect((await putReport({ port, report: poolReport(), headers: basic })).status).toBe(401);
    expect((await putReport({ port, method: 'GET' })).status).toBe(401);
    const refused = lines.filter(({ message }) => message === 'pool request refused');
    expect(refused, 'once a minute').toMatchObject([{ level: 'warn', reason: 'the token is missing or wrong' }]);
  });

  test('404 and 405 say what there is', async () => {
    const { port } = await daemon();
    const other = await putReport({ port, token: TOKEN, path: '/v1/pool', report: poolReport() });
    expect([other.status, other.body]).toEqual([404, 'Path: /v1/pools.\n']);
    for (const method of ['POST', 'DELETE', 'PATCH', 'OPTIONS']) {
      const { status, headers } = await putReport({ port, token: TOKEN, method });
      expect([method, status, headers['allow']]).toEqual([method, 405, 'GET, PUT']);
    }
  });

  test('409 when the id belongs to another process', async () => {
    const { put } = await daemon();
    await put(poolReport());
    const { status, body } = await put(poolReport({ seq: 18, process: { pid: 4712 } }));
    expect([status, JSON.parse(body)]).toMatchObject([409, { restart: true }]);
  });

  test('411 without a body, 413 above 64 KiB, also where the length is not declared', async () => {
    const { port, put, fetch } = await daemon();
    const empty = await raw(port, `PUT /v1/pools HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
    expect(empty).toMatch(/^HTTP\/1\.1 411 /);
    const large = 'x'.repeat(64 * 1024 + 1);
    expect((await put(large)).status).toBe(413);
    const chunks = `${(64 * 1024 + 1).toString(16)}\r\n${large}\r\n0\r\n\r\n`;
    const head = `PUT /v1/pools HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKEN}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expect(await raw(port, head + chunks)).toMatch(/^HTTP\/1\.1 413 /);
    const padded = `${JSON.stringify(poolReport())}${' '.repeat(60_000)}`;
    expect((await put(padded)).status, 'as large as is allowed').toBe(204);
    expect((await fetch()).apps).toHaveLength(1);
  });

  test('gzip is inflated up to the limit; any other encoding is 415', async () => {
    const { put } = await daemon();
    expect((await put(gzipSync(JSON.stringify(poolReport())), { 'content-encoding': 'gzip' })).status).toBe(204);
    const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024, ' '));
    expect(bomb.length).toBeLessThan(64 * 1024);
    expect((await put(bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
    const damaged = await put('no gzip', { 'content-encoding': 'gzip' });
    expect([damaged.status, JSON.parse(damaged.body).expected]).toEqual([
      400,
      'a body in gzip, as its Content-Encoding says',
    ]);
    expect((await put(poolReport(), { 'content-encoding': 'br' })).status).toBe(415);
  });

  test('429 when reports come faster than the daemon can take, and again later', async () => {
    let at = Date.parse('2026-11-21T10:00:00Z');
    const { put } = await daemon({ now: () => new Date(at), put: () => 'taken' });
    const large = `${JSON.stringify(poolReport())}${' '.repeat(60_000)}`;
    const statuses: number[] = [];
    while (statuses.at(-1) !== 429 && statuses.length < 500) statuses.push((await put(large)).status);
    expect(statuses.length).toBeGreaterThan(100);
    const refused = await put(poolReport());
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '5']);
    at += 5_000;
    expect((await put(poolReport())).status).toBe(204);
  });

  test('503 when there is no room, or the reports cannot be read', async () => {
    const { put, port, fetch } = await daemon({
      put: () => 'full',
      view: () => Promise.reject(new UpstreamError({ code: 'store-away', text: 'Away.', remedy: '' })),
    });
    const { status, headers } = await put(poolReport());
    expect([status, headers['retry-after']]).toEqual([503, '60']);
    const read = await putReport({ port, token: TOKEN, method: 'GET' });
    expect([read.status, read.headers['retry-after']]).toEqual([503, '5']);
    await expect(fetch()).rejects.toMatchObject({ problem: { code: 'pools-busy' } });
  });

  test('500 for a fault of ours, which is in the log', async () => {
    const broken = () => {
      throw new Error('broken');
    };
    const { put, port, lines } = await daemon({ put: broken, view: broken });
    expect((await put(poolReport())).status).toBe(500);
    expect((await putReport({ port, token: TOKEN, method: 'GET' })).status).toBe(500);
    expect(lines.filter(({ level }) => level === 'error')).toHaveLength(2);
  });
});

/** What comes back until the connection ends. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  // The server may end the connection while the rest is still sent.
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(text);
  await closed;
  return Buffer.concat(parts).toString();
}

describe('who sends what he should not', () => {
  test('without the token nothing of a body is waited for', async () => {
    const { port } = await daemon();
    const head = 'PUT /v1/pools HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer wrong\r\nContent-Length: 60000\r\n\r\n';
    expect(await raw(port, head)).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('an endless body ends with its connection, and the next report is taken', async () => {
    const { port, put } = await daemon();
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write('PUT /v1/pools HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const more = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', more);
    more();
    await closed;
    expect((await put(poolReport())).status).toBe(204);
  });

  test('a thousand sockets that send half a report keep no whole one out', async () => {
    const { port, put, lines } = await daemon();
    const head = `PUT /v1/pools HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 60000\r\n\r\n{"v":1`;
    const sockets: Socket[] = [];
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    for (let index = 0; index < 1_000; index++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      sockets.push(socket);
      socket.write(head);
      if (index % 250 === 249) expect((await put(poolReport({ seq: index }))).status).toBe(204);
    }
    const open = sockets.filter(({ destroyed }) => !destroyed);
    expect(open.length).toBeLessThan(600);
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('who holds the token can write any app, and that is text', async () => {
    const { put, fetch } = await daemon();
    const app = '\u001b[31m<!channel> ../../etc =1+1';
    await put(poolReport({ process: { id: 'false', app } }));
    expect((await fetch()).apps.map((one) => one.app)).toEqual(['[31m<!channel> ../../etc =1+1']);
  });

  test('no token is in the log or in an answer', async () => {
    const { put, port, lines } = await daemon({ put: () => 'full' });
    const answers = [
      await put(poolReport()),
      await put('{'),
      await putReport({ port, token: OTHER, method: 'GET' }),
      await putReport({ port, token: `${TOKEN}x`, method: 'GET' }),
    ];
    for (const token of TOKENS) expect(JSON.stringify([lines, answers])).not.toContain(token);
  });
});

describe('who asks for the view', () => {
  const signal = () => AbortSignal.timeout(60_000);

  test('a wrong token is named, as is a token that fits in no header', async () => {
    const { fetch } = await daemon();
    for (const token of ['wrong-wrong-wrong', 'ü', 'two words', ''])
      await expect(fetch(token)).rejects.toMatchObject({
        problem: {
          code: 'pools-token',
          text: expect.stringMatching(/^The bot at http:\/\/127.* refuses the token\.$/),
        },
      });
  });

  test('nobody there, another program, or an address that is none', async () => {
    const { port, close } = await daemon();
    const url = `http://user:secret@127.0.0.1:${port}/v1/pools`;
    await expect(fetchPools({ url, token: TOKEN, signal: signal() })).resolves.toMatchObject({ apps: [] });
    await close();
    const away = await fetchPools({ url, token: TOKEN, signal: signal() }).catch((error: unknown) => error);
    expect(away).toMatchObject({
      problem: { code: 'pools-unreachable', text: expect.stringContaining('ECONNREFUSED') },
    });
    expect(String(away)).not.toContain('secret');
    for (const text of ['', 'localhost:8086', 'ftp://a', 'http://'])
      await expect(fetchPools({ url: text, token: TOKEN, signal: signal() })).rejects.toThrow(UserError);
  });

  test('a path before that of the protocol is kept, as behind a proxy', async () => {
    const { port } = await daemon();
    const url = `http://127.0.0.1:${port}/bot/`;
    await expect(fetchPools({ url, token: TOKEN, signal: signal() })).rejects.toMatchObject({
      problem: { code: 'pools-foreign', text: expect.stringContaining('HTTP 404') },
    });
  });
});

test('a port that is used or an unusable address is named with its setting', async () => {
  const { port } = await daemon();
  await expect(daemon({ port })).rejects.toMatchObject({
    problem: { code: 'pools-port', remedy: 'Set POOLS_PORT to a free port, or stop the other program.' },
  });
  const elsewhere = daemon({ host: '192.0.2.1' });
  await expect(elsewhere).rejects.toThrow(ConfigError);
  await expect(elsewhere).rejects.toThrow(/^Pool reports cannot be taken on 192\.0\.2\.1.* Set POOLS_HOST/);
});

test('a view of many processes is one answer', async () => {
  const records = createPoolRecords({ now: () => new Date() });
  const { put, fetch } = await daemon({
    put: records.put,
    view: async (given) =>
      poolsView(await records.all(given), { now: Date.now(), clusterOf: () => null, seenOf: () => null }),
  });
  for (let index = 0; index < 300; index++) {
    const pools = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`server-${n}.example.net:27017`, pool()]));
    await put(poolReport({ process: { id: `${index}`, pid: index }, clients: [{ n: 1, pools }] }));
  }
  const [app, ...others] = (await fetch()).apps;
  expect(others).toEqual([]);
  expect(app?.processes).toHaveLength(300);
  expect(app?.now.open).toBe(12 * 20 * 300);
});

test('who asks again and again for a large view costs no more than one, and gets the next one soon', async () => {
  let drawn = 0;
  const app = 'x'.repeat(10 * 2 ** 20);
  const { port } = await daemon({
    view: async () => ({ at: ++drawn, apps: [{ app, seen: null, processes: [] }] as never }),
  });
  const ask = () => putReport({ port, token: TOKEN, method: 'GET' });
  const answers = await Promise.all(Array.from({ length: 10 }, ask));
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  expect(drawn).toBe(1);
  await expect.poll(async () => [await ask(), drawn].at(-1), { timeout: 10_000 }).toBe(2);
});

test('a view that failed is asked for again at once', async () => {
  let asked = 0;
  const { port } = await daemon({
    async view() {
      if (++asked === 1) throw new UpstreamError({ code: 'away', text: 'The store is away.', remedy: 'Wait.' });
      return { at: 0, apps: [] };
    },
  });
  const statuses = [];
  for (let round = 0; round < 3; round++)
    statuses.push((await putReport({ port, token: TOKEN, method: 'GET' })).status);
  expect([statuses, asked]).toEqual([[503, 200, 200], 3]);
});
