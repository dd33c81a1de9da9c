// Decodes rows of the file.

import type { SQLOutputValue } from 'node:sqlite';
import type { Spread } from '../../core/ports/store.ts';
import type { UsualConnections } from '../../core/snapshots/snapshot.ts';
import { UpstreamError } from '../../errors.ts';
import { packing } from '../packing.ts';
import type { RecordKind } from '../records.ts';
import { damaged } from './problems.ts';

export type SqlRow = Readonly<Record<string, SQLOutputValue>>;

export function textIn(row: SqlRow, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : unexpected(column, value);
}

export function textOrNull(row: SqlRow, column: string): string | null {
  return row[column] === null ? null : textIn(row, column);
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

export function bytesIn(row: SqlRow, column: string): Uint8Array {
  const value = row[column];
  return value instanceof Uint8Array ? value : unexpected(column, value);
}

/** The compressed text of a column. */
export function unpackedIn(row: SqlRow, column: string): string {
  return packing.unpack(bytesIn(row, column));
}

/**
 * Throws UpstreamError for data that cannot be decompressed: SQLite's own checks verify pages, not their content.
 * @param what the name of the data, e.g. `a checkpoint of prod`
 */
export function intactIn(row: SqlRow, column: string, what: string): string {
  try {
    return unpackedIn(row, column);
  } catch (cause) {
    throw new UpstreamError(damaged(what), { cause });
  }
}

/** The record in the columns `id` and `body`. Throws UpstreamError for a damaged one. */
export function recordIn<Typed extends object>(row: SqlRow, kind: RecordKind<Typed>): Typed {
  try {
    return kind.decode(JSON.parse(textIn(row, 'body')));
  } catch (cause) {
    throw new UpstreamError(damaged(`${kind.name} (${textIn(row, 'id')})`), { cause });
  }
}

/** The columns `<what>_min`, `<what>_median`, `<what>_max`; null if they are null. */
export function spreadIn(row: SqlRow, what: 'dormant' | 'pooled' | 'connections'): Spread | null {
  if (row[`${what}_min`] === null) return null;
  return {
    min: countIn(row, `${what}_min`),
    median: countIn(row, `${what}_median`),
    max: countIn(row, `${what}_max`),
  };
}

/** The columns `usual_dormant` and `usual_pooled`; null if they are null. */
export function usualIn(row: SqlRow): UsualConnections | null {
  if (row['usual_dormant'] === null) return null;
  return { dormant: countIn(row, 'usual_dormant'), pooled: countIn(row, 'usual_pooled') };
}

export function usualColumns(usual: UsualConnections | null) {
  return { usual_dormant: usual?.dormant ?? null, usual_pooled: usual?.pooled ?? null };
}

function unexpected(column: string, value: unknown): never {
  throw new TypeError(`the column ${column} of the store holds ${value === null ? 'null' : typeof value}`);
}
