// What the real process lets out by its two streams: no secret in what is for people, data as it is, warnings as log lines.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ask } from '../http/fixture.ts';
import { freePort } from '../sandbox/free-port.ts';
import { type StandInProject, startProject } from '../sandbox/project.ts';
import { lineOf, openTerminal, type Terminal } from './terminal.ts';

const URI = 'mongodb+srv://anna:hunter22@prod.example.net';

let directory: string;
let project: StandInProject;
let terminal: Terminal;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-streams-'));
  project = await startProject();
  terminal = await openTerminal({ ...project.env, ATLAS_CONNS_DATA_DIR: join(directory, 'data') });
});
afterAll(async () => {
  await terminal?.close();
  await project?.close();
  await rm(directory, { recursive: true });
});

const file = async (name: string, text: string): Promise<string> => {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
};

const settings = (clusters: string) =>
  file('settings.yaml', `projects:\n  - id: \${MONGODB_ATLAS_PROJECT_ID}\n    clusters: [${clusters}]\n`);

test('check says what is wrong with a word that is a secret elsewhere, without the word', async () => {
  const ATLAS_CONNS_CONFIG = await settings('prod, hunter22');
  const { out, err } = await terminal.type(['check'], { ATLAS_CONNS_CONFIG, SLACK_SIGNING_SECRET: 'hunter22' });
  expect(out).toMatch(/^missing {2}clusters: \[redacted\]\n +projects\[0\]\.clusters names \[redacted\], and /m);
  expect(out + err).not.toContain('hunter22');
});

test('so does the bot over HTTP, before Slack is there', async () => {
  const port = await freePort();
  const bot = terminal.start(['serve'], {
    ...{ SLACK_API_URL: 'http://127.0.0.1:1/api/', SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-hunter22' },
    ...{ ATLAS_CONNS_CONFIG: await settings('xapp-hunter22'), HEALTH_PORT: String(port) },
  });
  const gone = new Promise((resolve) => bot.once('exit', resolve));
  onTestFinished(async () => {
    bot.kill('SIGKILL');
    await gone;
  });
  await lineOf(bot, 'stderr', /cluster is no longer watched/);
  const { body } = await ask({ port }, '/readyz');
  expect(JSON.parse(body).remarks[0]).toMatch(
    /^No cluster is watched: \[redacted\] is not read: projects\[0\]\.clusters /,
  );
  expect(body).not.toContain('hunter22');
});

test('health repeats no credentials, whatever the bot of another version says', async () => {
  const answer = {
    ok: true,
    checks: [{ name: 'store', ok: true, says: `${URI} is there.` }],
    remarks: [`See ${URI}.`],
  };
  const server = createServer((_, response) => void response.end(JSON.stringify(answer)));
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await listening;
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { code, out } = await terminal.type(['health'], { HEALTH_PORT: String(port) });
  expect({ code, out }).toEqual({
    code: 0,
    out: [
      'ok       store: mongodb+srv://[redacted]@prod.example.net is there.\n',
      'warning  See mongodb+srv://[redacted]@prod.example.net.\n',
    ].join(''),
  });
});

test('JSON and CSV are what they are, though a secret is alike; the text for people hides it', async () => {
  const json = await terminal.type(['report', 'prod', '--json'], { SLACK_SIGNING_SECRET: 'null' });
  expect(JSON.parse(json.out)).toMatchObject({ cluster: 'prod' });
  expect(json.out).toContain('null');
  const csv = await terminal.type(['report', 'prod', '--csv'], { SLACK_SIGNING_SECRET: 'dormant' });
  expect(csv.out.split('\n')[0]).toContain('dormant');
  const text = await terminal.type(['report', 'prod'], { SLACK_SIGNING_SECRET: 'Billing' });
  expect(text.out).toContain('[redacted] API');
  expect(text.out).not.toContain('Billing');
});

const WARNS = `process.on('newListener', (name) => {
  const warn = (message) => process.emitWarning(message, { type: 'StandInWarning', code: 'STAND_IN' });
  if (name === 'warning') warn('before there is a log: ${URI}');
  if (name === 'uncaughtException') warn('once there is one: ${URI}');
});`;

/** Node.js itself warns of this at the first TLS connection. Options of which the driver warns do not reach it. */
const UNWISE = {
  MONGODB_URI: 'mongodb://127.0.0.1:1/?tls=true&retryWrites=true',
  NODE_TLS_REJECT_UNAUTHORIZED: '0',
  MONGODB_ATLAS_PROJECT_ID: undefined,
  MONGODB_ATLAS_CLIENT_ID: undefined,
  MONGODB_ATLAS_CLIENT_SECRET: undefined,
  MONGODB_USERNAME: undefined,
  MONGODB_PASSWORD: undefined,
};

test('a warning of Node.js, the driver or anybody is one line of the log, redacted, from the first moment on', async () => {
  const NODE_OPTIONS = `--require=${await file('warns.cjs', WARNS)}`;
  const { err } = await terminal.type(['check'], { ...UNWISE, NODE_OPTIONS });
  const lines = err.trimEnd().split('\n');
  const told = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'runtime warning');
  const standIn = { level: 40, name: 'StandInWarning', code: 'STAND_IN' };
  const redacted = 'mongodb+srv://[redacted]@prod.example.net';
  expect(told).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ ...standIn, message: `before there is a log: ${redacted}` }),
      expect.objectContaining({ ...standIn, message: `once there is one: ${redacted}` }),
      expect.objectContaining({ name: 'Warning', message: expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED') }),
    ]),
  );
  const messages = told.map(({ message }) => message);
  expect(new Set(messages).size).toBe(messages.length);
});

test('no warning is logged where Node.js or the log is silenced', async () => {
  const warns = `--require=${await file('warns.cjs', WARNS)}`;
  for (const more of [{ NODE_OPTIONS: `${warns} --no-warnings` }, { NODE_OPTIONS: warns, LOG_LEVEL: 'error' }]) {
    const { code, err } = await terminal.type(['check'], { ...UNWISE, ...more });
    expect({ code, err }).toEqual({ code: 1, err: '' });
  }
});
