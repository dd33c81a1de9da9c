// The log: levels, form, and no secret in any line.

import { expect, test } from 'vitest';
import { createLog } from '../src/log.ts';

async function recorded(options: { level?: string; pretty?: boolean } = {}) {
  const lines: string[] = [];
  const log = await createLog({
    level: options.level ?? 'info',
    pretty: options.pretty ?? false,
    now: () => new Date('2026-11-21T10:00:00Z'),
    write: (line) => lines.push(line),
  });
  return { log, lines };
}

test('a line is JSON with time, level, fields and message', async () => {
  const { log, lines } = await recorded();
  log.info({ cluster: 'prod', tookMs: 12 }, 'cluster read');
  log.debug({}, 'not at this level');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: 30, time: '2026-11-21T10:00:00.000Z', cluster: 'prod', tookMs: 12, msg: 'cluster read' },
  ]);
  expect(lines[0]?.endsWith('}\n')).toBe(true);
});

test('lines during a task have its fields, whatever runs beside it', async () => {
  const { log, lines } = await recorded();
  const said = async (cluster: string) => {
    await new Promise(setImmediate);
    log.info({ cluster }, 'cluster read');
  };
  await Promise.all([
    log.during({ request: 'A' }, () => said('prod')),
    log.during({ request: 'B' }, () => log.during({ part: 1 }, () => said('reports'))),
    said('staging'),
  ]);
  log.info({}, 'later');
  const fields = lines.map((line) => JSON.parse(line)).map(({ level: _, time: __, ...rest }) => rest);
  expect(fields).toEqual([
    { request: 'A', cluster: 'prod', msg: 'cluster read' },
    { request: 'B', part: 1, cluster: 'reports', msg: 'cluster read' },
    { cluster: 'staging', msg: 'cluster read' },
    { msg: 'later' },
  ]);
});

test('for a person the line is no JSON', async () => {
  const { log, lines } = await recorded({ pretty: true });
  log.warn({ cluster: 'prod' }, 'cluster read in part');
  expect(lines[0]).toMatch(/WARN.*cluster read in part/);
  expect(lines[0]).toContain('cluster: "prod"');
});

test.each([false, true])('a secret is redacted wherever it stands (pretty: %s)', async (pretty) => {
  const { log, lines } = await recorded({ pretty });
  const secrets = ['hunter22', 'with "quotes" \\ and more', 'p@ss word'];
  log.hide(secrets.slice(0, 1));
  log.hide(secrets.slice(1));
  const inner = new Error(`refused hunter22`, { cause: new Error(secrets[1]) });
  log.error(
    { err: inner, nested: { deep: [secrets[1]] }, url: `https://x/?q=${encodeURIComponent('p@ss word')}` },
    'no',
  );
  log.info({ hunter22: 1 }, `say ${secrets[2]}`);
  const all = lines.join('');
  expect(lines).toHaveLength(2);
  expect(all.match(/\[redacted\]/g)?.length).toBeGreaterThanOrEqual(5);
  expect(all).not.toMatch(/hunter22|quotes|p@ss|p%40ss/);
});

test('credentials in a connection string are redacted even if they are not configured', async () => {
  const { log, lines } = await recorded();
  log.info({ uri: 'mongodb+srv://user:un@escaped/pass@cluster0.abcde.mongodb.net/db' }, 'x');
  expect(JSON.parse(lines[0] ?? '').uri).toBe('mongodb+srv://[redacted]@cluster0.abcde.mongodb.net/db');
  expect(log.redact('mongodb://u:p@a:1,b:2/?x=1 and more')).toBe('mongodb://[redacted]@a:1,b:2/?x=1 and more');
});

test.each([
  [
    'an apostrophe in the password',
    "mongodb://anna:it's5ecret@h.example.com/x",
    'mongodb://[redacted]@h.example.com/x',
  ],
  ['angle brackets in it', 'mongodb://anna:se<cr>et1@h.example.com', 'mongodb://[redacted]@h.example.com'],
  ['a quote in it', 'mongodb://anna:se"cret1@h.example.com', 'mongodb://[redacted]@h.example.com'],
])('%s does not let it out', async (_, uri, shown) => {
  const { log, lines } = await recorded();
  log.info({ uri, said: `no cluster "${uri}"` }, 'x');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ uri: shown, said: `no cluster "${shown}"` });
});

test.each([false, true])('what moves a terminal or turns a line around is spelled out (pretty: %s)', async (pretty) => {
  const { log, lines } = await recorded({ pretty });
  const hostile = 'a\u001b[2Jb\u009b31mc\u202ed\u0000';
  log.error({ app: hostile, err: new Error(hostile) }, 'no');
  const shown = lines.join('');
  expect(shown).not.toMatch(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u);
  expect(shown).toMatch(/a\\u001b\[2Jb\\u009b31mc\\u202ed/);
  if (!pretty) expect(JSON.parse(shown).app).toBe(hostile);
});

test.each(['true', 'null', '1234', 'msg', 'level', '":12', 'a": "b', '},{"', 'name'])(
  'a line stays JSON, and no text of it holds the secret %j',
  async (secret) => {
    const { log, lines } = await recorded();
    log.hide([secret]);
    log.info({ port: 51234, is: true, no: null, text: `x ${secret} y` }, `a "${secret}" b`);
    const { port, is, no, text, msg } = JSON.parse(lines[0] ?? '');
    const shown = secret.length < 4 ? secret : '[redacted]';
    log.info({}, '\name');
    expect(JSON.parse(lines[1] ?? '').msg).toBe('\name');
    expect({ port, is, no, text, msg }).toEqual({
      ...{ port: 51234, is: true, no: null },
      ...{ text: `x ${shown} y`, msg: `a "${shown}" b` },
    });
  },
);

test.each(['password', 'wrong', 'prod', 'admin', 'cluster', 'refuses', 'Atlas'])(
  'the secret "%s" is hidden as a value, and stays a word of our own sentences',
  async (secret) => {
    const { log, lines } = await recorded();
    log.hide([secret]);
    const sentence = `Atlas refuses the wrong password of the prod admin (cluster). Set ${secret}: it is ${secret}.`;
    log.warn({ problem: sentence, cluster: secret, user: `the ${secret} one` }, `cluster refuses admin ${secret}`);
    const said = JSON.parse(lines[0] ?? '');
    expect(said).toMatchObject({
      problem: sentence,
      cluster: '[redacted]',
      user: 'the [redacted] one',
      msg: `cluster refuses admin ${secret}`,
    });
    for (const value of [`"${secret}"`, `pwd=${secret}`, `password: ${secret}`, `u:${secret}@h`, `x${secret}`, secret])
      log.warn({ problem: `It says ${value}`, remedy: value }, 'x');
    for (const line of lines.slice(1)) {
      const { problem, remedy } = JSON.parse(line);
      if (remedy !== '[redacted]') expect(problem).toContain('[redacted]');
      expect(remedy).toContain('[redacted]');
    }
    log.error({ err: new Error(`refused ${secret} today`) }, 'x');
    expect(JSON.parse(lines.at(-1) ?? '').err.message).toBe('refused [redacted] today');
  },
);

test.each(['hunter2', 'pass-word', 'pa ss', 'correct horse'])(
  'the secret "%s" is no word, so no sentence shows it',
  async (secret) => {
    const { log, lines } = await recorded();
    log.hide([secret]);
    log.warn({ problem: `It is ${secret} here.` }, `a ${secret} b`);
    expect(lines[0]).not.toContain(secret);
  },
);

test('a value shorter than four characters is not redacted', async () => {
  const { log } = await recorded();
  log.hide(['abc', '']);
  expect(log.redact('abc')).toBe('abc');
});

test('a line of many megabytes is written, and no password in it', async () => {
  const { log, lines } = await recorded();
  log.info({ uri: `${'mongodb://'.repeat(1_000_000)}hunter22@h.example.com` }, 'x');
  expect(JSON.parse(lines[0] ?? '').uri).toBe('mongodb://[redacted]@h.example.com');
});
