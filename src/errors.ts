// All errors: the classes, and explain(), which turns an error into text for people.

import type { Problem } from './core/base/problem.ts';

/** The settings are wrong. Lists every problem, each with the setting's name. Exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map((problem) => `${problem.text} ${problem.remedy}`).join('\n'));
    this.problems = problems;
  }
}

/** The request names something unknown or cannot be understood. Exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** What to do instead, e.g. `Did you mean "prod"?` */
  readonly remedy: string;
  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}

/** There is no history yet. A command that lists everything shows an empty list instead of this error. */
export class NoHistoryError extends UserError {}

/** Atlas, a node, Slack or the store failed. Exit code 1. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly problem: Problem;
  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.text, options);
    this.problem = problem;
  }
}

/** The public part of an error. The log has the rest under `reference`. */
export function explain(error: unknown, reference: string): Problem {
  if (error instanceof UpstreamError) return error.problem;
  if (error instanceof UserError) return { code: 'user', text: error.message, remedy: error.remedy };
  if (error instanceof ConfigError) return { code: 'configuration', text: error.message, remedy: '' };
  return {
    code: 'internal',
    text: `Internal error (reference ${reference}).`,
    remedy: 'Look for this reference in the log.',
  };
}
