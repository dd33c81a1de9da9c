// Something that could not be read, or only in part. It is shown beside the numbers, never as a zero.

/** What went wrong, in words for people: `text` says what happened to what, `remedy` says what to do. */
export interface Problem {
  /** Stable and machine-readable, e.g. `timeout`, `access-list-page-failed`. */
  readonly code: string;
  readonly text: string;
  readonly remedy: string;
}

/** Code where a project's Flex clusters could not be listed; its other clusters are all there. */
export const FLEX_UNREAD = 'flex-clusters-unread';

/** Text and remedy in one line. */
export function inWords({ text, remedy }: Pick<Problem, 'text' | 'remedy'>): string {
  return `${text} ${remedy}`.trim();
}

/** Many things may fail with the same text. */
export function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.text, problem])).values()];
}
