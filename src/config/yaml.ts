// Parses YAML text to plain data. Problems give the position and a code: the parser's messages would quote the file,
// which may contain secrets.

import {
  type Document,
  isAlias,
  isCollection,
  isNode,
  isPair,
  isScalar,
  Lexer,
  LineCounter,
  type Pair,
  Parser,
  parseDocument,
} from 'yaml';
import { count } from '../core/base/format.ts';
import type { Problem } from '../core/base/problem.ts';

export interface YamlRead {
  /** Null if there are problems. */
  readonly data: unknown;
  readonly problems: readonly Problem[];
}

/** Real settings are never deeper or larger; such a file could exhaust the process. */
const DEEPEST = 64;
const LARGEST = 100_000;
/** The parser searches the whole text for each alias. */
const MOST_ALIASES = 200;
/** Later problems mostly follow from these. */
const MOST_PROBLEMS = 20;

/** @param name the file's name in problems */
export function parseYaml(name: string, source: string): YamlRead {
  const lines = new LineCounter();
  const problemAt = (what: string, at: number, remedy: string): Problem => {
    const { line, col } = lines.linePos(at);
    return { code: 'setting', text: `${name} ${what} at line ${line}, column ${col}.`, remedy };
  };
  const deep = tooDeepAt(source, lines);
  if (deep !== null) return { data: null, problems: [problemAt('is nested too deeply', deep, UNNEST)] };
  // We compare keys ourselves: the parser compares each key of a mapping with every other.
  const options = { prettyErrors: false, logLevel: 'error', uniqueKeys: false } as const;
  const document = parseDocument(source, options);
  const invalid = [...document.errors, ...document.warnings].map(({ code, pos: [at] }) => {
    const { line, col } = lines.linePos(at);
    const text = `${name} is not valid YAML at line ${line}, column ${col} (${code}).`;
    return { code: 'setting', text, remedy: 'Check the indentation and the quotes there.' };
  });
  const faults = invalid.length > 0 ? [] : faultsIn(document);
  const problems = [...invalid, ...faults.map(({ what, at, remedy }) => problemAt(what, at, remedy))];
  if (problems.length > 0) return { data: null, problems: problems.slice(0, MOST_PROBLEMS) };
  // The expanded size was already counted.
  return { data: document.toJS({ maxAliasCount: -1 }), problems };
}

const UNNEST = `Expected at most ${DEEPEST} levels.`;

/** Checked before any value is built, because building recurses as deep as the text. Null if it is not too deep. */
function tooDeepAt(source: string, lines: LineCounter): number | null {
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  for (const lexeme of new Lexer().lex(source)) {
    for (const _ of parser.next(lexeme));
    // Each level of the text is at most two levels of the parser: a sequence within a mapping.
    if (parser.stack.length > 2 * DEEPEST) return parser.offset;
  }
  for (const _ of parser.end());
  return null;
}

interface Fault {
  readonly what: string;
  readonly at: number;
  readonly remedy: string;
}

/** A part with its aliases expanded: its number of values and its depth. */
interface Extent {
  readonly size: number;
  readonly depth: number;
}

const NONE: Extent = { size: 1, depth: 1 };

/**
 * The parser accepts these, but they are mistakes or attacks: endless or excessive aliases, repeated anchors and keys.
 */
function faultsIn(document: Document): readonly Fault[] {
  const faults: Fault[] = [];
  /** Null while it is read: an alias to it would contain itself. */
  const anchors = new Map<string, Extent | null>();
  let aliases = 0;
  const wrong = (node: { readonly range?: readonly number[] | null | undefined }, what: string, remedy: string) => {
    faults.push({ what, at: node.range?.[0] ?? 0, remedy });
    return NONE;
  };

  const extentOf = (node: unknown): Extent => {
    if (!isNode(node)) return NONE;
    if (isAlias(node)) {
      if (++aliases > MOST_ALIASES) return wrong(node, 'has too many aliases (*name)', REPEAT);
      const meant = anchors.get(node.source);
      if (meant === undefined) return wrong(node, 'has an alias (*name) without an anchor', QUOTE);
      if (meant === null) return wrong(node, 'has an alias (*name) inside its own anchor', REPEAT);
      return meant;
    }
    const anchor = isScalar(node) || isCollection(node) ? node.anchor : undefined;
    if (anchor !== undefined && anchors.has(anchor)) wrong(node, 'repeats an anchor (&name)', RENAME);
    if (anchor !== undefined) anchors.set(anchor, null);
    const parts = isCollection(node) ? node.items.flatMap((item) => (isPair(item) ? ends(item) : [item])) : [];
    if (isCollection(node)) for (const key of twiceIn(node.items)) wrong(key, 'repeats a key', ONCE);
    const extent = total(parts.map(extentOf));
    if (anchor !== undefined) anchors.set(anchor, extent);
    if (extent.depth > DEEPEST) return wrong(node, 'is nested too deeply', UNNEST);
    return extent.size > LARGEST ? wrong(node, 'is too large', SHRINK) : extent;
  };
  extentOf(document.contents);
  return faults;
}

const SHRINK = `Expected at most ${count(LARGEST)} values, with each alias (*name) written out.`;
const QUOTE = 'Quote values that begin with *.';
const REPEAT = 'Write the values out instead of repeating them by alias.';
const RENAME = 'Give each anchor a name of its own.';
const ONCE = 'Keep one of them.';

const ends = ({ key, value }: Pair): readonly unknown[] => [key, value];

function total(parts: readonly Extent[]): Extent {
  let [size, depth] = [1, 0];
  for (const part of parts) [size, depth] = [size + part.size, Math.max(depth, part.depth)];
  return { size, depth: depth + 1 };
}

/** Keys that repeat an earlier key of the mapping. */
function twiceIn(items: readonly unknown[]) {
  const seen = new Set<string>();
  return items.flatMap((item) => {
    const key = isPair(item) && isScalar(item.key) ? item.key : null;
    if (key === null) return [];
    const name = String(key.value);
    const isNew = !seen.has(name);
    seen.add(name);
    return isNew ? [] : [key];
  });
}
