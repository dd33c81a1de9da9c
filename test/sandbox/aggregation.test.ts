// Where the pipeline library differs from the server, the stand-in answers as the server does.

import { type Document, ObjectId } from 'bson';
import { expect, test } from 'vitest';
import { evaluate } from './nodes/aggregation.ts';

function value(expression: unknown, document: Document = {}): unknown {
  const evaluated = evaluate([{ $project: { _id: 0, value: expression } }], [document]);
  if ('error' in evaluated) throw new Error(evaluated.error.errmsg);
  return evaluated.results[0]?.['value'];
}

test.each([
  ['an object is above null', { x: { a: 1 } }, true],
  ['an id is above null', { x: new ObjectId() }, true],
  ['null is not above itself', { x: null }, false],
  ['a missing field is below null', {}, false],
])('%s', (_, document, above) => {
  expect(value({ $gt: ['$x', null] }, document)).toBe(above);
});

test('types are ordered as BSON orders them: number, string, object, array, boolean, date', () => {
  const ascending = [1, 'a', { $literal: {} }, [1], true, new Date(0)];
  for (let i = 1; i < ascending.length; i += 1) {
    expect(value({ $lt: [ascending[i - 1], ascending[i]] })).toBe(true);
    expect(value({ $gte: [ascending[i - 1], ascending[i]] })).toBe(false);
  }
});

test('bytes are bytes of UTF-8, and what was not found cuts nothing off', () => {
  expect(value({ $indexOfBytes: ['$x', ':'] }, { x: 'größe:1' })).toBe(7);
  expect(value({ $indexOfBytes: ['$x', ':'] }, { x: 'none' })).toBe(-1);
  expect(value({ $indexOfBytes: ['$x', ':', 3] }, { x: 'a:b:c' })).toBe(3);
  expect(value({ $indexOfBytes: ['$missing', ':'] })).toBe(null);
  expect(value({ $substrBytes: ['$x', 0, { $indexOfBytes: ['$x', ':'] }] }, { x: 'none' })).toBe('none');
  expect(value({ $substrBytes: ['$x', 0, { $indexOfBytes: ['$x', ':'] }] }, { x: 'größe:1' })).toBe('größe');
  expect(value({ $substrBytes: ['$missing', 0, 3] })).toBe('');
  expect(() => value({ $substrBytes: ['$x', 0, 3] }, { x: 'größe' })).toThrow('UTF-8');
});

test('an unknown stage and an unknown operator are errors of the command, not of the node', () => {
  expect(evaluate([{ $nonsense: {} }], [{}])).toMatchObject({
    error: { code: 40324, errmsg: "Unrecognized pipeline stage name: '$nonsense'" },
  });
  expect(evaluate([{ $project: { x: { $nonsense: 1 } } }], [{}])).toMatchObject({ error: { ok: 0 } });
});

test('a pipeline leaves the documents as they were: they are shared between readings', () => {
  const documents = [{ shared: { b: 1, c: 2 }, list: [1] }];
  const before = structuredClone(documents);
  const stages = [{ $set: { 'shared.b': 9, 'shared.d': 1 } }, { $unset: 'shared.c' }, { $project: { shared: 1 } }];
  const evaluated = evaluate(stages, documents);
  expect(evaluated).toEqual({ results: [{ shared: { b: 9, d: 1 } }] });
  expect(documents).toEqual(before);
});
