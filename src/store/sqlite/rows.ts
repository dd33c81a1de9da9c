// Rows of the file, decoded. Bodies are JSON that this room wrote itself, under the schema version that was checked when
// the file was opened: they are taken at their word.

import type { SQLOutputValue } from 'node:sqlite';
import type { Spread } from '../../core/ports/store.ts';
import { packing } from '../packing.ts';

export type SqlRow = Readonly<Record<string, SQLOutputValue>>;

export function textIn(row: SqlRow, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : unexpected(column, value);
}

export function countIn(row: SqlRow, column: string): number {
  const value = row[column];
  return typeof value === 'number' ? value : unexpected(column, value);
}

export function countOrNull(row: SqlRow, column: string): number | null {
  return row[column] === null ? null : countIn(row, column);
}

export function isIn(row: SqlRow, column: string): boolean {
  return countIn(row, column) !== 0;
}

/** The compressed text of a column. */
export function unpackedIn(row: SqlRow, column: string): string {
  const value = row[column];
  return value instanceof Uint8Array ? packing.unpack(value) : unexpected(column, value);
}

export function bodyIn<Body>(row: SqlRow): Body {
  return JSON.parse(textIn(row, 'body'));
}

/** The columns `<what>_min`, `<what>_median`, `<what>_max`; null where they are. */
export function spreadIn(row: SqlRow, what: 'dormant' | 'pooled'): Spread | null {
  if (row[`${what}_min`] === null) return null;
  return {
    min: countIn(row, `${what}_min`),
    median: countIn(row, `${what}_median`),
    max: countIn(row, `${what}_max`),
  };
}

function unexpected(column: string, value: unknown): never {
  throw new TypeError(`the column ${column} of the store holds ${value === null ? 'null' : typeof value}`);
}
