// The rules: what each can be set to, its defaults, and which of them hold for one source or node of one cluster.

import { HOUR } from './duration.ts';

/** `of` readings are looked at, `needed` of them must be above. */
export interface Readings {
  readonly needed: number;
  readonly of: number;
}

export interface SpikeRule {
  readonly ratio: number;
  /** By how many connections at least a value must be above its usual. */
  readonly minimum: number;
  readonly readings: Readings;
  /** Below this ratio a reading counts for the end of the alert. */
  readonly clear: number;
  /** A lower ratio that counts when it lasts: leaks, and changes that are no storm. */
  readonly slow: { readonly ratio: number; readonly readings: Readings };
}

export interface Rules {
  readonly 'dormant-spike': SpikeRule | null;
  readonly 'pooled-spike': SpikeRule | null;
  readonly 'dormant-threshold': { readonly limit: number; readonly readings: Readings } | null;
  /** Shares of the limit, 0 to 1. */
  readonly 'node-headroom': { readonly warning: number; readonly critical: number } | null;
  readonly rejected: Readonly<Record<string, never>> | null;
  /** `minimum` in new connections a second. */
  readonly churn: { readonly ratio: number; readonly minimum: number; readonly readings: Readings } | null;
  readonly clients: { readonly ratio: number; readonly minimum: number; readonly readings: Readings } | null;
  readonly 'new-source': { readonly minimum: number; readonly readings: Readings } | null;
  readonly unreadable: { readonly readings: Readings } | null;
  /** Milliseconds after which a firing alert is told again. */
  readonly repeat: number;
}

export type RuleName = Exclude<keyof Rules, 'repeat'>;

/** Settings for a part of the world: null of a rule is off. Patterns are globs; null fits all. */
export interface RuleOverride {
  readonly source: string | null;
  readonly cluster: string | null;
  readonly node: string | null;
  readonly rules: Partial<Rules>;
}

export interface RuleBook {
  readonly rules: Rules;
  readonly overrides: readonly RuleOverride[];
}

const spike: SpikeRule = {
  ratio: 2.5,
  minimum: 30,
  readings: { needed: 2, of: 3 },
  clear: 1.4,
  slow: { ratio: 1.6, readings: { needed: 10, of: 12 } },
};

export const DEFAULT_RULES: Rules = {
  'dormant-spike': spike,
  'pooled-spike': spike,
  'dormant-threshold': null,
  'node-headroom': { warning: 0.8, critical: 0.9 },
  rejected: {},
  churn: { ratio: 5, minimum: 5, readings: { needed: 3, of: 4 } },
  clients: { ratio: 1.5, minimum: 20, readings: { needed: 10, of: 12 } },
  'new-source': { minimum: 50, readings: { needed: 3, of: 4 } },
  unreadable: { readings: { needed: 2, of: 3 } },
  repeat: 4 * HOUR,
};

export const DEFAULT_BOOK: RuleBook = { rules: DEFAULT_RULES, overrides: [] };

export const DEFAULT_THRESHOLD_READINGS: Readings = { needed: 2, of: 3 };

export interface Subject {
  readonly cluster: string;
  /** Id and name, as far as it is a source. */
  readonly source: readonly string[];
  readonly node: string | null;
}

/** Later overrides win. */
export function rulesFor({ rules, overrides }: RuleBook, subject: Subject): Rules {
  const fitting = overrides.filter((override) => fitsSubject(override, subject));
  return Object.assign({}, rules, ...fitting.map((override) => override.rules));
}

function fitsSubject({ source, cluster, node }: RuleOverride, subject: Subject): boolean {
  if (cluster !== null && !fits(cluster, subject.cluster)) return false;
  if (source !== null && !subject.source.some((word) => fits(source, word))) return false;
  return node === null || (subject.node !== null && fits(node, subject.node));
}

/** A glob of * and ?, letter case ignored. */
function fits(glob: string, word: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${pattern}$`, 'isu').test(word);
}
