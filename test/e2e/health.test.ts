// Health of the real bot, as a probe, a scraper and an operator meet it: alive at once, ready when it is, and said in words.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { figures, parseExposition } from '../http/exposition.ts';
import { type Answered, ask } from '../http/fixture.ts';
import { freePort } from '../sandbox/free-port.ts';
import { BEN } from '../sandbox/slack/people.ts';
import { command, OPS } from '../slack/bot-fixture.ts';
import { openWorkplace, type Workplace } from './slack.ts';
import { lineOf, openTerminal, type Terminal } from './terminal.ts';

/** Every second, so that nobody waits. */
const SETTINGS = `
schedule: "* * * * * *"
projects:
  - id: \${MONGODB_ATLAS_PROJECT_ID}
    clientId: \${MONGODB_ATLAS_CLIENT_ID}
    clientSecret: \${MONGODB_ATLAS_CLIENT_SECRET}
    username: \${MONGODB_USERNAME}
    password: \${MONGODB_PASSWORD}
    clusters: [prod]
`;

let directory: string;
let port: number;
let work: Workplace;
let terminal: Terminal;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-health-'));
  await writeFile(join(directory, 'settings.yaml'), SETTINGS);
  port = await freePort();
  const env = {
    ATLAS_CONNS_CONFIG: join(directory, 'settings.yaml'),
    ATLAS_CONNS_DATA_DIR: join(directory, 'data'),
    HEALTH_PORT: String(port),
  };
  work = await openWorkplace({ env });
  terminal = await openTerminal({ ...work.project.env, HEALTH_PORT: String(port) });
});
afterAll(async () => {
  await work?.close();
  await terminal?.close();
  await rm(directory, { recursive: true });
});

/** Asks again until the answer is as it should be; the test's own deadline ends what never is. */
async function until(path: string, isSo: (answer: Answered) => boolean, where = { port }): Promise<Answered> {
  for (;;) {
    const answer = await ask(where, path);
    if (isSo(answer)) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('the bot that runs is alive and ready, and its readings, calls and nodes are numbers', async () => {
  await command(work.slack, 'prod');
  expect((await ask({ port }, '/livez')).status).toBe(200);
  const ready = await until('/readyz', ({ body }) => body.includes('Last read'));
  expect(ready.status).toBe(200);
  expect(JSON.parse(ready.body)).toMatchObject({ ok: true, clusters: [{ cluster: 'prod' }] });
  const { body } = await until('/metrics', (answer) => /claims_total\{[^}]*won"\} [1-9]/.test(answer.body));
  const families = parseExposition(body);
  const told = (name: string) => figures(families, `atlas_conns_${name}`);
  expect(Object.values(told('node_up'))).toEqual([1, 1, 1]);
  expect(Object.values(told('connections')).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100);
  expect(told('readings_total')['cluster=prod result=complete']).toBeGreaterThan(0);
  expect(told('atlas_requests_total')['status=2xx']).toBeGreaterThan(0);
  expect(told('slack_requests_total')['method=auth.test result=ok']).toBe(1);
  expect(told('slack_up')).toEqual({ '': 1 });
  expect(told('store_up')).toEqual({ '': 1 });
});

test('no answer of the health server contains a secret', async () => {
  const { slack, project } = work;
  const { MONGODB_ATLAS_CLIENT_SECRET, MONGODB_PASSWORD } = project.env;
  const secrets = [slack.botToken, slack.appToken, MONGODB_ATLAS_CLIENT_SECRET, MONGODB_PASSWORD];
  const served = await Promise.all(['/livez', '/readyz', '/metrics', '/nothing'].map((path) => ask({ port }, path)));
  const text = JSON.stringify(served);
  expect(text).toContain('atlas_conns_build_info');
  for (const secret of secrets) expect(text).not.toContain(secret ?? 'missing');
});

test('the terminal asks the health server, and its exit code follows the answer', async () => {
  expect(await terminal.type(['health'])).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringMatching(/^ok {7}slack: Slack is connected\.\nok {7}store: .*\n {9}prod: Last read .* ago\.\n$/),
  });
  expect((await terminal.type(['health', '--live'])).code).toBe(0);
  const wrong = await terminal.type(['health'], { HEALTH_PORT: undefined });
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('HEALTH_PORT is missing.') });
  const nobody = await terminal.type(['health'], { HEALTH_PORT: String(await freePort()) });
  expect(nobody).toMatchObject({
    code: 1,
    err: expect.stringMatching(/No bot answers on 127\.0\.0\.1 port .*ECONNREFUSED/),
  });
  const other = await terminal.type(['health'], { HEALTH_PORT: new URL(work.slack.url).port });
  expect(other).toMatchObject({ code: 1, err: expect.stringContaining('is not from atlas-conns') });
});

test('while Slack is away the bot is alive and not ready; it recovers by itself', async () => {
  await work.slack.faults.away();
  const { status, body } = await until('/readyz', (answer) => answer.status === 503);
  expect({ status, slack: JSON.parse(body).checks[0] }).toMatchObject({
    status: 503,
    slack: { name: 'slack', ok: false, says: 'There is no connection to Slack at the moment.' },
  });
  expect((await ask({ port }, '/livez')).status).toBe(200);
  expect(figures(parseExposition((await ask({ port }, '/metrics')).body), 'atlas_conns_slack_up')).toEqual({ '': 0 });
  const asked = await terminal.type(['health']);
  expect(asked).toMatchObject({ code: 1, out: expect.stringContaining('failing  slack: There is no connection') });
  await work.slack.faults.back();
  expect((await until('/readyz', (answer) => answer.status === 200)).status).toBe(200);
});

test('it is alive from before Slack answers, watches meanwhile, and says that Slack is missing', async () => {
  const { slack } = work;
  const env = {
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    ATLAS_CONNS_CONFIG: join(directory, 'settings.yaml'),
    ATLAS_CONNS_DATA_DIR: join(directory, 'third'),
    HEALTH_PORT: String(await freePort()),
  };
  slack.faults.hang('auth.test');
  const child = terminal.start(['serve'], env);
  try {
    await lineOf(child, 'stderr', /health server listening/);
    const other = { port: Number(env.HEALTH_PORT) };
    expect((await ask(other, '/livez')).status).toBe(200);
    const { status, body } = await ask(other, '/readyz');
    expect({ status, slack: JSON.parse(body).checks[0] }).toMatchObject({ status: 503, slack: { ok: false } });
    const watched = await until('/readyz', (answer) => answer.body.includes('Last read'), other);
    expect(JSON.parse(watched.body)).toMatchObject({ ok: false, checks: [{ name: 'slack', ok: false }, { ok: true }] });
  } finally {
    slack.faults.clear();
    child.kill('SIGKILL');
  }
});

test('over HTTP, where there is no connection, it is ready while Slack’s Web API answers', async () => {
  const health = { port: await freePort() };
  const other = await openWorkplace({ transport: 'http', env: { HEALTH_PORT: String(health.port) } });
  const { slack } = other;
  const slackUp = async () => figures(parseExposition((await ask(health, '/metrics')).body), 'atlas_conns_slack_up');
  try {
    await command(slack, 'prod');
    const ready = await ask(health, '/readyz');
    expect({ status: ready.status, slack: JSON.parse(ready.body).checks[0] }).toEqual({
      status: 200,
      slack: { name: 'slack', ok: true, says: expect.stringMatching(/^Listening for Slack; .* last answered .* ago/) },
    });
    expect(await slackUp()).toEqual({ '': 1 });
    await slack.faults.away();
    // Whom the bot does not know yet, so that it has to ask.
    await slack.command({ user: BEN.id, channel: OPS, text: 'prod' });
    const away = await until('/readyz', ({ status }) => status === 503, health);
    expect(JSON.parse(away.body).checks[0].says).toMatch(/^Listening for Slack, .* has not answered for/);
    expect(await slackUp()).toEqual({ '': 0 });
    await slack.faults.back();
    await command(slack, 'status', { user: BEN.id });
    expect((await until('/readyz', ({ status }) => status === 200, health)).status).toBe(200);
  } finally {
    await other.close();
  }
});

test('a second bot on the same port says so and ends', async () => {
  const { slack } = work;
  const { code, err } = await terminal.type(['serve'], {
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    ATLAS_CONNS_DATA_DIR: join(directory, 'other'),
  });
  expect(code).toBe(1);
  expect(err).toMatch(/Health cannot be served on 127\.0\.0\.1 port \d+ \(EADDRINUSE\)/);
});
