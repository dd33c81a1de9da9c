// All that outside data reaches; the shares are of a hundred.

import { FILE_TARGETS } from './file-targets.ts';
import { READING_TARGETS } from './reading-targets.ts';
import { SETTINGS_TARGETS } from './settings-targets.ts';
import { SLACK_TARGETS } from './slack-targets.ts';
import type { Target } from './target.ts';

export const TARGETS: readonly Target[] = [...SLACK_TARGETS, ...READING_TARGETS, ...FILE_TARGETS, ...SETTINGS_TARGETS];

const all = TARGETS.reduce((sum, { share }) => sum + share, 0);

/** How many of all inputs go to one. */
export function runsOf({ share }: Target, runs: number): number {
  return Math.max(1, Math.round((runs * share) / all));
}
