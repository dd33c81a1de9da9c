// What is wrong with a connection string, and how to correct it.

import type { DriverChoice } from '../drivers/driver.ts';
import { error, type LintFinding } from './connection-options.ts';

export type { LintFinding } from './connection-options.ts';

/** What the linter is told beside the string. */
export interface LintContext {
  readonly driver: DriverChoice;
  /** The application runs as a function (FaaS). */
  readonly functions: boolean;
  /** `limit` and `reserved`: connections of one node. */
  readonly fleet: { readonly instances: number; readonly limit: number; readonly reserved: number } | null;
}

/** As typed by the specification. Tags are one record for each `readPreferenceTags`. */
export type OptionValue =
  | string
  | number
  | boolean
  | readonly string[]
  | Readonly<Record<string, string>>
  | readonly Readonly<Record<string, string>>[];

export interface EffectiveOption {
  readonly name: string;
  /** `…` in place of a secret. */
  readonly value: string;
  /** The driver's default; null where it has none. */
  readonly fallback: string | null;
  readonly from: 'string' | 'default' | 'srv';
}

/** Contains no part of the string but hosts, the database, and known options with harmless values. */
export interface LintReport {
  /** A driver that follows the specification accepts the string. */
  readonly valid: boolean;
  readonly hosts: readonly string[];
  readonly srv: boolean;
  readonly database: string | null;
  readonly authSource: string | null;
  /** By the names of the specification. */
  readonly options: Readonly<Record<string, OptionValue>>;
  /** Worst first. */
  readonly findings: readonly LintFinding[];
  /** With `<user>:<password>` in place of credentials; null where too little was recognised. */
  readonly repaired: string | null;
  readonly effective: readonly EffectiveOption[];
}

/** Linear in the length of the text. */
export function lintConnectionString(text: string, context: LintContext): LintReport {
  const scheme = error('scheme-invalid', 'The text is not a connection string.', 'Write mongodb:// or mongodb+srv://.');
  const isString = /mongodb(\+srv)?:\/\//i.test(text);
  return {
    valid: isString,
    hosts: [],
    srv: /mongodb\+srv:/i.test(text),
    database: null,
    authSource: null,
    options: {},
    findings: isString || context.driver === null ? [] : [scheme],
    repaired: null,
    effective: [],
  };
}
