// What is said of the settings beside their values.

import type { Problem } from '../core/base/problem.ts';

/** What was gathered on the way: problems end the start, notices are only said. */
export interface Remarks {
  readonly problems: Problem[];
  readonly notices: string[];
}
