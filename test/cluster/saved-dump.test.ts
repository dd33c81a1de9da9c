// Saved readings in the shapes that people have at hand: the figures that must come of them.

import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { BSON } from 'mongodb';
import { expect, test } from 'vitest';
import { readSaved } from '../../src/cluster/saved-dump.ts';
import type { ConnectionGroup } from '../../src/core/connections/reading.ts';
import { UserError } from '../../src/errors.ts';
import { piecesOf } from '../../src/files.ts';

const fixtures = new URL('../fixtures/', import.meta.url);
const found = new URL('found/dumps/', fixtures);
const recorded = () => readFile(new URL('currentop/primary.json', fixtures), 'utf8');
const read = (text: string, host?: string) =>
  readSaved({ name: 'f', pieces: [text], ...(host === undefined ? {} : { host }) });
const { signal } = new AbortController();
const textOf = (name: string) => piecesOf(new URL(name, found).pathname, { signal, limit: 2 ** 20 });

/** `client app user activity` of every group, as often as it counts. */
function rowsOf(groups: readonly ConnectionGroup[]): readonly string[] {
  return groups
    .flatMap(({ client, app, user, activity, count }) => Array(count).fill(`${client} ${app} ${user} ${activity}`))
    .sort();
}

const BASE = [
  '10.20.4.17 core core@admin idle',
  '198.51.100.7 batch batch@admin operation',
  '203.0.113.9 shop shop@admin idle',
  '[2001:db8:40::9] office ana@admin idle',
  '[::ffff:198.51.100.9] mapped m@admin idle',
];
const REAL = [
  '127.0.0.1 billing null heartbeat',
  '127.0.0.1 billing root@admin idle',
  '127.0.0.1 billing root@admin idle',
  '127.0.0.1 billing root@admin operation',
  '127.0.0.1 reader null heartbeat',
  '127.0.0.1 reader root@admin operation',
];
const FOUND: Readonly<Record<string, readonly string[]>> = {
  'base-dump.json': BASE,
  'base-dump.json.gz': BASE,
  'utf8-bom.json': BASE,
  'powershell-redirect-utf16le-bom.json': BASE,
  'legacy-mongo-shell-print-4.2.js.txt': ['10.20.4.17 null null operation'],
  'mongos-client_s-with-clientMetadata.mongos.json': [
    '10.20.9.9 shop __system@local operation',
    '10.20.9.9 shop shop@admin idle',
  ],
  'mongosh-JSON.stringify-with-clusterTime.json': [
    '203.0.113.9 shop shop@admin idle',
    '203.0.113.9 shop shop@admin operation',
  ],
  'mongosh-banner-then-json.txt': ['203.0.113.9 shop shop@admin idle'],
  'mongosh-print-inprog.js.txt': ['203.0.113.9 shop shop@admin operation'],
  'odd-client-addresses.json': [
    ' empty null idle',
    '(NONE) none null idle',
    '/tmp/mongodb-27017.sock sock null idle',
    '0.0.0.0 null null idle',
    '203.0.113.009 zeros null idle',
    '203.0.113.9 active 0 null idle',
    '203.0.113.9 active as text null idle',
    '64:ff9b::203.0.113.9 nat64 null idle',
    '::ffff:203.0.113.9 mapped bare null idle',
    '[2001:0DB8:0040:0000:0000:0000:0000:0009] =HYPERLINK("http://x") null idle',
    '[::ffff:cb00:7109] mapped hex null idle',
    '[fe80::1%eth0] zone null idle',
    'anonymous unix socket anon null idle',
    'ip-10-20-3-4.eu-west-1.compute.internal name null idle',
  ],
  'pymongo-json_util-legacy.json': ['203.0.113.9 shop null operation'],
  'real-6.0.5-EJSON-relaxed.json': REAL,
  'real-6.0.5-JSON.stringify.json': REAL,
  'redacted-extended-json.json': ['203.0.113.9 shop shop@admin operation'],
  'runCommand-cursor-firstBatch.json': ['203.0.113.9 shop shop@admin idle'],
  'several-inprog-lines.json': ['203.0.113.9 null null idle', '203.0.113.9 null null idle'],
};

test('every file that was found has its figures here', () => {
  expect(Object.keys(FOUND).sort()).toEqual(readdirSync(found).sort());
});

test.each(Object.entries(FOUND))('%s: every connection, once', async (name, rows) => {
  const { nodes, problems } = await readSaved({ name, pieces: textOf(name) });
  expect(rowsOf(nodes.flatMap(({ groups }) => groups))).toEqual(rows);
  expect(problems.map(({ code }) => code)).toEqual(name.startsWith('mongos-') ? ['saved-through-mongos'] : []);
});

test.each(Object.keys(FOUND))('%s: wherever the text is parted, the reading is the same', async (name) => {
  let text = '';
  for await (const piece of textOf(name)) text += piece;
  const expected = await readSaved({ name, pieces: [text] });
  for (const size of [1, 7, 100, 1_000]) {
    const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
      text.slice(at * size, (at + 1) * size),
    );
    expect(await readSaved({ name, pieces })).toEqual(expected);
  }
});

test('an array, replies, and documents in any order and form are the same reading', async () => {
  const text = await recorded();
  const documents: readonly object[] = BSON.EJSON.parse(text);
  const json = (value: unknown, relaxed = true) => BSON.EJSON.stringify(value, { relaxed });
  const expected = await read(text);
  expect(expected).toMatchObject({
    nodes: [{ kind: 'read', host: 'mongo1.example.net:28101', current: null, idleUsersTold: true }],
    problems: [],
  });
  const [first, ...others] = documents;
  const done = { $numberLong: '0' };
  const shapes = [
    `\uFEFF${text}`,
    json({ inprog: documents, ok: 1 }),
    json({ ok: 1, operationTime: 5, inprog: documents }, false),
    json(documents, false),
    JSON.stringify(documents, null, 2),
    documents.map((document) => json(document)).join('\n'),
    `${documents.map((document) => json(document, false)).join('\r\n\n')}\n`,
    documents.map((document) => JSON.stringify(document, null, '\t')).join(',\n'),
    documents.map((document, at) => `/* ${at + 1} */\n${json(document)}`).join('\n\n'),
    json({ cursor: { id: 0, ns: 'admin.$cmd.aggregate', firstBatch: documents }, ok: 1 }, false),
    `${json({ cursor: { firstBatch: [first], id: BSON.Long.fromNumber(7) }, ok: 1 })}\n${json({ cursor: { nextBatch: others, id: done } })}`,
    json([{ inprog: [first] }, { inprog: others }]),
    json([[first], others]),
    `${json([first])}\n${json({ inprog: others })}`,
    `rs0:PRIMARY> db.aggregate([{$currentOp: {\n... allUsers: true}}])\n${json(documents)}\nrs0:PRIMARY> exit\nbye\n`,
    `Enterprise rs0 [direct: primary] test> ${json(documents)}\nEnterprise rs0 [direct: primary] test> `,
    `MongoDB shell version v4.2.8\nImplicit session: session { "id" : UUID("1") }\n2026-01-01T00:00:00.000+0000 I  [js] x\n---\n${json(documents)}`,
    // Without their ends.
    text
      .replaceAll('}', ',}')
      .replaceAll(/,+\s*,\}/g, ',}')
      .replaceAll('{,}', '{}'),
  ];
  for (const shape of shapes) expect(await read(shape)).toEqual(expected);
});

test.each(
  [
    `ISODate("2026-02-11T00:00:00Z")`,
    `new Date(1600245392671)`,
    `2026-02-11T00:00:00.000Z`,
    `Timestamp({ t: 1765308820, i: 1 })`,
    `Timestamp(1567974058, 1)`,
    `NumberDecimal("1.5")`,
    `Decimal128('1.5')`,
    `BinData(0, "AAAA")`,
    `HexData(0, "00")`,
    `Binary.createFromBase64('AAAA', 0)`,
    `Binary(Buffer.from("00", "hex"), 0)`,
    `Uint8Array(2) [ 1, 2 ]`,
    `Long { low: 5, high: 0, unsigned: false }`,
    `[Object: null prototype] { a: 1 }`,
    `[Function: sleep]`,
    `[Object]`,
    `[ 1, 2, ... 98 more items ]`,
    `{ a: [Array], ... }`,
    `DBRef("users", ObjectId("5d7556ab1f2c4d0017a1b2c3"))`,
    `UUID('2b1f6f1e-5a77-4c8c-9c7e-0d9f5f3a1b2c')`,
    `MinKey`,
    `MaxKey()`,
    `undefined`,
    `[ NaN, -Infinity, +1, .5, 1e9, 0x1f, 10n ]`,
    `/^a[/"'{]\\/b/im`,
    `/* } */ { a /* ] */ : 1 } // }\n`,
    `function (x) { return "}" + '{' + x.a / 2; }`,
    `Code('function() {}')`,
    `'it\\'s' +\n 'two \\x41\\u{1F600}lines'... 5 more characters`,
    '`both " and \'`',
    `{ $oid: '###', "$date": "###", '$binary': "###", __proto__: { client: 1 }, constructor: 1 }`,
    `{ "$numberLong": "###" }`,
    `datetime.datetime(2026, 2, 11, 0, 0, tzinfo=datetime.timezone.utc)`,
    `datetime.datetime(2026, 2, 11, 0, 0, tzinfo=FixedOffset(datetime.timedelta(0), 'UTC'))`,
    `{'a': b'\\x00\\'', 'b': Binary(b"x", 4), 'c': None, 'd': Int64(5), 'e': Regex('a', 2)}`,
    `${'{"a":'.repeat(150)}1${'}'.repeat(150)}`,
  ].map((literal) => [literal.slice(0, 40), literal] as const),
)('%s anywhere in a command makes no document unreadable', async (_, literal) => {
  const text = `{ host: 'a:1', client: '10.0.0.1:1', command: { find: 'x', filter: ${literal} }, extra: ${literal},\n active: true, appName: 'shop' }`;
  for (const shape of [text, `[ ${text}, ]`]) {
    const { nodes, problems } = await read(shape);
    expect(rowsOf(nodes[0]?.groups ?? [])).toEqual(['10.0.0.1 shop null operation']);
    expect(problems).toEqual([]);
  }
});

test.each([
  ['true', 'operation'],
  ['1', 'operation'],
  ['{"$numberInt":"1"}', 'operation'],
  ['NumberLong(1)', 'operation'],
  ['false', 'idle'],
  ['"false"', 'idle'],
  ['null', 'idle'],
  ['{"$numberInt":"0"}', 'idle'],
  ['{"$numberLong":"0"}', 'idle'],
  ['{"$numberDouble":"0.0"}', 'idle'],
  ['{"low":0,"high":0,"unsigned":false}', 'idle'],
  ["Long('0')", 'idle'],
  ['True', 'operation'],
  ['False', 'idle'],
  ['None', 'idle'],
  ['Int64(1)', 'operation'],
  ['NumberInt(0)', 'idle'],
  ['new Double(0)', 'idle'],
])('active: %s is %s', async (active, activity) => {
  const { nodes } = await read(`{ host: "a:1", client: "10.0.0.1:1", active: ${active} }`);
  expect(nodes[0]?.groups).toMatchObject([{ activity }]);
});

test('documents are grouped by the node that they name; a given host takes precedence', async () => {
  const text = '[{"host":"a:1","client":"10.0.0.1:1"},{"host":"b:1","client":"10.0.0.2:1"}]';
  expect((await read(text)).nodes.map(({ host }) => host)).toEqual(['a:1', 'b:1']);
  expect(await read(text, 'c:1')).toMatchObject({ nodes: [{ host: 'c:1', groups: [{}, {}] }] });
});

test('monitors and pools are distinguished only where an idle connection has a user', async () => {
  const idle = (more: object) => JSON.stringify([{ host: 'a:1', client: '10.0.0.1:1', active: false, ...more }]);
  const told = async (text: string) => (await read(text)).nodes[0]?.idleUsersTold;
  expect(await told(idle({ effectiveUsers: [{ user: 'app', db: 'admin' }] }))).toBe(true);
  expect(await told(idle({}))).toBe(false);
  expect(await told(idle({ effectiveUsers: [{ user: '__system', db: 'local' }] }))).toBe(false);
});

const ONE = '{"host":"a:1","client":"10.0.0.1:1"}';

test.each([
  ['items', `[ ${ONE},\n ... 3 more items ]`, 2],
  ['a document', `[ ${ONE},\n [Object] ]`, 2],
  ['batches of the shell', `${ONE}\nType "it" for more\ntest> `, 2],
  ['batches of the cursor', `\n{ "cursor": { "firstBatch": [ ${ONE} ], "id": NumberLong("77") }, "ok": 1 }`, 2],
  ['the driver', `[ { host: 'a:1', client: '10.0.0.1:1', clientMetadata: { driver: [Object] } } ]`, 1],
  ['users', `[ { host: 'a:1', client: '10.0.0.1:1', effectiveUsers: [ [Object] ] } ]`, 1],
])('%s that were not printed are a problem, with the command that prints all', async (_, text, line) => {
  const { nodes, problems } = await read(text);
  expect(rowsOf(nodes[0]?.groups ?? [])).toHaveLength(1);
  expect(problems).toMatchObject([{ code: 'saved-dump-cut', remedy: expect.stringContaining('localOps: true') }]);
  expect(problems[0]?.text).toContain(`f is incomplete: its output is shortened at line ${line}, column `);
});

test('a reading through a mongos without localOps is a problem; with localOps it is an ordinary one', async () => {
  const { problems } = await read(`[{"host":"s:1","client_s":"10.0.0.1:1","shard":"s"},{"host":"s:1","desc":"x"}]`);
  expect(problems).toMatchObject([{ code: 'saved-through-mongos', remedy: expect.stringContaining('localOps: true') }]);
  expect((await read(ONE)).problems).toEqual([]);
});

test.each(
  [
    ['', 'f is empty.'],
    [' \n\uFEFF', 'f is empty.'],
    ['[]', 'f contains no $currentOp documents.'],
    ['{"inprog":[],"ok":1}', 'f contains no $currentOp documents.'],
    ['{"a":1}', 'f, line 1, column 1: this is not a $currentOp document.'],
    ['[{"type":"op","desc":"x"}]', 'f, line 1, column 2: the document does not say which node it is from.'],
    ['{"inprog":[{"host":"a:1","desc":"x"},7]}', 'f, line 1, column 38: this is not a $currentOp document.'],
    ['{"ok":0,"errmsg":"not authorized","code":13}', 'f, line 1, column 1: this is a server error, not a result.'],
    ['{"host":"a:1","desc":"x"}\n{"host":', 'f, line 2, column 9: the file ends in the middle of a value.'],
    ['[{"host":"a:1",\n  oops', 'f, line 2, column 7: the file ends in the middle of a value.'],
    ['[{"host":"a:1",\n  oops secret', 'f, line 2, column 8: "secret" is not expected.'],
    ['[{"host": secret other', 'f, line 1, column 11: "secret" is not expected.'],
    ['[{"host":"secret\n"}]', 'f, line 1, column 10: a text without a closing quote begins.'],
    ['"host":"a:1","client":"secret"}', 'f, line 1, column 1: "\\"" is not expected.'],
    ["client: 'secret',\n}", 'f, line 1, column 1: "client" is not expected.'],
    [`${ONE}\n}`, 'f, line 2, column 1: "}" is not expected.'],
    [`[${ONE} ${ONE}]`, 'f, line 1, column 39: "{" is not expected.'],
    ['hello\nsecret', 'f, line 1, column 1: this is neither JSON nor what a shell prints.'],
    ['\u0000\u0001', 'f, line 1, column 1: "\\u0000" is not expected.'],
    ['['.repeat(50), 'f, line 1, column 22: arrays and replies are nested too deeply.'],
    [`{"host":${'['.repeat(100_000)}`, 'f, line 1, column 1009: a value is nested deeper than 1000 levels.'],
    [`{"host":${'{"a":'.repeat(100_000)}`, 'f, line 1, column 5009: a value is nested deeper than 1000 levels.'],
    [`{"host":${'f('.repeat(100_000)}`, 'f, line 1, column 2010: a value is nested deeper than 1000 levels.'],
    [`{"host":/*${ONE}`, 'f, line 1, column 9: a comment without an end begins.'],
    [`${'x'.repeat(70_000)}`, 'f, line 1, column 1: a line without an end begins.'],
    [`hello\n`.repeat(1_001), 'f, line 1001, column 1: these are more than 1000 lines without a document.'],
  ].map(([text = '', message = '']) => [message, text] as const),
)('%s is said of what is refused, and nothing else of the file', async (message, text) => {
  const error: unknown = await read(text).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UserError);
  if (!(error instanceof UserError)) return;
  expect(error.message).toBe(message);
  expect(error.remedy).toContain(message.includes('which node') ? '--from HOST=f' : 'localOps: true');
});

test('an endless value is refused in linear time', async () => {
  let asked = 0;
  function* endless(first: string, more: string): Iterable<string> {
    yield first;
    for (; asked < 10_000; asked++) yield more;
  }
  const pieces = endless('[{"host":"', 'x'.repeat(2 ** 18));
  await expect(readSaved({ name: 'f', pieces })).rejects.toThrow(/begins that has no end, or is longer than 64 MiB/);
  expect(asked).toBeLessThan(600);
});

const ESC = '\u001b';

test('what a terminal recorded is read without its colours, titles and moves, wherever it is parted', async () => {
  const printed = await readFile(new URL('mongosh-print-inprog.js.txt', found), 'utf8');
  const coloured = printed
    .replaceAll(/'[^'\n]*'/g, (word) => `${ESC}[32m${word}${ESC}[39m`)
    .replaceAll('true', `${ESC}[38;5;208mtrue${ESC}[0m`);
  const session = [
    'Script started on 2026-11-30 10:00:00+00:00 [TERM="xterm-256color" COLUMNS="120"]',
    `${ESC}[?2004h${ESC}]0;mongosh mongodb://localhost\u0007test> ${ESC}[1Gtest> db${ESC}[0K.currentOp(true)${ESC}[?2004l`,
    coloured,
    `${ESC}]0;mongosh${ESC}\\${ESC}(B${ESC}=test> exit`,
    'Script done on 2026-11-30 10:00:09+00:00 [COMMAND_EXIT_CODE="0"]',
  ].join('\r\n');
  const expected = await read(printed);
  for (const text of [coloured, session]) {
    expect(await read(text)).toEqual(expected);
    for (const size of [1, 7, 100]) {
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
        text.slice(at * size, (at + 1) * size),
      );
      expect(await readSaved({ name: 'f', pieces })).toEqual(expected);
    }
  }
  await expect(read(`[{"host":"a:1",${ESC}`)).rejects.toThrow('is not expected');
});

test('a reading between the fences of an issue is read', async () => {
  const { nodes, problems } = await read(`Here is ours:\n\n\`\`\`json\n${ONE}\n\`\`\`\nThanks!\n`);
  expect(rowsOf(nodes[0]?.groups ?? [])).toHaveLength(1);
  expect(problems).toEqual([]);
});

test.each([
  'MongoServerError: not authorized on admin to execute command { aggregate: 1 }',
  'MongoServerError[Unauthorized]: not authorized on admin',
  'Uncaught:\nMongoServerError: $currentOp is not allowed in this atlas tier',
  'MongoNetworkError: connect ECONNREFUSED 127.0.0.1:27017',
  'test> db.currentOp()\nMongoServerError: not authorized on admin',
])('%s is reported as a shell error', async (text) => {
  await expect(read(`${text}\n`)).rejects.toThrow('this is a shell error, not a result.');
});

test('a file that was cut within a name ends in the middle of a value', async () => {
  for (const text of ['[{"host":"a:1","active":tru', '[{host:"a:1", id: Binary', '[{host: UUID\n'])
    await expect(read(text)).rejects.toThrow('the file ends in the middle of a value.');
});

test('several readings of one node in one file are a problem; batches, nodes and threads are none', async () => {
  const one = '{"host":"a:1","client":"10.0.0.1:1","connectionId":41}';
  const { problems } = await read(`{"inprog":[${one}]}\n{"inprog":[${one.replace('41', '{"$numberLong":"41"}')}]}`);
  expect(problems).toMatchObject([{ code: 'saved-twice' }]);
  expect(problems[0]?.text).toMatch(/^f, line 2, column 12: a connection of a:1 is in the file for the second time\./);
  const others = [one, one.replace('a:1', 'b:1'), one.replace('41', '42'), '{"host":"a:1","desc":"x"}'];
  expect((await read([...others, '{"host":"a:1","desc":"x"}'].join('\n'))).problems).toEqual([]);
  expect((await read(others.join('\n'), 'named:1')).problems).toEqual([]);
});
