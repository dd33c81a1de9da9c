// The daemon in the real bot: reports come before Slack answers, and after a restart nothing is missing.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { fetchPools } from '../../src/http/pools-client.ts';
import { realSet } from '../cluster/real.ts';
import { ask } from '../http/fixture.ts';
import { poolReport, putReport } from '../http/pools-fixture.ts';
import { startBot } from '../sandbox/demo/bot.ts';
import { freePort } from '../sandbox/free-port.ts';
import { openWorkplace, type Workplace } from './slack.ts';
import { lineOf, openTerminal, type Terminal } from './terminal.ts';

const TOKEN = 'a-token-of-the-applications-1';
const SECOND_TOKEN = 'a-token-of-the-applications-2';

let directory: string;
let port: number;
let health: number;
let work: Workplace;
let terminal: Terminal;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-pools-'));
  [port, health] = [await freePort(), await freePort()];
  env = {
    ATLAS_CONNS_DATA_DIR: join(directory, 'data'),
    POOLS_PORT: String(port),
    POOLS_TOKEN: `${TOKEN},${SECOND_TOKEN}`,
    HEALTH_PORT: String(health),
    LOG_LEVEL: 'trace',
  };
  work = await openWorkplace({ env });
  terminal = await openTerminal(work.project.env);
});
afterAll(async () => {
  await work?.close();
  await terminal?.close();
  await rm(directory, { recursive: true });
});

const view = (where = port) =>
  fetchPools({ url: `http://127.0.0.1:${where}`, token: SECOND_TOKEN, signal: AbortSignal.timeout(30_000) });
const put = (report: unknown, where = port) => putReport({ port: where, token: TOKEN, report });

test('the bot takes a report and answers the view, each with its own token', async () => {
  expect((await put(poolReport())).status).toBe(204);
  const { apps } = await view();
  expect(apps).toMatchObject([
    { app: 'billing', now: { open: 12, inUse: 3 }, processes: [{ process: { pid: 4711 } }] },
  ]);
});

test('a report before Slack answers is taken, and the bot is alive and says that Slack is missing', async () => {
  const { slack } = work;
  const [other, alive] = [await freePort(), await freePort()];
  slack.faults.hang('auth.test');
  const child = terminal.start(['serve'], {
    ...{ SLACK_API_URL: slack.apiUrl, SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken },
    ...{ ...env, ATLAS_CONNS_DATA_DIR: join(directory, 'other') },
    ...{ POOLS_PORT: String(other), HEALTH_PORT: String(alive) },
  });
  try {
    await lineOf(child, 'stderr', /pools server listening/);
    expect((await put(poolReport(), other)).status).toBe(204);
    expect((await view(other)).apps).toMatchObject([{ app: 'billing' }]);
    expect((await ask({ port: alive }, '/livez')).status).toBe(200);
    expect(JSON.parse((await ask({ port: alive }, '/readyz')).body).checks[0]).toMatchObject({
      name: 'slack',
      ok: false,
    });
  } finally {
    slack.faults.clear();
    child.kill('SIGKILL');
  }
});

test('after a restart nothing is missing once each process has reported again, whatever its seq', async () => {
  await put(poolReport({ seq: 40 }));
  await work.restart('kill');
  expect((await view()).apps).toEqual([]);
  expect((await put(poolReport({ seq: 7 }))).status).toBe(204);
  expect((await view()).apps).toMatchObject([{ app: 'billing', total: { checkouts: 81_233 } }]);
});

test('no token is in the log at its finest level, nor in an answer, though an app has it in its name', async () => {
  const url = `http://127.0.0.1:${port}`;
  expect(
    (await put(poolReport({ process: { id: 'odd', app: `app ${TOKEN}`, labels: { token: SECOND_TOKEN } } }))).status,
  ).toBe(204);
  expect((await view()).apps.map(({ app }) => app)).toContain('app [redacted]');
  await putReport({ port, token: `${TOKEN}x`, report: poolReport() });
  await fetchPools({ url, token: `${TOKEN}y`, signal: AbortSignal.timeout(30_000) }).catch(() => undefined);
  const metrics = await ask({ port: health }, '/metrics');
  expect(metrics.body).toContain('atlas_conns_pool_processes{app="app [redacted]",cluster=""} 1');
  const said = JSON.stringify([work.bot().log, metrics.body, await view()]);
  expect(said).toContain('pools server listening');
  for (const token of [TOKEN, SECOND_TOKEN]) expect(said).not.toContain(token);
});

test('two bots with one store show one view; when one is killed, its processes go on at the other', async (context) => {
  const set = await realSet({ members: 1 });
  if ('reason' in set) return context.skip(set.reason);
  onTestFinished(set.close);
  const uri = set.uri('app').replace('/?', '/pools?');
  const [one, two] = [await freePort(), await freePort()];
  const start = async (at: number) => {
    const replica = {
      ANALYSIS_URI: uri,
      POOLS_PORT: String(at),
      HEALTH_PORT: undefined,
      ATLAS_CONNS_DATA_DIR: undefined,
    };
    const bot = await startBot({ project: work.project, slack: work.slack, env: { ...env, ...replica } });
    onTestFinished(bot.kill);
    return bot;
  };
  const [first] = [await start(one), await start(two)];
  const idsAt = async (at: number) =>
    (await view(at)).apps.flatMap(({ processes }) => processes.map(({ process }) => process.id)).toSorted();
  await put(poolReport({ process: { id: 'a' } }), one);
  await put(poolReport({ process: { id: 'b' } }), two);
  await expect.poll(() => idsAt(two)).toEqual(['a', 'b']);
  await expect.poll(() => idsAt(one)).toEqual(['a', 'b']);
  await first.kill();
  expect((await put(poolReport({ seq: 18, process: { id: 'a' } }), two)).status).toBe(204);
  expect(await idsAt(two)).toEqual(['a', 'b']);
});

test('top shows the pools beside the cluster, at an address that is typed, and says what is wrong with it', async () => {
  await put(poolReport({ process: { id: 'b51ad8a4-0000-4000-8000-00000000000f', app: 'shown-by-top', pid: 4712 } }));
  const top = (more: readonly string[], variables: Readonly<Record<string, string>>) =>
    terminal.type(['top', 'prod', '-n', '1', '--by', 'pools', ...more], variables);
  const url = `http://127.0.0.1:${port}`;
  const shown = await top(['--pools-url', url], { POOLS_TOKEN: SECOND_TOKEN });
  expect(shown).toMatchObject({ code: 0, err: '' });
  expect(shown.out).toMatch(/^APP +OPEN ▼ +MAX +IN USE/m);
  expect(shown.out).toMatch(/^shown-by-top +12 +12 +3 /m);
  const none = await top([], {});
  expect(none.out.replaceAll(/\s+/g, ' ')).toContain('POOLS_PORT is missing. Set POOLS_PORT and POOLS_TOKEN');
  const refused = await top(['--pools-url', url], { POOLS_TOKEN: 'another-token-of-nobody' });
  expect(refused).toMatchObject({ code: 1, err: '' });
  expect(refused.out).not.toContain('shown-by-top');
  const wrong = await top(['--pools-url', 'nonsense'], { POOLS_TOKEN: SECOND_TOKEN });
  expect(wrong.code).toBe(2);
  expect(wrong.err).toContain('--pools-url is no http or https address.');
});
