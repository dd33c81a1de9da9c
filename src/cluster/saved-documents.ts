// Reads the documents of a saved `$currentOp` result one by one, in any wrapping: arrays, server replies, bare
// documents, and shell output around them.

import { hasMore } from './current-op.ts';
import { literals } from './literal.ts';
import { createScanner, type Position } from './scanner.ts';

export type DocumentPlace = Position;

export interface Documents {
  feed(piece: string): void;
  /** A needed value was not printed. */
  cut(place: DocumentPlace): void;
  end(): { readonly count: number; readonly cutAt: DocumentPlace | null };
}

/** An open bracket: an array of documents, a possible document, a reply, or its cursor. */
interface Open {
  readonly kind: 'array' | 'object' | 'cursor';
  readonly place: DocumentPlace;
  readonly fields: Record<string, unknown>;
  /** It contains documents instead of being one. */
  isReply: boolean;
  /** An element was read; a comma or the end is next. */
  isSeparated: boolean;
}

const BATCHES = ['inprog', 'firstBatch', 'nextBatch'];
const MOST_WRAPPED = 20;
/** Consecutive lines of a banner. */
const MOST_LINES = 1_000;

/** `test> `, `rs0:PRIMARY> `, `rs0 [direct: primary] admin> `, `[direct: mongos] test> ` */
const PROMPT = /[\w .:@/()[\]-]{0,80}>(?:[ \t]|(?=[\r\n])|$)/y;
/** `... ` precedes the continuation lines of a command. */
const CONTINUED = /\.\.\.(?:[ \t]|(?=[\r\n])|$)/y;
const MORE = /^Type "it" for more/;
/** Code fences around text pasted from an issue or a chat. */
const FENCE = /^```[\w-]*$/;
/** `MongoServerError: …`, `MongoServerError[Unauthorized]: …`, `Error: …`, after `Uncaught:` or alone. */
const SHELL_ERROR = /^(?:Uncaught\b|(?:uncaught exception: )?\w*Error(?:\[\w+\])?:)/;
const LOGGED = /^\d{4}-\d\d-\d\dT/;

export function documentsIn(options: {
  readonly wrong: (place: DocumentPlace, what: string) => Error;
  readonly onDocument: (document: unknown, place: DocumentPlace) => void;
}): Documents {
  const scanner = createScanner(options.wrong);
  const coloured = withoutColours();
  const { value, key, leftOut } = literals(scanner);
  const stack: Open[] = [];
  let count = 0;
  let cutAt: DocumentPlace | null = null;
  let firstLine: DocumentPlace | null = null;
  let lines = 0;
  let isPrompted = false;
  /** The cursor had more batches after the last one in the file. */
  let batchAt: DocumentPlace | null = null;

  const cut = (place: DocumentPlace) => {
    cutAt ??= place;
  };

  function next(): string {
    const code = scanner.space();
    return Number.isNaN(code) ? '' : String.fromCharCode(code);
  }

  function step(): boolean {
    const open = stack.at(-1);
    if (open === undefined) return outside();
    const character = next();
    if (character === (open.kind === 'array' ? ']' : '}')) {
      scanner.pass(1);
      close(open);
    } else if (character === ',') {
      scanner.pass(1);
      open.isSeparated = false;
    } else if (open.isSeparated) {
      scanner.unexpected();
    } else if (leftOut()) {
      if (open.kind === 'array') cut(scanner.position());
      open.isSeparated = true;
    } else if (open.kind === 'array') {
      item(next());
    } else field(open);
    return true;
  }

  function item(character: string): void {
    if (character === '{' || character === '[') enter(character === '{' ? 'object' : 'array');
    else if (character === '') scanner.unexpected();
    else scanner.fail('this is not a $currentOp document');
  }

  function field(open: Open): void {
    const name = key();
    const character = next();
    const isBatch = BATCHES.includes(name) && character === '[';
    if (isBatch || (name === 'cursor' && character === '{')) {
      if (leftOut()) cut(scanner.position());
      else {
        enter(isBatch ? 'array' : 'cursor');
        open.isReply ||= isBatch;
        if (name === 'firstBatch') unfinished();
        return;
      }
    } else {
      const fieldValue = value();
      if (name !== '__proto__') open.fields[name] = fieldValue;
    }
    open.isSeparated = true;
  }

  function enter(kind: Open['kind']): void {
    if (stack.length > MOST_WRAPPED) scanner.fail('arrays and replies are nested too deeply');
    stack.push({ kind, place: scanner.position(), fields: {}, isReply: false, isSeparated: false });
    scanner.pass(1);
    lines = 0;
  }

  function close({ kind, place, fields, isReply }: Open): void {
    stack.pop();
    const around = stack.at(-1);
    if (around !== undefined) around.isSeparated = true;
    if (kind === 'cursor') {
      if (around !== undefined) around.isReply ||= isReply;
      if (isReply) batchAt = hasMore(fields) ? place : null;
    } else if (kind === 'object' && !isReply) {
      count++;
      options.onDocument(fields, place);
    }
  }

  /** Reports that the next batch of the previous cursor is missing. */
  function unfinished(): void {
    if (batchAt !== null) cut(batchAt);
    batchAt = null;
  }

  /** Skips shell output between documents line by line, but nothing that may be part of a document. */
  function outside(): boolean {
    const character = next();
    if (character === '') return false;
    if (!isPrompted && scanner.match(PROMPT) !== null) isPrompted = !isLineEnd(scanner.code());
    else if (character === '{' || character === '[') {
      enter(character === '{' ? 'object' : 'array');
      isPrompted = false;
    } else if (!isPrompted && (character === ',' || character === ';')) scanner.pass(1);
    else {
      const isCommand = isPrompted || scanner.match(CONTINUED) !== null;
      const line = scanner.line();
      if (!isPrompted && SHELL_ERROR.test(line)) scanner.fail('this is a shell error, not a result');
      if (!isCommand && !isBanner(line)) scanner.unexpected();
      if (MORE.test(line)) cut(scanner.position());
      firstLine ??= scanner.position();
      lines++;
      if (lines > MOST_LINES) scanner.fail(`these are more than ${MOST_LINES} lines without a document`);
      scanner.pass(line.length);
      isPrompted = false;
    }
    return true;
  }

  return {
    feed(piece) {
      if (scanner.feed(coloured(piece), false)) scanner.run(step);
    },
    cut,
    end() {
      scanner.feed(coloured(null), true);
      scanner.run(step);
      if (stack.length > 0) scanner.unexpected();
      unfinished();
      if (count === 0 && firstLine !== null)
        throw options.wrong(firstLine, 'this is neither JSON nor what a shell prints');
      return { count, cutAt };
    },
  };
}

const ESCAPE = '\u001b';
/** Colours, cursor moves and titles (ECMA-48), as a shell prints them to a terminal that `script` records. */
const SEQUENCE = new RegExp(
  `${ESCAPE}(?:\\[[0-?]*[ -/]*[@-~]|\\][^\u0007\n${ESCAPE}]*(?:\u0007|${ESCAPE}\\\\)|[ -/]*[0-Z\\\\^-~])`,
  'g',
);
const LONGEST_SEQUENCE = 1_000;

/** Removes them from text that arrives in pieces; null for its end. */
function withoutColours(): (piece: string | null) => string {
  let begun = '';
  return (piece) => {
    if (begun === '' && piece?.includes(ESCAPE) === false) return piece;
    const text = `${begun}${piece ?? ''}`.replace(SEQUENCE, '');
    const at = piece === null ? -1 : text.indexOf(ESCAPE);
    const isBegun = at !== -1 && text.length - at < LONGEST_SEQUENCE;
    begun = isBegun ? text.slice(at) : '';
    return isBegun ? text.slice(0, at) : text;
  };
}

function isBanner(line: string): boolean {
  const text = line.trim();
  if (FENCE.test(text)) return true;
  if (/(?!\t)[\p{Cc}\uFFFD]/u.test(text)) return false;
  if (/^["'`\]}):]/.test(text) || (/^\d/.test(text) && !LOGGED.test(text))) return false;
  return !/[,{[(]$/.test(text);
}

function isLineEnd(code: number): boolean {
  return code === 10 || code === 13 || Number.isNaN(code);
}
