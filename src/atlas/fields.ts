// Fields of an answer, read from `unknown`: one that is missing ends in an UpstreamError that names it, and of what.

import { UpstreamError } from '../errors.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function object(value: unknown, of: string): Fields {
  if (isFields(value)) return value;
  throw missing('every field', of);
}

export function text(fields: Fields, field: string, of: string): string {
  const value = optionalText(fields, field);
  if (value === null) throw missing(field, of);
  return value;
}

/** Null where the field is missing, null or no text. */
export function optionalText(fields: Fields, field: string): string | null {
  const value = fields[field];
  return typeof value === 'string' ? value : null;
}

export function number(fields: Fields, field: string, of: string): number {
  const value = fields[field];
  if (typeof value !== 'number') throw missing(field, of);
  return value;
}

/** Empty where the field is missing: for lists that Atlas leaves out. */
export function list(fields: Fields, field: string): readonly unknown[] {
  const value = fields[field];
  return Array.isArray(value) ? value : [];
}

/** Atlas's words are short; what is longer is not one of them. */
const LONGEST_VALUE = 40;
const REMEDY = 'Atlas may have changed its API: update atlas-conns. Else check MONGODB_ATLAS_BASE_URL.';

export function missing(field: string, of: string): UpstreamError {
  const text = `The answer of Atlas lacks ${field} in ${of}.`;
  return new UpstreamError({ code: 'atlas-field-missing', text, remedy: REMEDY });
}

export function unexpected(field: string, value: string, of: string): UpstreamError {
  const text = `The answer of Atlas has an unknown ${field} in ${of}: ${value.slice(0, LONGEST_VALUE)}.`;
  return new UpstreamError({ code: 'atlas-field-unknown', text, remedy: REMEDY });
}
