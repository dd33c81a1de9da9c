// Scans text that arrives in pieces, from front to back.

export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Scanner {
  /** Forgets text that was passed. `isLast`: no piece follows. False if a step needs more text. */
  feed(piece: string, isLast: boolean): boolean;
  /**
   * Takes steps until one returns false. A step that needs text that has not arrived runs again later. So a step
   * changes nothing but the position before it is complete.
   */
  run(step: () => boolean): void;
  /** Position of the next character. */
  position(): Position;
  /** The code of the next character; NaN at the end of the text. */
  code(): number;
  /** The same, after blanks and comments. */
  space(): number;
  pass(length: number): void;
  /**
   * Passes and returns the match at this position, or null. The pattern is sticky and looks at most 100 characters
   * ahead.
   */
  match(pattern: RegExp): string | null;
  /** A quoted text, with its escapes decoded. */
  quoted(): string;
  /** The rest of the line without its end; the position does not change. */
  line(): string;
  /** Throws an error about the text at this position. */
  unexpected(): never;
  fail(what: string): never;
}

/** Limit of the text of one step. BSON documents end at 16 MB. */
const LONGEST = 64 * 2 ** 20;
const LONGEST_LINE = 2 ** 16;
const AHEAD = 100;
const UNFINISHED = new Error('more text is needed');

const LINE_END = 10;
const BACKSLASH = 92;
const BACKTICK = 96;
const SLASH = 47;

/** @param refuse makes the error from the position and the fault */
export function createScanner(refuse: (where: Position, what: string) => Error): Scanner {
  let text = '';
  let at = 0;
  let isWhole = false;
  let waiting: string[] = [];
  let waitingLength = 0;
  let line = 1;
  /** Offset of the start of the line; negative if that text is forgotten. */
  let lineStart = 0;
  let lineEnd = Number.POSITIVE_INFINITY;

  function feed(piece: string, isLast: boolean): boolean {
    isWhole = isLast;
    waiting.push(piece);
    waitingLength += piece.length;
    // A long step runs again only after its text has doubled, so the total time stays linear.
    if (!isLast && waitingLength < text.length - at) return false;
    position();
    text = [text.slice(at), ...waiting].join('');
    lineStart -= at;
    lineEnd = endOfLine(Math.max(0, lineStart));
    waiting = [];
    waitingLength = 0;
    at = 0;
    return true;
  }

  function run(step: () => boolean): void {
    for (;;) {
      const start = at;
      try {
        if (!step()) return;
      } catch (error) {
        if (error !== UNFINISHED) throw error;
        at = start;
        if (text.length - at > LONGEST)
          fail(`something begins that has no end, or is longer than ${LONGEST / 2 ** 20} MiB`);
        return;
      }
    }
  }

  function endOfLine(from: number): number {
    const end = text.indexOf('\n', from);
    return end === -1 ? Number.POSITIVE_INFINITY : end;
  }

  function position(): Position {
    while (lineEnd < at) {
      line++;
      lineStart = lineEnd + 1;
      lineEnd = endOfLine(lineStart);
    }
    return { line, column: at - lineStart + 1 };
  }

  function fail(what: string): never {
    throw refuse(position(), what);
  }

  function unexpected(): never {
    if (at >= text.length) fail('the file ends in the middle of a value');
    const token = /[\w$-]{1,20}|[\s\S]/uy;
    token.lastIndex = at;
    fail(`${JSON.stringify(token.exec(text)?.[0] ?? '')} is not expected`);
  }

  function code(): number {
    if (at >= text.length && !isWhole) throw UNFINISHED;
    return text.charCodeAt(at);
  }

  function space(): number {
    for (;;) {
      const next = text.charCodeAt(at);
      // Joined files have byte order marks in the middle.
      if (next === 32 || next === 10 || next === 13 || next === 9 || next === 0xfeff || next === 0xa0) at++;
      else if (next !== SLASH || !comment()) return code();
    }
  }

  function comment(): boolean {
    if (at + 1 >= text.length && !isWhole) throw UNFINISHED;
    const isBlock = text.startsWith('/*', at);
    if (!isBlock && !text.startsWith('//', at)) return false;
    const end = text.indexOf(isBlock ? '*/' : '\n', at + 2);
    if (end === -1 && !isWhole) throw UNFINISHED;
    if (end === -1 && isBlock) fail('a comment without an end begins');
    at = end === -1 ? text.length : end + (isBlock ? 2 : 1);
    return true;
  }

  function match(pattern: RegExp): string | null {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    const length = found?.length ?? 0;
    // The next piece may extend the match.
    if (at + Math.max(length, AHEAD) >= text.length && !isWhole) throw UNFINISHED;
    at += length;
    return found;
  }

  function quoted(): string {
    const quote = text.charCodeAt(at);
    let isEscaped = false;
    let end = at + 1;
    for (let next = text.charCodeAt(end); next !== quote; next = text.charCodeAt(++end)) {
      if (next === BACKSLASH) {
        isEscaped = true;
        end++;
      } else if (next === LINE_END && quote !== BACKTICK) {
        fail('a text without a closing quote begins');
      } else if (Number.isNaN(next)) {
        if (!isWhole) throw UNFINISHED;
        fail('a text without a closing quote begins');
      }
    }
    const raw = text.slice(at + 1, end);
    at = end + 1;
    return isEscaped ? raw.replace(ESCAPE, unescaped) : raw;
  }

  return {
    feed,
    run,
    position,
    code,
    space,
    pass(length) {
      at += length;
    },
    match,
    quoted,
    line() {
      const end = endOfLine(at);
      if (Math.min(end, text.length) - at > LONGEST_LINE) fail('a line without an end begins');
      if (end > text.length && !isWhole) throw UNFINISHED;
      return text.slice(at, end);
    },
    unexpected,
    fail,
  };
}

const ESCAPE = /\\(?:u\{(?<point>[\da-f]{1,6})\}|u(?<unit>[\da-f]{4})|x(?<byte>[\da-f]{2})|(?<plain>[\s\S]))/gi;
const ESCAPED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', 0: '\0' };

function unescaped(_: string, point?: string, unit?: string, byte?: string, plain = ''): string {
  const digits = point ?? unit ?? byte;
  if (digits === undefined) return ESCAPED[plain] ?? plain;
  const number = Number.parseInt(digits, 16);
  return number > 0x10ffff ? '\uFFFD' : String.fromCodePoint(number);
}
