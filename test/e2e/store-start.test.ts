// A store that is not there when the bot starts: the bot is alive, says what it waits for, and goes on by itself.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { ask } from '../http/fixture.ts';
import { freePort } from '../sandbox/free-port.ts';
import { startProject } from '../sandbox/project.ts';
import { startSlack } from '../sandbox/slack/server.ts';
import { ended, openTerminal, type Terminal } from './terminal.ts';

const NOT_YET = 'store not open yet, retrying';
const closers: (() => Promise<unknown>)[] = [];
let directory: string;
let terminal: Terminal;
let given: Readonly<Record<string, string>>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-start-'));
  closers.push(() => rm(directory, { recursive: true }));
  const project = await startProject();
  closers.push(project.close);
  const slack = await startSlack();
  closers.push(slack.close);
  terminal = await openTerminal({ ...project.env });
  closers.push(terminal.close);
  given = { SLACK_API_URL: slack.apiUrl, SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

interface Started {
  readonly child: ChildProcess;
  readonly health: { readonly port: number };
  readonly lines: readonly string[];
  /** Resolves when there is a line with this text; rejects when the bot ends without. */
  line(text: string): Promise<void>;
}

async function start(env: Readonly<Record<string, string>>): Promise<Started> {
  const port = await freePort();
  const child = terminal.start(['serve'], { ...given, ...env, HEALTH_PORT: String(port) });
  onTestFinished(() => void child.kill('SIGKILL'));
  if (child.stderr === null) throw new Error('the bot has no log');
  const lines: string[] = [];
  const input = createInterface({ input: child.stderr }).on('line', (line) => void lines.push(line));
  const gone = once(child, 'close');
  return {
    child,
    health: { port },
    lines,
    async line(text) {
      while (!lines.some((line) => line.includes(text))) {
        if (child.exitCode !== null) throw new Error(`it ended without:\n${lines.join('\n')}`);
        await Promise.race([once(input, 'line'), gone]);
      }
    },
  };
}

async function stopped({ child }: Started): Promise<number | null> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await gone;
  return code;
}

async function readiness({ health }: Started) {
  const { status, body } = await ask(health, '/readyz');
  const [slack, store] = JSON.parse(body).checks;
  return { status, slack: slack.says, store: store.says };
}

test('a store that nobody reaches is waited for: alive, not ready and why, said once, and ended at once with 0', async () => {
  const host = `127.0.0.1:${await freePort()}`;
  const bot = await start({ ANALYSIS_URI: `mongodb://bot:hunter2@${host}/history` });
  await bot.line(NOT_YET);
  expect((await ask(bot.health, '/livez')).status).toBe(200);
  expect(await readiness(bot)).toEqual({
    status: 503,
    slack: 'Slack is not connected: the bot waits for its store first.',
    store: expect.stringMatching(
      new RegExp(`^The store cannot be reached since .* UTC: ${host}, .* cannot be reached from here .ECONNREFUSED`),
    ),
  });
  expect((await ask(bot.health, '/metrics')).body).toContain('atlas_conns_slack_up 0');
  expect(await stopped(bot)).toBe(0);
  expect(bot.lines.filter((line) => line.includes(NOT_YET))).toHaveLength(1);
  expect(bot.lines.join('\n')).toContain('IP access list');
  expect(bot.lines.join('\n')).not.toContain('hunter2');
});

test('a file that the bot before still has is waited for, and taken when it lets go', async () => {
  const data = join(directory, 'held');
  const keep = { readings: 1_000_000, hours: 1_000_000 };
  const before = await openSqliteStore({ directory: data, keep, now: () => new Date() });
  const bot = await start({ ATLAS_CONNS_DATA_DIR: data });
  await bot.line(NOT_YET);
  expect(await readiness(bot)).toMatchObject({
    status: 503,
    store: expect.stringMatching(/^The store cannot be opened since .* UTC: Another bot has the store /),
  });
  await before.close();
  await bot.line('bot is ready');
  expect(await readiness(bot)).toMatchObject({ status: 200, store: 'The store can be written.' });
  expect(await stopped(bot)).toBe(0);
});

test('a file that is damaged ends it at once, with what to do', async () => {
  const data = join(directory, 'damaged');
  await mkdir(data);
  await writeFile(join(data, 'atlas-conns.sqlite'), 'this is no store\n'.repeat(200));
  const said = await ended(terminal.start(['serve'], { ...given, ATLAS_CONNS_DATA_DIR: data }));
  expect(said.code).toBe(1);
  expect(said.err).toContain('is damaged or is not an SQLite file');
  expect(said.err).not.toContain(NOT_YET);
});

test('a second bot on one file waits half a minute, ends with 1 and names file and process; after kill -9 none waits', async () => {
  const data = join(directory, 'doubled');
  const first = await start({ ATLAS_CONNS_DATA_DIR: data });
  await first.line('bot is ready');
  const second = await start({ ATLAS_CONNS_DATA_DIR: data });
  await second.line('"waitsForSeconds":30');
  const [code] = await once(second.child, 'close');
  expect(code).toBe(1);
  expect(second.lines.at(-2)).toContain(
    `Another bot has the store ${join(data, 'atlas-conns.sqlite')} open: process ${first.child.pid} on `,
  );
  expect(second.lines.at(-1)).toMatch(/^Stop it, or give this one another directory/);
  expect((await ask(first.health, '/readyz')).status).toBe(200);

  const gone = once(first.child, 'exit');
  first.child.kill('SIGKILL');
  await gone;
  const third = await start({ ATLAS_CONNS_DATA_DIR: data });
  await third.line('bot is ready');
  expect(third.lines.join('\n')).not.toContain(NOT_YET);
  expect(await stopped(third)).toBe(0);
});

test('a file that is removed under the bot is a reason for a restart, and the bot that follows begins a new one', async () => {
  const data = join(directory, 'removed');
  const bot = await start({ ATLAS_CONNS_DATA_DIR: data });
  await bot.line('bot is ready');
  expect((await ask(bot.health, '/livez')).status).toBe(200);
  await rm(data, { recursive: true });
  await bot.line('store is unavailable');
  const { status, body } = await ask(bot.health, '/livez');
  expect(status).toBe(503);
  expect(JSON.parse(body).checks.at(-1).says).toContain('was removed or replaced while the bot had it open');
  expect(await stopped(bot)).toBe(0);
  const next = await start({ ATLAS_CONNS_DATA_DIR: data });
  await next.line('bot is ready');
  expect((await ask(next.health, '/livez')).status).toBe(200);
  expect(await stopped(next)).toBe(0);
});
