// Longest-prefix match: nested blocks flattened once into disjoint ranges, then a binary search per address.

import { type Chunked, isChunkEnd, runToEnd } from '../base/cooperative.ts';
import { type IpAddress, isMapped, type Words } from './address.ts';
import { type CidrBlock, compareWords, containsBlock, parseCidr } from './cidr.ts';

export interface PrefixTable<T> {
  /** The value of the most specific block that contains the address; null when none does. */
  find(address: IpAddress): T | null;
  /** The value of the most specific block that contains the whole block. With `itself`, an equal block counts too. */
  containing(block: CidrBlock, options: { readonly itself: boolean }): T | null;
}

interface Range<T> {
  readonly start: Words;
  readonly row: Row<T> | null;
}

interface Row<T> {
  readonly block: CidrBlock;
  readonly value: T | null;
  /** The most specific row around it. */
  readonly outer: Row<T> | null;
}

type Rows<T> = readonly { readonly block: CidrBlock; readonly value: T }[];

/** An IPv6 block must not match IPv4 addresses. They share the IPv6 space here. */
const IPV4_SPACE = parseCidr('0.0.0.0/0');

/**
 * @param rows the first of equal blocks wins
 * @internal
 */
export function prefixTable<T>(rows: Rows<T>): PrefixTable<T> {
  return runToEnd(prefixTableInChunks(rows));
}

export function* prefixTableInChunks<T>(rows: Rows<T>): Chunked<PrefixTable<T>> {
  const ranges = yield* flatten(rows);
  const starts = new Uint32Array(ranges.length * 4);
  for (const [index, { start }] of ranges.entries()) starts.set(start, index * 4);
  // The ranges of the IPv4 space are adjacent and differ only in their last word.
  const first = ranges.findIndex(({ start }) => isMapped(start));
  const mapped = ranges.filter(({ start }) => isMapped(start));
  const starts4 = new Uint32Array(mapped.map(({ start }) => start[3]));
  const rangeAt = ({ family, words }: IpAddress) =>
    family === 4 ? first + rangeAt4(starts4, words[3]) : rangeAt6(starts, words);
  const values = ranges.map(({ row }) => row?.value ?? null);
  return {
    find: (address) => values[rangeAt(address)] ?? null,
    containing(block, { itself }) {
      const isAround = ({ block: outer }: Row<T>) =>
        containsBlock(outer, block) && (itself || outer.text !== block.text);
      let row = ranges[rangeAt({ family: block.family, words: block.first })]?.row ?? null;
      while (row !== null && !isAround(row)) row = row.outer;
      return row?.value ?? null;
    },
  };
}

const CHUNK = 2_000;

/** Index of the last range that starts at or before the address; the first range starts at 0.0.0.0. */
function rangeAt4(starts: Uint32Array, word: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) > word) high = middle - 1;
    else low = middle;
  }
  return low;
}

/** The same over four words; the first range starts at ::. */
function rangeAt6(starts: Uint32Array, words: Words): number {
  let low = 0;
  let high = starts.length / 4 - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (startsAfter(starts, middle * 4, words)) high = middle - 1;
    else low = middle;
  }
  return low;
}

function startsAfter(starts: Uint32Array, at: number, words: Words): boolean {
  for (let word = 0; word < 4; word++) {
    const start = starts[at + word] ?? 0;
    const target = words[word] ?? 0;
    if (start !== target) return start > target;
  }
  return false;
}

function* flatten<T>(rows: Rows<T>): Chunked<readonly Range<T>[]> {
  const unique = new Map<string, Pick<Row<T>, 'block' | 'value'>>();
  for (const row of rows) if (!unique.has(row.block.text)) unique.set(row.block.text, row);
  // The barrier covers 0.0.0.0/0, unless a row does.
  if (IPV4_SPACE !== null && !unique.has(IPV4_SPACE.text)) {
    unique.set(IPV4_SPACE.text, { block: IPV4_SPACE, value: null });
  }
  const sorted = [...unique.values()].sort(outermostFirst);
  const ranges: Range<T>[] = [{ start: [0, 0, 0, 0], row: null }];
  const open: Row<T>[] = [];
  const closeUntil = (next: Words | null) => {
    for (let top = open.at(-1); top && (next === null || compareWords(top.block.last, next) < 0); top = open.at(-1)) {
      open.pop();
      const after = successor(top.block.last);
      if (after !== null) append(ranges, { start: after, row: open.at(-1) ?? null });
    }
  };
  for (const [index, { block, value }] of sorted.entries()) {
    if (isChunkEnd(index, CHUNK)) yield;
    closeUntil(block.first);
    const row = { block, value, outer: open.at(-1) ?? null };
    append(ranges, { start: block.first, row });
    open.push(row);
  }
  closeUntil(null);
  return ranges;
}

function outermostFirst(a: Pick<Row<unknown>, 'block'>, b: Pick<Row<unknown>, 'block'>): number {
  return compareWords(a.block.first, b.block.first) || compareWords(b.block.last, a.block.last);
}

/** If two ranges have the same start, the later one is the inner one. */
function append<T>(ranges: Range<T>[], range: Range<T>): void {
  const before = ranges.at(-1);
  if (before && compareWords(before.start, range.start) === 0) ranges.pop();
  ranges.push(range);
}

function successor(words: Words): Words | null {
  const next: [number, number, number, number] = [...words];
  for (const at of [3, 2, 1, 0] as const) {
    if (next[at] < 0xffffffff) {
      next[at] += 1;
      return next;
    }
    next[at] = 0;
  }
  return null;
}
