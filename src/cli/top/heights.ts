// How the lines of the screen are shared between header, table and footer.

import { type HeaderLine, headerOf } from './header.ts';
import type { TopState } from './model.ts';

export interface Heights {
  readonly header: readonly HeaderLine[];
  /** An empty line below the header. */
  readonly hasGap: boolean;
  readonly hasFooter: boolean;
  /** Lines for rows, without the line of titles. */
  readonly body: number;
}

/** A low terminal keeps its rows, and leaves out the least important lines of the header. */
export function heightsOf(state: TopState): Heights {
  const { rows } = state.size;
  const hasFooter = rows >= 8 || state.isTyping;
  const hasGap = rows >= 16;
  const around = 1 + (hasFooter ? 1 : 0) + (hasGap ? 1 : 0);
  const all = headerOf(state);
  const most = Math.max(1, rows - around - (rows < 10 ? 2 : 5));
  const kept = new Set(all.toSorted((a, b) => a.rank - b.rank).slice(0, most));
  const header = all.filter((line) => kept.has(line));
  return { header, hasGap, hasFooter, body: Math.max(1, rows - around - header.length) };
}

export function bodyRows(state: TopState): number {
  return heightsOf(state).body;
}
