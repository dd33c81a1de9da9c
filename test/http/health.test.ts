// Health over real HTTP: what fails a probe and what does not, and a server that says nothing else.

import { connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigError, UpstreamError } from '../../src/errors.ts';
import { askHealth } from '../../src/http/probe-client.ts';
import { completeReport } from '../cli/sample.ts';
import { ask, cluster, goodStore, NOW, serveHealth, someBot, statusOf } from './fixture.ts';

const MINUTE = 60_000;
const never = new AbortController().signal;
const disconnected = {
  code: 'slack-disconnected',
  text: 'There is no connection to Slack at the moment.',
  remedy: 'It is tried again by itself.',
};

test('all is well: alive and ready, with how old each cluster’s last reading is', async () => {
  const bot = someBot();
  bot.beats = [{ key: 'prod', overdue: 1, runningSince: null }];
  bot.status = statusOf({ clusters: [cluster('stage', { last: NOW.getTime() - 5 * MINUTE })] });
  const health = await serveHealth(bot);
  health.observer.watched(['prod', 'stage', 'new']);
  const at = new Date(NOW.getTime() - 3 * MINUTE).toISOString();
  health.observer.reading({ cluster: 'prod', report: completeReport({ at }), tookMs: 1 });
  const alive = await ask(health, '/livez');
  expect(alive.status).toBe(200);
  expect(JSON.parse(alive.body)).toEqual({
    ok: true,
    checks: [
      { name: 'event-loop', ok: true, says: 'The event loop is on time.' },
      { name: 'schedule', ok: true, says: 'All schedules run on time.' },
    ],
  });
  const ready = await ask(health, '/readyz');
  expect(ready.status).toBe(200);
  expect(ready.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  expect(JSON.parse(ready.body)).toEqual({
    ok: true,
    checks: [
      { name: 'slack', ok: true, says: 'Slack is connected.' },
      { name: 'store', ok: true, says: 'The store can be written.' },
    ],
    clusters: [
      { cluster: 'prod', lastReadAt: at, ageSeconds: 180, says: 'Last read 3 min ago.' },
      { cluster: 'stage', lastReadAt: '2026-11-21T09:55:00.000Z', ageSeconds: 300, says: 'Last read 5 min ago.' },
      { cluster: 'new', lastReadAt: null, ageSeconds: null, says: 'No reading yet.' },
    ],
    remarks: [],
  });
});

test('restarted, a bot that only fails knows from the store when the cluster was last read', async () => {
  const bot = someBot();
  const last = NOW.getTime() - MINUTE;
  const seen = (ago: number) => ({ id: `${ago}`, name: 'x', firstSeen: 0, lastSeen: last - ago * MINUTE });
  const sources = async (of: string) => (of === 'prod' ? [seen(40), seen(1), seen(9)] : []);
  bot.store = { ...goodStore(), sources };
  bot.status = statusOf({
    clusters: [cluster('prod', { last, lastFailed: true }), cluster('empty', { last, lastFailed: true })],
  });
  const health = await serveHealth(bot);
  health.observer.watched(['prod', 'empty']);
  const ages = async () =>
    JSON.parse((await ask(health, '/readyz')).body).clusters.map((one: { says: string }) => one.says);
  expect(await ages()).toEqual(['Last read 2 min ago.', 'No reading yet.']);
  // Its own newer reading counts from then on.
  health.observer.reading({ cluster: 'prod', report: completeReport({ at: NOW.toISOString() }), tookMs: 1 });
  expect((await ages())[0]).toMatch(/^Last read 0/);
});

test('a bot that watches no cluster is ready, says why, and has a figure for it', async () => {
  const bot = someBot();
  const unwatched = { code: 'no-cluster-watched', text: 'No cluster is watched: Atlas refuses.', remedy: 'Check it.' };
  bot.status = statusOf({ unwatched });
  const health = await serveHealth(bot);
  const ready = await ask(health, '/readyz');
  expect(ready.status).toBe(200);
  expect(JSON.parse(ready.body)).toMatchObject({
    ok: true,
    clusters: [],
    remarks: ['No cluster is watched: Atlas refuses. Check it.'],
  });
  const told = await askHealth({ settings: { host: '127.0.0.1', port: health.port }, path: '/readyz', signal: never });
  expect(told).toMatchObject({ ok: true, remarks: ['No cluster is watched: Atlas refuses. Check it.'] });
  expect((await ask(health, '/metrics')).body).toMatch(/^atlas_conns_clusters 0$/m);
  bot.status = statusOf({ clusters: [cluster('prod'), cluster('stage')] });
  expect(JSON.parse((await ask(health, '/readyz')).body).remarks).toEqual([]);
  expect((await ask(health, '/metrics')).body).toMatch(/^atlas_conns_clusters 2$/m);
});

test('what is served goes through redaction, text by text: it stays JSON whatever the secret is', async () => {
  const secrets = ['hunter22', 'true', 'null', 'says', '"re'];
  const redact = (text: string) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '[redacted]'), text);
  const bot = someBot();
  bot.slack = { ...disconnected, text: 'Slack at hunter22 is "refused".' };
  bot.beats = [{ key: 'hunter22', overdue: 3, runningSince: null }];
  bot.status = statusOf({
    clusters: [cluster('hunter22')],
    unwatched: { code: 'no-cluster-watched', text: 'hunter22 is not read.', remedy: 'Say hunter22.' },
  });
  const health = await serveHealth(bot, { redact });
  health.observer.watched(['hunter22']);
  const alive = await ask(health, '/livez');
  expect(JSON.parse(alive.body).checks[1].says).toBe('Stuck: 3 slots of [redacted] passed and nothing ran.');
  const { body } = await ask(health, '/readyz');
  expect(JSON.parse(body)).toMatchObject({
    ok: false,
    checks: [{ name: 'slack', ok: false, says: 'Slack at [redacted] is [redacted]fused".' }, { ok: true }],
    clusters: [{ cluster: '[redacted]', lastReadAt: null }],
    remarks: ['[redacted] is not read. Say [redacted].'],
  });
});

test('before there is a store, a watch and Slack it is alive and not ready', async () => {
  const bot = someBot();
  bot.store = null;
  bot.slack = disconnected;
  const health = await serveHealth(bot, { watch: () => null });
  expect((await ask(health, '/livez')).status).toBe(200);
  const ready = await ask(health, '/readyz');
  expect(ready.status).toBe(503);
  expect(JSON.parse(ready.body).checks).toEqual([
    { name: 'slack', ok: false, says: disconnected.text },
    { name: 'store', ok: false, says: 'The store is not open yet.' },
  ]);
  bot.slack = null;
  bot.store = goodStore();
  expect((await ask(health, '/readyz')).status).toBe(200);
});

test('a schedule that is stuck is not alive: slots passed and nothing ran, or a run has no end', async () => {
  const bot = someBot();
  const health = await serveHealth(bot);
  const alive = async () => {
    const { status, body } = await ask(health, '/livez');
    return { status, says: JSON.parse(body).checks[1].says };
  };
  bot.beats = [
    { key: 'prod', overdue: 0, runningSince: NOW.getTime() - 14 * MINUTE },
    { key: 'stage', overdue: 2, runningSince: null },
  ];
  expect((await alive()).status).toBe(200);
  bot.beats = [{ key: 'stage', overdue: 3, runningSince: null }];
  expect(await alive()).toEqual({ status: 503, says: 'Stuck: 3 slots of stage passed and nothing ran.' });
  bot.beats = [{ key: 'prod', overdue: 9, runningSince: NOW.getTime() - 16 * MINUTE }];
  expect(await alive()).toEqual({ status: 503, says: 'Stuck: the run of prod has gone on for 16 min.' });
});

test('an event loop that is late all the time is not alive', async () => {
  const bot = someBot();
  const health = await serveHealth(bot);
  bot.loopDelay = 1_000;
  expect((await ask(health, '/livez')).status).toBe(200);
  bot.loopDelay = 2_500;
  const { status, body } = await ask(health, '/livez');
  expect(status).toBe(503);
  expect(JSON.parse(body).checks[0].says).toContain('2.5 s late');
});

test('an unexpected error is in the log, and not in the answer', async () => {
  const bot = someBot();
  const claim = () => Promise.reject(new Error('mongodb://bot:hunter2@db/ is no place'));
  bot.store = { claim, alerts: claim };
  const health = await serveHealth(bot);
  const answers = await Promise.all(['/readyz', '/metrics', '/livez'].map((path) => ask(health, path)));
  expect(answers.map(({ status }) => status)).toEqual([503, 200, 200]);
  expect(answers.map(({ body }) => body).join()).not.toContain('hunter2');
  expect(bot.log.filter(({ level }) => level === 'error')).not.toEqual([]);
});

test('only GET and HEAD, only three paths', async () => {
  const health = await serveHealth(someBot());
  const head = await ask(health, '/metrics', 'HEAD');
  expect({ status: head.status, body: head.body }).toEqual({ status: 200, body: '' });
  expect(Number(head.headers['content-length'])).toBeGreaterThan(0);
  expect((await ask(health, '/livez?verbose')).status).toBe(200);
  for (const path of ['/', '/livez/', '/health', '/__proto__', '/toString', '/%6civez'])
    expect((await ask(health, path)).status).toBe(404);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const { status, headers } = await ask(health, '/livez', method, 'x'.repeat(1_000));
    expect({ status, allow: headers['allow'] }).toEqual({ status: 405, allow: 'GET, HEAD' });
  }
  const long = await ask(health, `/livez?${'x'.repeat(20_000)}`);
  expect(long.status).toBe(431);
});

test('a port in use is reported by its setting, and nothing is left open', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const address = other.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const failure = serveHealth(someBot(), { port: address.port });
  await expect(failure).rejects.toThrow(UpstreamError);
  await expect(failure).rejects.toMatchObject({
    problem: { code: 'health-port', text: expect.stringContaining(`port ${address.port}`) },
  });
  await expect(failure).rejects.toMatchObject({ problem: { remedy: expect.stringContaining('HEALTH_PORT') } });
});

test('an address that is not of this machine is a wrong setting', async () => {
  const failure = serveHealth(someBot(), { host: '203.0.113.7', port: 0 });
  await expect(failure).rejects.toThrow(ConfigError);
  await expect(failure).rejects.toThrow(/203\.0\.113\.7.*HEALTH_HOST/);
});

test('who opens many connections is cut off, the oldest first, and keeps no probe out', async () => {
  const health = await serveHealth(someBot());
  const cut: number[] = [];
  const sockets = Array.from({ length: 300 }, (_, at) => {
    const socket = connect(health.port, '127.0.0.1').on('error', () => undefined);
    // Half of them begin a request.
    if (at % 2 === 0) socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n');
    return socket.resume().once('close', () => void cut.push(at));
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  await expect.poll(() => cut.length).toBeGreaterThanOrEqual(300 - 256);
  for (let times = 0; times < 20; times++) expect((await ask(health, '/livez')).status).toBe(200);
});

test('closing cuts all connections and calls nothing', async () => {
  const health = await serveHealth(someBot());
  const socket = connect(health.port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n');
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined).resume();
  await health.close();
  await ended;
  await expect(ask(health, '/livez')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
