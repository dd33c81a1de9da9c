// `atlas-conns lint` as a real process: its inputs, options, exit codes, and a real pseudo-terminal.

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended } from '../e2e/terminal.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const SECRET = 'hunter7788';
const GOOD = `mongodb+srv://anna:${SECRET}@cluster0.ab1cd.mongodb.net/?appName=web&maxIdleTimeMS=60000`;
const BAD = `mongodb+srv://anna:p@${SECRET}@cluster0.ab1cd.mongodb.net/?retryWrites=True`;

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-'));
  const env = `# a comment\nMONGODB_URI="${GOOD}"\nOTHER=1\nREPORTING_MONGO_URL=${BAD}\nMAIL=me@example.com\n`;
  await writeFile(join(directory, 'app.env'), env);
  await writeFile(join(directory, 'none.env'), 'A=1\n');
});
afterAll(() => rm(directory, { recursive: true }));

/** Checks, too, that the secret does not come out. */
async function typed(
  argv: readonly string[],
  given: { readonly text?: string; readonly env?: Record<string, string> } = {},
) {
  const child = spawn(process.execPath, [MAIN, 'lint', ...argv], {
    cwd: directory,
    env: given.env ?? {},
    stdio: 'pipe',
  });
  child.stdin.end(given.text ?? '');
  const said = await ended(child);
  expect(said.out + said.err).not.toMatch(/hunt|nter7|7788/);
  return said;
}

test('standard input is one string, and the exit code says whether it has errors', async () => {
  expect(await typed([], { text: `${GOOD}\n` })).toMatchObject({ code: 0, err: '' });
  const { code, out } = await typed(['--driver', 'node'], { text: `export URI='${BAD}'\n` });
  expect(code).toBe(1);
  const [error = -1, info = -1, corrected = -1] = ['userinfo-unescaped', 'surrounding-text', 'Corrected:'].map((word) =>
    out.indexOf(word),
  );
  expect([error >= 0, error < info, info < corrected]).toEqual([true, true, true]);
  expect(out).toContain(
    '\n  mongodb+srv://<user>:<password>@cluster0.ab1cd.mongodb.net/?retryWrites=true&appName=<application>\n',
  );
  expect(out).toMatch(/maxPoolSize +100 +100 +default/);
});

test('a string that is corrected nowhere is not printed again', async () => {
  const { code, out } = await typed([], {
    text: 'mongodb+srv://<user>:<password>@c0.ab1cd.mongodb.net/?appName=web\n',
  });
  expect(code).toBe(1);
  expect(out).toMatch(/Here they\s+may\s+stay\s+out\./);
  expect(out).not.toMatch(/Corrected|<user>/);
  expect(out).toMatch(/^Connection string: 1 error and 1 note\n.*\nnote +pool-no-idle-limit\n/s);
});

test('the empty string is a string without a scheme', async () => {
  const { code, out } = await typed(['--json']);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    valid: false,
    hosts: [],
    repaired: null,
    findings: [{ id: 'scheme-invalid' }],
  });
});

test('variables and files give one JSON object a string, each on one line', async () => {
  const named = await typed(['--json', '--env', 'ONE', 'TWO'], { env: { ONE: GOOD, TWO: BAD } });
  const fromFile = await typed(['--json', '--file', 'app.env']);
  for (const [{ code, out, err }, names] of [
    [named, ['ONE', 'TWO']],
    [fromFile, ['MONGODB_URI', 'REPORTING_MONGO_URL']],
  ] as const) {
    expect({ code, err }).toEqual({ code: 1, err: '' });
    const objects = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(objects.map(({ schema, variable, valid }) => [schema, variable, valid])).toEqual([
      ['atlas-conns/lint/1', names[0], true],
      ['atlas-conns/lint/1', names[1], false],
    ]);
  }
});

test('a string as the argument is linted with a warning about the history of the shell', async () => {
  const { code, out, err } = await typed([GOOD, '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    hosts: ['cluster0.ab1cd.mongodb.net'],
    options: { appName: 'web', maxIdleTimeMS: 60_000 },
  });
  expect(err).toContain('history');
});

test('instances and a limit add whether full pools fit', async () => {
  const ids = async (limit: string) => {
    const { out } = await typed(['--json', '--instances', '40', '--limit', limit, '--reserved', '10'], { text: GOOD });
    return JSON.parse(out).findings.map(({ id }: { readonly id: string }) => id);
  };
  expect(await ids('1500')).toContain('pool-over-limit');
  expect(await ids('5000')).not.toContain('pool-over-limit');
});

test.each([
  [['--driver', 'nodee'], 'Did you mean node?'],
  [['--instances', '4'], '--instances needs --limit or --cluster'],
  [['--limit', '4'], '--limit needs --instances'],
  [['--cluster', 'prod'], '--cluster needs --instances'],
  [['--reserved', '4'], '--reserved needs --instances'],
  [['--instances', '4', '--limit', '4', '--cluster', 'prod'], '--limit and --cluster exclude each other'],
  [['--instances', '4', '--cluster', 'prod'], 'MONGODB_URI'],
  [['--instances', 'x', '--limit', '3'], 'whole number'],
  [['--instances', '0', '--limit', '3'], 'whole number from 1'],
  [['--driver', SECRET], 'The value of --driver is not valid'],
  [['--driver', `bob:${SECRET}@cluster0`], 'The value of --driver is not valid'],
  [[`--limit=${SECRET}`, '--instances', '4'], 'The value of --limit is not valid'],
  [['--instances', SECRET, '--limit', '3'], 'The value of --instances is not valid'],
  [['--reserved', SECRET], 'The value of --reserved is not valid'],
  [['--env', 'MISSING'], 'The variable MISSING is not set'],
  [['--env', GOOD], 'is no name of a variable'],
  [['--file', 'nowhere.env'], 'nowhere.env'],
  [['--file', 'none.env'], 'has no variable that looks like a connection string'],
  [['--file', 'app.env', '--env', 'HOME'], 'exclude one another'],
  [[GOOD, `--password=${SECRET}`], 'does not know one of the options'],
  [[GOOD, `-p${SECRET}`], 'does not know one of the options'],
  [[GOOD, SECRET], 'lint takes one string'],
])('wrong options end with exit code 2: %#', async (argv, words) => {
  const { code, out, err } = await typed(argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(words);
});

test('on a terminal the question hides what is typed, and Ctrl-C ends it', async () => {
  const command = `'${process.execPath}' '${MAIN}' lint --json`;
  const ask = async (typedText: string) => {
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: directory,
      env: { PATH: process.env['PATH'] ?? '' },
      stdio: 'pipe',
    });
    child.stdout.on('data', (chunk) => {
      if (String(chunk).includes('not shown')) child.stdin.write(typedText);
    });
    return ended(child);
  };
  const { code, out } = await ask(`${BAD}\r`);
  expect(out).not.toMatch(/hunt|nter7|7788/);
  expect(out).toContain('"id":"userinfo-unescaped"');
  expect(code).toBe(1);
  const stopped = await ask(`mongodb://u:${SECRET}\u0003`);
  expect(stopped.out).not.toMatch(/hunt|nter7|7788|findings/);
  expect(stopped.code).toBe(130);
});
