// Reads single values of a decoded JSON, each with its path. A value that does not fit is named with what was expected.

import { type Fields, isFields } from '../base/json.ts';

/** A value that is not as the protocol says. */
export class WrongField extends Error {
  override readonly name = 'WrongField';
  /** Its path, such as `clients[0].n`; empty for the whole. */
  readonly field: string;
  /** A noun phrase, such as `a whole number, 0 or more`. */
  readonly expected: string;
  constructor(field: string, expected: string) {
    super(`${field === '' ? 'The whole' : field} is not as expected. Expected ${expected}.`);
    this.field = field;
    this.expected = expected;
  }
}

const LONGEST_TEXT = 200;
/** They would move a terminal, end a line of a log, or turn the direction of a text. */
const UNSEEN = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** At most 200 characters, without control characters. */
export function cleanText(text: string): string {
  // Cut first: a long text is not searched to its end.
  return text.slice(0, LONGEST_TEXT).toWellFormed().replace(UNSEEN, '');
}

export function fieldsAt(value: unknown, field: string): Fields {
  if (isFields(value)) return value;
  throw new WrongField(field, 'an object');
}

export function listAt(value: unknown, field: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new WrongField(field, 'a list');
}

export function flagAt(value: unknown, field: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new WrongField(field, 'true or false');
}

/** May be empty. */
export function textAt(value: unknown, field: string): string {
  if (typeof value === 'string') return cleanText(value);
  throw new WrongField(field, 'a text');
}

export function nameAt(value: unknown, field: string): string {
  const name = typeof value === 'string' ? cleanText(value).trim() : '';
  if (name !== '') return name;
  throw new WrongField(field, 'a text of 1 character or more');
}

export function wholeAt(value: unknown, field: string, least = 0): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw new WrongField(field, `a whole number, ${least} or more`);
}

export function numberAt(value: unknown, field: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw new WrongField(field, 'a number, 0 or more');
}

/** Milliseconds since 1970. */
export function timeAt(value: unknown, field: string): number {
  const at = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isFinite(at)) return at;
  throw new WrongField(field, 'a time such as 2026-11-21T10:00:00Z');
}

/** Null for an absent value, and for null. */
export function orAbsent<Value>(
  read: (value: unknown, field: string) => Value,
  value: unknown,
  field: string,
): Value | null {
  return value === undefined || value === null ? null : read(value, field);
}

/** Null where a field is not as expected. */
export function unlessWrong<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof WrongField) return null;
    throw error;
  }
}
