// Connection strings that people give the linter in Slack, in many broken shapes: no piece of a secret is in anything
// that the bot says, logs, counts, keeps or dies with.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type RunningBot, startBot } from '../sandbox/demo/bot.ts';
import { freePort } from '../sandbox/free-port.ts';
import { type StandInProject, startProject } from '../sandbox/project.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import { startSlack } from '../sandbox/slack/server.ts';
import { answerTo, OPS, type Slack } from '../slack/bot-fixture.ts';
import { blockOf, openForm, option, send, string } from '../slack/insight/lint-fixture.ts';

const DIRECT = 'D0000ANNA1';
let directory: string;
let project: StandInProject;
let slack: Slack;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-lint-secrets-'));
  [project, slack] = await Promise.all([startProject(), startSlack()]);
});
afterAll(async () => {
  await Promise.all([slack?.close(), project?.close()]);
  await rm(directory, { recursive: true });
});

const LETTERS = 'qxzjvkw';
const DIGITS = '2345679';
/** In each piece, so that no id of the log has one by chance. */
const TILDE = '~';
const WINDOW = 4;

/** Letter and digit in turn: no word, no figure and no id of anything else has four characters of it. */
function secret(random: () => number, length = 14): string {
  const pick = (from: string) => from[Math.floor(random() * from.length)] ?? '';
  return Array.from({ length }, (_, at) => pick([LETTERS, DIGITS, TILDE][at % 3] ?? '')).join('');
}

/** The same in every run, so that a failure is found again. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Pieces of four characters of a secret that a text has, whatever their case. */
function piecesIn(text: string, secrets: readonly string[]): readonly string[] {
  const lower = text.toLowerCase();
  const pieces = secrets.flatMap((one) =>
    Array.from({ length: one.length - WINDOW + 1 }, (_, at) => one.slice(at, at + WINDOW)),
  );
  return pieces.filter((piece) => lower.includes(piece));
}

const HOST = 'c0.ab1cd.mongodb.net';
/** U and P stand for a user and a password. */
const SHAPES = [
  `mongodb+srv://U:P@${HOST}/shop?retryWrites=false`,
  `mongodb+srv://U:P@x/y?z#w@${HOST}/`,
  `mongodb+srv://U:P@P@${HOST}/?w=majority&appName=web`,
  `mongodb://U:P@a.example.com:P,b.example.com/?replicaSet=rs0`,
  `mongodb://U:P`,
  `mongodb://<U>:<P>@${HOST}/?maxPoolSize=0`,
  `mongodb://${HOST}/?user=U&password=P&tlsCertificateKeyFilePassword=P`,
  `mongodb://U:%2@${HOST}/?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:P`,
  `mongodb://${HOST}/?proxyHost=h&proxyUsername=U&proxyPassword=P;ssl=true`,
  `mongosh "mongodb+srv://${HOST}/" --username U --password P`,
  `MONGODB_URI='mongodb+srv://U:P@${HOST}/' API_KEY=P`,
  `mongodb://U:P@${HOST}/ mongodb://U:P@other.example.com/`,
  `mongodb+srv//U:P@${HOST}`,
  `mongo://U:P@${HOST}`,
  `mongodb://U:P@[::P]:27017/P.P?P=P`,
  `mongodb://U:P@${HOST}/&quot;P&amp;P`,
];
const WAYS = ['X', 'lint X', 'silence Billing 4h X', 'source "X" in prod', 'nodes lint X'];

interface Typed {
  readonly text: string;
  readonly secrets: readonly string[];
}

function typed(shape: string, random: () => number): Typed {
  const secrets: string[] = [];
  const text = shape.replace(/\b[UP]\b/g, () => {
    const one = secret(random);
    secrets.push(one);
    return one;
  });
  return { text, secrets };
}

/** What the bot said and did in Slack, and what a person's own messages are not. */
function shownBy(): string {
  const people = new Set(slack.people.map(({ id }) => id));
  const messages = [OPS, DIRECT].flatMap((channel) =>
    slack.messages(channel, ANNA.id).filter(({ user }) => !people.has(user)),
  );
  return JSON.stringify([messages, slack.calls, slack.modal(ANNA.id), slack.home(ANNA.id)]);
}

async function filesIn(data: string): Promise<string> {
  const names = await readdir(data, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  return (await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')))).join(
    '\n',
  );
}

async function run(env: Readonly<Record<string, string>> = {}) {
  const data = await mkdtemp(join(directory, 'data-'));
  const health = await freePort();
  const settings = { ATLAS_CONNS_DATA_DIR: data, LOG_LEVEL: 'trace', HEALTH_PORT: String(health) };
  const bot: RunningBot = await startBot({ project, slack, env: { ...settings, ...env } });
  onTestFinished(() => bot.close());
  const everything = async () => {
    const metrics = await fetch(`http://127.0.0.1:${health}/metrics`);
    return [...bot.log, shownBy(), await metrics.text(), await filesIn(data)].join('\n');
  };
  return { bot, everything };
}

test('by command, mention and direct message, whatever the first word is', async () => {
  const { everything } = await run();
  const random = dice(16);
  const secrets: string[] = [];
  const answers: string[] = [];
  for (const [at, shape] of SHAPES.entries()) {
    const one = typed(shape, random);
    secrets.push(...one.secrets);
    const text = (WAYS[at % WAYS.length] ?? '').replace('X', () => one.text);
    const acts = [
      [OPS, () => slack.command({ user: ANNA.id, channel: OPS, text })],
      [OPS, () => slack.say({ user: ANNA.id, channel: OPS, text: `@atlas-conns ${text}` })],
      [DIRECT, () => slack.say({ user: ANNA.id, channel: DIRECT, text })],
    ] as const;
    for (const [channel, act] of acts) {
      const answer = await answerTo(slack, act, { channel });
      expect(answer.ephemeralTo, text).toBe(ANNA.id);
      expect(answer.text, text).toMatch(/^(This string|The command was not carried out: )/);
      answers.push(JSON.stringify(answer));
    }
  }
  expect(piecesIn(await everything(), secrets)).toEqual([]);
  expect(answers.some((answer) => answer.includes(HOST))).toBe(true);
});

test('by the form: its answers, its errors, and the form that comes again', async () => {
  const { everything } = await run();
  const random = dice(17);
  const secrets: string[] = [];
  const seen: string[] = [];
  // Of the test before.
  slack.closeModal(ANNA.id);
  await slack.command({ user: ANNA.id, channel: OPS, text: 'lint' });
  for (const shape of SHAPES) {
    const { text, secrets: own } = typed(shape, random);
    secrets.push(...own);
    const form = await openForm(slack);
    const sent = await send(slack, { ...string(text), driver: option('node') });
    seen.push(JSON.stringify([form, sent.answer]));
    expect([sent.refused, sent.answer]).toMatchObject([null, { response_action: 'update' }]);
    await slack.press({ user: ANNA.id, message: null, actionId: 'lint_again' });
  }
  await openForm(slack);
  expect(piecesIn([...seen, await everything()].join('\n'), secrets)).toEqual([]);
  expect(seen.some((answer) => answer.includes('mongodb+srv://<user>:<password>@'))).toBe(true);
});

test('what fails over a string says where, and nothing of the string', async () => {
  // Loaded before the bot: it breaks what the linter calls, with the whole text in the words, as a defect would.
  const saboteur = `
    const { slice } = String.prototype;
    // The address of this module, which is in every stack, has its text.
    const linter = new RegExp(['core', 'lint'].join('.'));
    String.prototype.slice = function (...given) {
      if (this.includes('breaks.example.com') && linter.test(new Error().stack))
        throw Object.assign(new TypeError('lost ' + this), { input: String(this) });
      return slice.apply(this, given);
    };`;
  const { bot, everything } = await run({
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(saboteur)}`,
  });
  const { text, secrets } = typed('mongodb://U:P@breaks.example.com/', dice(18));
  const answer = await answerTo(slack, () => slack.command({ user: ANNA.id, channel: OPS, text }));
  expect(answer.text).toMatch(/Internal error \(reference \w+\)/);
  // Of the test before.
  slack.closeModal(ANNA.id);
  await slack.command({ user: ANNA.id, channel: OPS, text: 'lint' });
  const form = await openForm(slack);
  expect(blockOf(form, 'string')).toMatch(/^string /);
  await send(slack, string(text));
  expect(JSON.stringify(slack.modal(ANNA.id))).toContain('Internal error');
  const all = await everything();
  expect(bot.log.filter((line) => line.includes('The linter failed.')).length).toBe(2);
  expect(piecesIn(all, secrets)).toEqual([]);
});
