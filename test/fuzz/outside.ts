// What the outside may send: hostile text, texts with damage, and documents of which parts are missing or something else.

import fc from 'fast-check';
import { outsideText } from '../slack/views/arbitrary-report.ts';

/** Control characters, markup, other scripts, and short enough that thousands of them are no load. */
export const hostile = fc.oneof(
  { weight: 3, arbitrary: outsideText.map((text) => text.slice(0, 200)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\u001b[2J\u001b]0;x\u0007', '\u009b31m', '\u202E', '__proto__', 'constructor'),
  },
);

const pieces = fc.oneof(
  hostile,
  fc.constantFrom(
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '|',
    '/',
    '@',
    '%',
    '\\',
    '&lt;',
    '\n',
    '\u0000',
    '“',
    '-',
    '#',
  ),
  fc.constantFrom(
    'in',
    'for',
    'until',
    'by',
    'all',
    '1e999',
    '-1',
    '99999999999',
    '0x10',
    'null',
    '2026-02-30',
    '24:00',
  ),
);

interface Damage {
  readonly at: number;
  readonly drop: number;
  readonly put: string;
}

/** One of the texts, with up to four pieces taken out or put in, or nothing of the kind at all. */
export function damaged(texts: readonly [string, ...string[]]): fc.Arbitrary<string> {
  const damage = fc.record({ at: fc.nat(1_000), drop: fc.nat(9), put: fc.oneof(fc.constant(''), pieces) });
  const wounds = fc.tuple(fc.constantFrom(...texts), fc.array(damage, { maxLength: 4 }));
  const wounded = wounds.map(([text, all]) => all.reduce(wound, text));
  return fc.oneof({ weight: 6, arbitrary: wounded }, { weight: 1, arbitrary: hostile });
}

function wound(text: string, { at, drop, put }: Damage): string {
  const start = text.length === 0 ? 0 : at % (text.length + 1);
  return text.slice(0, start) + put + text.slice(start + drop);
}

const number = fc.constantFrom(0, -1, 0.5, 1e308, Number.MAX_SAFE_INTEGER, 2 ** 53, -0, 42);
const otherValue = fc.oneof(
  hostile,
  number,
  fc.constantFrom(null, true, false, [], {}, [[]]),
  fc.jsonValue({ maxDepth: 2 }),
);

/** The value, of which any part may be missing or something else. */
export function spoiled(value: unknown): fc.Arbitrary<unknown> {
  const whole = Array.isArray(value)
    ? fc.tuple(...value.map(spoiled))
    : typeof value === 'object' && value !== null
      ? fc.record(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, spoiled(part)])), RARELY_ABSENT)
      : fc.constant(value);
  return fc.oneof({ weight: 24, arbitrary: whole }, { weight: 1, arbitrary: otherValue });
}

const RARELY_ABSENT = { requiredKeys: [] };

/** The value whole but for what is text in it, which is hostile: it is understood, so that it is shown. */
export function renamed(value: unknown, keep: readonly string[] = []): fc.Arbitrary<unknown> {
  if (typeof value === 'string') return fc.oneof(fc.constant(value), hostile);
  if (Array.isArray(value)) return fc.tuple(...value.map((part) => renamed(part, keep)));
  if (typeof value !== 'object' || value === null) return fc.constant(value);
  const parts = Object.entries(value).map(([key, part]) => [
    key,
    keep.includes(key) ? fc.constant(part) : renamed(part, keep),
  ]);
  return fc.record(Object.fromEntries(parts));
}
