// Something that could not be read, or read only in part: said beside the numbers, never as a zero among them.

/** What went wrong, in words for people: `text` says what happened to what, `remedy` says what to do. */
export interface Problem {
  /** Stable and machine-readable, e.g. `timeout`, `access-list-page-failed`. */
  readonly code: string;
  readonly text: string;
  readonly remedy: string;
}

/** Code where a project's Flex clusters could not be listed; its other clusters are all there. */
export const FLEX_UNREAD = 'flex-clusters-unread';

/** As one goes on from the other where both stand in a line. */
export function inWords({ text, remedy }: Pick<Problem, 'text' | 'remedy'>): string {
  return `${text} ${remedy}`.trim();
}

/** Many things may fail in the same words. */
export function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.text, problem])).values()];
}
