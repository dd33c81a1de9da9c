// A replayed reading: what the alerts would have said about one line of a saved history.

import type { Judged } from './detection/evaluate.ts';

export interface ReplayedReading extends Omit<Judged, 'state'> {
  /** ISO 8601. */
  readonly at: string;
  readonly cluster: string;
  /** Names of the sources, by id. */
  readonly names: ReadonlyMap<string, string>;
}
