// What an entry of the linter's catalogue has.

import type { LintContext, LintFinding } from './report.ts';
import type { LintSubject } from './subject.ts';

export type LintSeverity = LintFinding['severity'];

/** Where the rule's facts were read. */
type RuleSource =
  | 'connection string specification'
  | 'URI options specification'
  | 'SRV specification'
  | 'authentication specification'
  | 'server selection specification'
  | 'driver source'
  | 'measured'
  | 'Atlas documentation'
  | 'driver mathematics';

/** A connection string that is being corrected. */
export interface Draft {
  srv: boolean;
  login: string | null;
  hosts: readonly string[];
  database: string | null;
  /** Names as the specification spells them, with values as they stand in a string. */
  options: readonly (readonly [name: string, value: string])[];
}

/** Texts repeat no part of the string but names of known options and figures. */
export interface Said {
  readonly text: string;
  /** An imperative with the exact replacement. */
  readonly fix: string;
  /** Where it differs from the entry's. */
  readonly severity?: LintSeverity;
  readonly breaks?: boolean;
}

export interface LintRule {
  readonly id: string;
  readonly severity: LintSeverity | ((context: LintContext) => LintSeverity);
  /** A driver that follows the specification refuses the string. */
  readonly breaks?: true;
  readonly source: RuleSource;
  /** What is wrong; null or empty for nothing. */
  readonly find: (subject: LintSubject) => Said | readonly Said[] | null;
  readonly repair?: (draft: Draft, subject: LintSubject) => void;
}

export function without(draft: Draft, ...names: readonly string[]): void {
  draft.options = draft.options.filter(([name]) => !names.includes(name));
}

/** In the place of the first of that name, or at the end. */
export function withOption(draft: Draft, name: string, value: string): void {
  const isThere = draft.options.some(([known]) => known === name);
  if (isThere) draft.options = draft.options.map((one) => (one[0] === name ? [name, value] : one));
  else draft.options = [...draft.options, [name, value]];
}
