// Numbers and booleans of BSON, the driver and Extended JSON.

import { Double, Int32, Long } from 'mongodb';
import { type Fields, isFields } from '../core/base/json.ts';

/** Truthiness as in the server's expressions: an empty string is true. */
export function truthy(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && bsonNumber(value) !== 0;
}

/** Also accepts numbers as the driver's Long, Double and Int32, or as Extended JSON's `{"$numberLong": "5"}`. */
export function bsonNumber(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Long || value instanceof Double || value instanceof Int32) return finite(Number(value));
  return isFields(value) ? finite(extendedNumber(value)) : null;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Also accepts the driver's Long as JSON.stringify writes it. NaN for any other value. */
function extendedNumber({ $numberInt, $numberLong, $numberDouble, $numberDecimal, low, high }: Fields): number {
  if (typeof low === 'number' && typeof high === 'number') return high * 2 ** 32 + (low >>> 0);
  return numeric($numberInt ?? $numberLong ?? $numberDouble ?? $numberDecimal);
}

/** Converts a value to a number; NaN if it is not one. */
export function numeric(value: unknown): number {
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN;
}
