// The input of the linter, and its answer.

import { counted, joinWords } from '../base/format.ts';
import type { DriverChoice } from '../drivers/driver.ts';

/**
 * A finding about a connection string. With an error it cannot be used; a warning says what was ignored or corrected.
 */
export interface LintFinding {
  /** The linter's code, e.g. `userinfo-unescaped`. */
  readonly id: string;
  readonly severity: 'error' | 'warning' | 'info';
  /** Contains no part of the string but names of options. */
  readonly text: string;
  readonly fix: string;
}

/** As typed by the specification. Tags are one record for each `readPreferenceTags`. */
export type OptionValue =
  | string
  | number
  | boolean
  | readonly string[]
  | Readonly<Record<string, string>>
  | readonly Readonly<Record<string, string>>[];

/** The input beside the string. */
export interface LintContext {
  readonly driver: DriverChoice;
  /** The application runs as a function (FaaS). */
  readonly functions: boolean;
  /** `limit` and `reserved`: connections of one node. */
  readonly fleet: { readonly instances: number; readonly limit: number; readonly reserved: number } | null;
}

export interface EffectiveOption {
  readonly name: string;
  /** `…` in place of a secret. */
  readonly value: string;
  /** The driver's default; null where it has none. */
  readonly fallback: string | null;
  readonly from: 'string' | 'default' | 'srv';
}

/** `idle`: minPoolSize; `used`: one operation at once for each client; `full`: full pools. Null without a bound. */
export interface ScenarioFigures {
  readonly idle: number | null;
  readonly used: number | null;
  readonly full: number | null;
}

/** On one node, heartbeat connections included. An instance is one process with one MongoClient. */
export interface PoolForecast {
  readonly perInstance: ScenarioFigures & { readonly monitors: number };
  /** Of all instances. */
  readonly fleet: ScenarioFigures;
  readonly instancesUntilLimit: ScenarioFigures;
}

/** Contains no part of the string but hosts, the database, and known options with harmless values. */
export interface LintReport {
  /** A driver that follows the specification accepts the string. */
  readonly valid: boolean;
  /** As written; without those that may be a part of a password. */
  readonly hosts: readonly string[];
  readonly srv: boolean;
  readonly database: string | null;
  /** The database that has the user; null without a user, and where only DNS knows. */
  readonly authSource: string | null;
  /** By the names of the specification. */
  readonly options: Readonly<Record<string, OptionValue>>;
  /** Worst first. */
  readonly findings: readonly LintFinding[];
  /** With `<user>:<password>` in place of credentials; null where too little was recognised. */
  readonly repaired: string | null;
  readonly effective: readonly EffectiveOption[];
  /** Null without a fleet, and where too little was recognised. */
  readonly forecast: PoolForecast | null;
}

/** As a person reads them. */
export const SEVERITY_WORDS = { error: 'error', warning: 'warning', info: 'note' } as const;
const WORST_FIRST: readonly LintFinding['severity'][] = ['error', 'warning', 'info'];

/** Drivers parse these, but reach no server with them, or are let into none. */
const UNCONNECTED: readonly string[] = [
  ...['placeholder-left', 'srv-host-address', 'srv-name-without-srv', 'tls-off', 'tls-missing'],
];
/** Errors for Node.js alone. */
const OF_NODE: readonly string[] = ['option-unknown', 'option-removed'];

/** `1 error and 2 notes`; null without a finding. */
export function findingCounts(findings: readonly LintFinding[]): string | null {
  const parts = WORST_FIRST.flatMap((severity) => {
    const found = findings.filter((finding) => finding.severity === severity).length;
    return found === 0 ? [] : [counted(found, SEVERITY_WORDS[severity])];
  });
  return parts.length === 0 ? null : joinWords(parts);
}

/** What drivers do with the string. That one is accepted does not say that it connects. */
export function verdictOf({ valid, findings }: LintReport): string {
  if (!valid) return 'drivers refuse this string';
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return 'drivers accept this string';
  if (errors.some(({ id }) => UNCONNECTED.includes(id))) return 'no driver connects with this string as it is';
  if (errors.every(({ id }) => OF_NODE.includes(id))) return 'Node.js refuses this string';
  return 'some drivers accept this string, but it needs a correction';
}
