// Saved readings in the shapes that people have at hand.

import { readFile } from 'node:fs/promises';
import { BSON } from 'mongodb';
import { expect, test } from 'vitest';
import { readSaved } from '../../src/cluster/saved.ts';
import { UserError } from '../../src/errors.ts';

const recorded = () => readFile(new URL('../fixtures/currentop/primary.json', import.meta.url), 'utf8');

test('an array, inprog, and one document a line, relaxed or canonical, are the same reading', async () => {
  const text = await recorded();
  const documents: unknown[] = BSON.EJSON.parse(text);
  const expected = readSaved({ name: 'a.json', text });
  expect(expected).toMatchObject([
    { kind: 'read', host: 'mongo1.example.net:28101', current: null, idleUsersTold: true },
  ]);
  const shapes = [
    `\uFEFF${text}`,
    BSON.EJSON.stringify({ inprog: documents, ok: 1 }),
    BSON.EJSON.stringify(documents, { relaxed: false }),
    documents.map((document) => BSON.EJSON.stringify(document)).join('\n'),
    `${documents.map((document) => BSON.EJSON.stringify(document, { relaxed: false })).join('\r\n\n')}\n`,
  ];
  for (const shape of shapes) expect(readSaved({ name: 'a.json', text: shape })).toEqual(expected);
});

test('documents are parted by the node that they name; a host that is given stands above it', () => {
  const text = '[{"host":"a:1","client":"10.0.0.1:1"},{"host":"b:1","client":"10.0.0.2:1"}]';
  expect(readSaved({ name: 'f', text }).map(({ host }) => host)).toEqual(['a:1', 'b:1']);
  expect(readSaved({ name: 'f', text, host: 'c:1' })).toMatchObject([{ host: 'c:1', groups: [{}, {}] }]);
});

test('monitors are told from pools only where an idle connection of somebody has a user', () => {
  const idle = (more: object) => JSON.stringify([{ host: 'a:1', client: '10.0.0.1:1', active: false, ...more }]);
  const told = (text: string) => readSaved({ name: 'f', text })[0]?.idleUsersTold;
  expect(told(idle({ effectiveUsers: [{ user: 'app', db: 'admin' }] }))).toBe(true);
  expect(told(idle({}))).toBe(false);
  expect(told(idle({ effectiveUsers: [{ user: '__system', db: 'local' }] }))).toBe(false);
});

test.each([
  ['', /f is empty/],
  ['[]', /f holds no \$currentOp documents/],
  ['{"a":1}', /line 1 is no \$currentOp document/],
  ['[{"type":"op","desc":"x"}]', /item 1 of the array does not say which node/],
  ['{"inprog":[{"host":"a:1","desc":"x"},7]}', /item 2 of inprog is no \$currentOp document/],
  ['{"host":"a:1","desc":"x"}\n{"host":', /f, line 2 is not JSON/],
  ['[{"host":"a:1",\n  oops', /f is not JSON: .*line 2/s],
  ['hello', /f is not JSON/],
])('%j is refused with what was expected and where', (text, message) => {
  const read = () => readSaved({ name: 'f', text });
  expect(read).toThrow(UserError);
  expect(read).toThrow(message);
});
