// Something that could not be read, or only in part. It is shown beside the numbers, never as a zero.

/** For people: `text` says what happened to what, `remedy` says what to do. */
export interface Problem {
  /** Stable and machine-readable, e.g. `timeout`, `access-list-page-failed`. */
  readonly code: string;
  readonly text: string;
  readonly remedy: string;
}

/** Atlas could not list a project's Flex clusters. The list of its other clusters is complete. */
export const FLEX_UNREAD = 'flex-clusters-unread';

/** An M0 or Flex cluster refuses `$currentOp` by design: only its totals can be read. */
export const SHARED_TIER = 'shared-tier';

/** In one line. */
export function inWords({ text, remedy }: Pick<Problem, 'text' | 'remedy'>): string {
  return `${text} ${remedy}`.trim();
}

/** Many failures may have the same text. */
export function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.text, problem])).values()];
}
