// Parses values as JSON, Extended JSON, MongoDB's shells, Node.js and PyMongo write them. Nothing is evaluated:
// `Long("5")` is 5, and `ISODate("…")` is only known to be present. Values deeper than needed are skipped.

import { numeric } from './bson.ts';
import type { Scanner } from './scanner.ts';

/** Stands for values that were not printed: `[Object]`, `...`. */
export const LEFT_OUT: unique symbol = Symbol('left out');

export interface Literals {
  value(): unknown;
  /** A field name and its colon. */
  key(): string;
  /** Passes a marker of omitted output, and returns whether there was one. */
  leftOut(): boolean;
}

const SOMETHING = Object.freeze({});

/** The deepest needed value is `effectiveUsers[0].user`. */
const KEPT = 4;
/** Servers refuse documents of more than 200 levels (BSONDepth::kDefaultMaxAllowableDepth in mongo/src/mongo/bson). */
const DEEPEST = 1_000;

/** A name before its arguments or content. */
const PREFIX = /(?:new\s{1,9})?[A-Za-z_$][\w$.]*(?=\s{0,9}[({[])/y;
const CONSTANT =
  /(?:true|false|null|undefined|NaN|Infinity|MinKey|MaxKey|True|False|None|datetime\.timezone\.utc)(?![\w$.(])/y;
/** At the end of a file that was cut within a name. */
const LAST_WORD = /[\w$.]{1,60}\s{0,9}(?![\s\S])/y;
const FUNCTION = /(?:async )?function\b/y;
const KEY = /[\w$.-]+/y;
/** Also dates: Node.js prints them without quotes. */
const NUMBER = /[-+.:\w]+/y;
const DATE = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[-+][\d:]+)$/;
const PATTERN = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^\\/[\n])+\/[a-z]*/y;
const ELLIPSIS = /(?:\.\.\.|…)(?: \d{1,12} more [a-z]{1,20})?/y;
const BRACKETED =
  /\[\s{0,9}(?:Object|Array|Circular|Getter|Setter|Function|AsyncFunction|class)\b[^[\]{}"',\n]{0,60}\]/y;
const NUMBERS = /^(?:new\s+)?(?:Number(?:Long|Int|Double|Decimal)?|Long|Int32|Double|Decimal128|Int64)$/;
/** Python: named arguments, and bytes. */
const ARGUMENT = /[A-Za-z_]\w{0,60}=(?!=)/y;
const BYTES = /[bru]{1,2}(?=['"])/y;
const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['undefined', undefined],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['MinKey', SOMETHING],
  ['MaxKey', SOMETHING],
  // Python.
  ['True', true],
  ['False', false],
  ['None', null],
  ['datetime.timezone.utc', SOMETHING],
]);

const CODE = {
  quote: 34,
  apostrophe: 39,
  backtick: 96,
  open: 40,
  close: 41,
  bracket: 91,
  endBracket: 93,
  brace: 123,
  endBrace: 125,
  plus: 43,
  comma: 44,
  minus: 45,
  dot: 46,
  dots: 0x2026,
  slash: 47,
  nine: 57,
  colon: 58,
} as const;

/** @param scanner positioned at the value */
export function literals(scanner: Scanner): Literals {
  const { code, space, pass, match, quoted, unexpected } = scanner;

  /** Recursive with a bounded depth. */
  function value(depth: number): unknown {
    const next = space();
    if (isQuote(next)) return words();
    if (next === CODE.brace) return fields(depth);
    if ((next > CODE.slash && next <= CODE.nine) || next === CODE.minus || next === CODE.plus) return number();
    if (next === CODE.slash) return pattern();
    if (next !== CODE.bracket && next !== CODE.dot && next !== CODE.dots) return word(depth);
    if (leftOut()) return LEFT_OUT;
    // `[Object: null prototype] { … }`
    if (code() === CODE.brace) return fields(depth);
    return next === CODE.bracket ? items(CODE.endBracket, depth) : number();
  }

  function fields(depth: number): unknown {
    checkDepth(depth);
    const all: Record<string, unknown> = {};
    pass(1);
    while (space() !== CODE.endBrace) {
      if (!leftOut()) {
        const name = key();
        const item = value(depth + 1);
        if (depth < KEPT && name !== '__proto__') all[name] = item;
      }
      separator(CODE.endBrace);
    }
    pass(1);
    return all;
  }

  function items(end: number, depth: number): readonly unknown[] {
    checkDepth(depth);
    const all: unknown[] = [];
    pass(1);
    while (space() !== end) {
      if (end === CODE.close) match(ARGUMENT);
      const item = value(depth + 1);
      if (depth < KEPT) all.push(item);
      separator(end);
    }
    pass(1);
    return all;
  }

  function checkDepth(depth: number): void {
    if (depth > DEEPEST) scanner.fail(`a value is nested deeper than ${DEEPEST} levels`);
  }

  function separator(end: number): void {
    const next = space();
    if (next === CODE.comma) pass(1);
    else if (next !== end) unexpected();
  }

  function key(): string {
    const next = space();
    const name = isQuote(next) ? quoted() : match(KEY);
    if (name === null || space() !== CODE.colon) return unexpected();
    pass(1);
    return name;
  }

  /** Long strings are printed in parts, `'…\n' +` and the next line, or cut: `'…'... 5 more characters`. */
  function words(): string {
    let whole = quoted();
    for (;;) {
      const next = space();
      if (next === CODE.plus) {
        pass(1);
        if (!isQuote(space())) unexpected();
        whole += quoted();
      } else if ((next !== CODE.dot && next !== CODE.dots) || !leftOut()) return whole;
    }
  }

  function number(): unknown {
    const found = match(NUMBER) ?? '';
    const plain = found === '' ? Number.NaN : Number(found.endsWith('n') ? found.slice(0, -1) : found);
    if (!Number.isNaN(plain)) return plain;
    if (DATE.test(found)) return SOMETHING;
    pass(-found.length);
    return unexpected();
  }

  function pattern(): unknown {
    if (match(PATTERN) !== null) return SOMETHING;
    // The pattern may continue up to the end of the line.
    scanner.line();
    return unexpected();
  }

  function word(depth: number): unknown {
    const constant = match(CONSTANT);
    if (constant !== null) return CONSTANTS.get(constant);
    if (match(FUNCTION) !== null) return body();
    if (match(BYTES) !== null) return words();
    const name = match(PREFIX);
    if (name === null) {
      match(LAST_WORD);
      return unexpected();
    }
    const isCall = space() === CODE.open;
    const given = isCall ? items(CODE.close, depth) : [];
    // An instance of a class: `Long { low: 5, … }`, `Uint8Array(2) [ 1, 2 ]`.
    const next = space();
    if (next === CODE.brace) return fields(depth);
    if (next === CODE.bracket) return items(CODE.endBracket, depth);
    return NUMBERS.test(name) ? numeric(given[0]) : SOMETHING;
  }

  /** A function, which the legacy shell prints as source. */
  function body(): unknown {
    for (let open = 0; ; ) {
      const next = space();
      if (isQuote(next)) quoted();
      else {
        if (Number.isNaN(next)) unexpected();
        pass(1);
        if (next === CODE.brace) open++;
        else if (next === CODE.endBrace && --open === 0) return SOMETHING;
      }
    }
  }

  function leftOut(): boolean {
    const next = code();
    if (next === CODE.dot || next === CODE.dots) return match(ELLIPSIS) !== null;
    return next === CODE.bracket && match(BRACKETED) !== null && space() !== CODE.brace;
  }

  return { value: () => value(1), key, leftOut };
}

function isQuote(code: number): boolean {
  return code === CODE.quote || code === CODE.apostrophe || code === CODE.backtick;
}
