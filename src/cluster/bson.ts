// Numbers and truth as BSON, the driver and Extended JSON have them.

import { Double, Int32, Long } from 'mongodb';
import { type Fields, isFields } from '../core/base/json.ts';

/** As the server's expressions see it: an empty string is true. */
export function truthy(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && bsonNumber(value) !== 0;
}

/** Also the driver's Long, Double and Int32, and Extended JSON's `{"$numberLong": "5"}`, which stand for numbers. */
export function bsonNumber(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Long || value instanceof Double || value instanceof Int32) return finite(Number(value));
  return isFields(value) ? finite(extendedNumber(value)) : null;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Also as JSON.stringify writes the driver's Long. NaN where it is none. */
function extendedNumber({ $numberInt, $numberLong, $numberDouble, $numberDecimal, low, high }: Fields): number {
  if (typeof low === 'number' && typeof high === 'number') return high * 2 ** 32 + (low >>> 0);
  return numeric($numberInt ?? $numberLong ?? $numberDouble ?? $numberDecimal);
}

/** What stands for a number: NaN where nothing does. */
export function numeric(value: unknown): number {
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN;
}
