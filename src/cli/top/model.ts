// What the screen of `top` shows: the last readings, and the choices of the person at the keyboard. Plain data.

import type { TopFailure } from '../../app/commands/types.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Ordering } from '../../core/top/order.ts';
import type { TopPart, TopReading, TopView } from '../../core/top/row.ts';
import type { Track, Tracked } from '../../core/top/track.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Everything that was read so far. */
export interface TopReadings {
  /** The last one in which a node answered; null before the first. */
  readonly reading: TopReading | null;
  /** Why the last attempt read nothing; null if it did. */
  readonly failure: TopFailure | null;
  /** The most connections of the cluster since the start; null where it is unknown. */
  readonly most: number | null;
  readonly tracked: Readonly<Record<TopView, Tracked | null>>;
  /** Why there are no pools; null if there are some. */
  readonly poolsProblem: Problem | null;
  /** How long the slowest node took for `$currentOp`. */
  readonly busyMs: number;
}

/** The row that is opened, and its tables. */
export interface OpenedRow {
  readonly track: Track;
  readonly parts: readonly TopPart[];
  /** The first line that is shown. */
  readonly offset: number;
}

export interface TopState {
  /** As asked for, or as the reading names it. */
  readonly cluster: string;
  readonly isFromStore: boolean;
  readonly live: TopReadings;
  /** What is shown while the screen is paused; null while it is not. TopReadings go on. */
  readonly paused: { readonly readings: TopReadings; readonly at: number } | null;
  readonly ordering: Ordering;
  readonly isTyping: boolean;
  readonly isHelp: boolean;
  readonly opened: OpenedRow | null;
  /** The id stays selected wherever its row moves. The index counts when the row is dropped. */
  readonly selected: { readonly id: string | null; readonly index: number };
  /** The first row that is shown. */
  readonly offset: number;
  /** In order. */
  readonly rows: readonly Track[];
  /** Milliseconds between readings, as wanted. */
  readonly everyMs: number;
  readonly size: Size;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly isDone: boolean;
}

export function shownReadings({ live, paused }: Pick<TopState, 'live' | 'paused'>): TopReadings {
  return paused?.readings ?? live;
}
