// Which rows of `top` are shown, and in which order. Equal figures keep the order of their names.

import { compareText } from '../base/format.ts';
import { columnsOf, type TopColumn } from './columns.ts';
import type { TopView } from './row.ts';
import type { Track, Tracked } from './track.ts';

export interface Ordering {
  readonly view: TopView;
  /** The key of a column. */
  readonly column: string;
  /** Figures begin with the largest and names with A, unless this is true. */
  readonly isReversed: boolean;
  /** Part of a name or an origin, in any case; empty for all rows. */
  readonly filter: string;
  readonly hidesIdle: boolean;
  /** Ids in their frozen order; null while the order follows the figures. */
  readonly frozen: readonly string[] | null;
}

/** A column that the view does not have sorts by the first figure. */
export function sortColumn({ view, column }: Pick<Ordering, 'view' | 'column'>): TopColumn {
  const columns = columnsOf(view);
  const found = columns.find(({ key }) => key === column) ?? columns.find(({ kind }) => kind === 'figure');
  if (found === undefined) throw new Error(`view ${view} has no columns`);
  return found;
}

export function orderedTracks(tracked: Tracked | null, ordering: Ordering): readonly Track[] {
  const { value, kind } = sortColumn(ordering);
  const direction = (kind === 'figure' ? -1 : 1) * (ordering.isReversed ? -1 : 1);
  const keyed = [...(tracked?.tracks.values() ?? [])]
    .filter((one) => isShown(one, ordering))
    .map((one) => ({ one, key: value(one), name: one.row.name, id: one.row.id }));
  keyed.sort((a, b) => {
    if (a.key !== b.key) {
      if (a.key === null) return 1;
      if (b.key === null) return -1;
      return a.key < b.key ? -direction : direction;
    }
    return compareText(a.name, b.name) || compareText(a.id, b.id);
  });
  const sorted = keyed.map(({ one }) => one);
  return ordering.frozen === null ? sorted : inFrozenOrder(sorted, ordering.frozen);
}

/** New rows come last. */
function inFrozenOrder(sorted: readonly Track[], frozen: readonly string[]): readonly Track[] {
  const places = new Map(frozen.map((id, place) => [id, place]));
  const placeOf = ({ row }: Track) => places.get(row.id) ?? frozen.length;
  return sorted.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function isShown({ row, missed }: Track, { filter, hidesIdle }: Ordering): boolean {
  if (hidesIdle && (missed > 0 || isIdle(row))) return false;
  const part = filter.toLowerCase();
  return part === '' || row.name.toLowerCase().includes(part) || row.origin.toLowerCase().includes(part);
}

/** Nothing runs now. A row whose activity is unknown is not idle. */
function isIdle({ active, pool }: Track['row']): boolean {
  return pool === null ? active === 0 : pool.inUse === 0 && pool.waiting === 0;
}
