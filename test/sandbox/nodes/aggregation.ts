// A pipeline over documents in memory: mingo, with its differences from the server mended.
// Seen against mongod 6.0.5: comparison across types, bytes that are not UTF-16 units, substrings of length -1.

import type { Document } from 'bson';
import { Aggregator } from 'mingo/aggregator';
import { Context, evalExpr } from 'mingo/core';
import type { Iterator } from 'mingo/lazy';
import * as accumulator from 'mingo/operators/accumulator';
import * as expression from 'mingo/operators/expression';
import * as pipeline from 'mingo/operators/pipeline';
import * as projection from 'mingo/operators/projection';
import * as query from 'mingo/operators/query';
import * as window from 'mingo/operators/window';
import type { Options } from 'mingo/types';
import { compare } from 'mingo/util';
import { type CommandError, commandError } from './command-error.ts';

// Built from the parts: where contexts are merged the first one wins, so mingo's own could not be replaced.
const context = Context.init({
  accumulator,
  projection,
  query,
  window,
  pipeline: { ...pipeline, $addFields: addFields, $set: addFields },
  expression: {
    ...expression,
    $gt: comparison((order) => order > 0),
    $gte: comparison((order) => order >= 0),
    $lt: comparison((order) => order < 0),
    $lte: comparison((order) => order <= 0),
    $indexOfBytes: indexOfBytes,
    $substrBytes: substrBytes,
  },
});

/** What is no pipeline comes back as the error that a server would answer. */
export function evaluate(
  stages: readonly Document[],
  documents: readonly Document[],
): { readonly results: readonly Document[] } | { readonly error: CommandError } {
  try {
    return { results: new Aggregator([...stages], { context }).run([...documents]) };
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const stage = /unregistered pipeline operator (\S+?)\.?$/.exec(text)?.[1];
    if (stage !== undefined) {
      return { error: commandError(40324, 'Location40324', `Unrecognized pipeline stage name: '${stage}'`) };
    }
    return { error: commandError(2, 'BadValue', `the stand-in cannot evaluate this pipeline: ${text}`) };
  }
}

function comparison(holds: (order: number) => boolean) {
  return (obj: unknown, expr: unknown, options: Options): boolean => {
    const [a, b] = evalExpr(obj, expr, options) as [unknown, unknown];
    const [rankA, rankB] = [bsonRank(a), bsonRank(b)];
    return holds(rankA === rankB ? compare(a, b) : rankA - rankB);
  };
}

/** BSON's order of types: a missing value is below null, null below everything else. */
function bsonRank(value: unknown): number {
  if (value === undefined) return 0;
  if (value === null) return 1;
  if (typeof value === 'number' || typeof value === 'bigint') return 2;
  if (typeof value === 'string') return 3;
  if (typeof value === 'boolean') return 8;
  if (Array.isArray(value)) return 5;
  if (value instanceof Date) return 9;
  const type: unknown = Reflect.get(value as object, '_bsontype');
  return { Long: 2, Int32: 2, Double: 2, Decimal128: 2, Binary: 6, ObjectId: 7, Timestamp: 10 }[String(type)] ?? 4;
}

function indexOfBytes(obj: unknown, expr: unknown, options: Options): number | null {
  const [text, search, start = 0, end] = evalExpr(obj, expr, options) as [unknown, unknown, number?, number?];
  if (text === null || text === undefined) return null;
  if (typeof text !== 'string' || typeof search !== 'string') throw new Error('$indexOfBytes requires a string');
  const bytes = Buffer.from(text).subarray(0, end);
  return start > bytes.length ? -1 : bytes.indexOf(search, start, 'utf8');
}

function substrBytes(obj: unknown, expr: unknown, options: Options): string {
  const [text, start, length] = evalExpr(obj, expr, options) as [unknown, number, number];
  if (text === null || text === undefined) return '';
  if (start < 0) throw new Error('$substrBytes: starting index must be non-negative');
  const bytes = Buffer.from(String(text));
  const end = length < 0 ? bytes.length : Math.min(start + length, bytes.length);
  const insideCharacter = (at: number) => ((bytes[at] ?? 0) & 0xc0) === 0x80;
  if (insideCharacter(start) || insideCharacter(end)) {
    throw new Error('$substrBytes: Invalid range, ending index is in the middle of a UTF-8 character.');
  }
  return bytes.toString('utf8', start, end);
}

/** mingo writes into nested objects of its input, and ours are shared between documents and readings. */
function addFields(documents: Iterator, fields: Document, options: Options): Iterator {
  const paths = Object.keys(fields).map((path) => path.split('.'));
  const copies = documents.map((document) => paths.reduce<unknown>(copiedAlong, document));
  return pipeline.$addFields(copies, fields, options);
}

function copiedAlong(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined || typeof value !== 'object' || value === null || value.constructor !== Object) return value;
  const inner: unknown = Reflect.get(value, name);
  return inner === undefined ? { ...value } : { ...value, [name]: copiedAlong(inner, rest) };
}
