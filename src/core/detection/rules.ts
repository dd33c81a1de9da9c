// The rules: what each can be set to, its defaults, and which of them hold for one source or node of one cluster.

import { HOUR } from '../base/duration.ts';
import { fits } from '../base/glob.ts';

export type Severity = 'warning' | 'critical';

/** `of` readings are looked at, `needed` of them must be above. */
export interface Readings {
  readonly needed: number;
  readonly of: number;
}

/** How loud the rule is; headroom has a line for each severity instead. */
interface Loud {
  readonly severity: Severity;
}

interface SlowLine {
  readonly ratio: number;
  /** Of readings five minutes apart; for another schedule as many as fill the same time. */
  readonly readings: Readings;
}

export interface SpikeRule extends Loud {
  readonly ratio: number;
  /** By how many connections at least a value must be above its usual. */
  readonly minimum: number;
  readonly readings: Readings;
  /** Below this ratio a reading counts for the end of the alert. */
  readonly clear: number;
  /** A lower ratio that counts when it lasts: leaks, and changes that are no storm. */
  readonly slow: SlowLine;
}

interface RisingRule extends Loud {
  readonly ratio: number;
  readonly minimum: number;
  readonly readings: Readings;
}

export interface Rules {
  readonly 'dormant-spike': SpikeRule | null;
  readonly 'pooled-spike': SpikeRule | null;
  readonly 'dormant-threshold': (Loud & { readonly limit: number; readonly readings: Readings }) | null;
  /** Shares of the limit, 0 to 1. */
  readonly 'node-headroom': { readonly warning: number; readonly critical: number } | null;
  readonly rejected: Loud | null;
  /** `minimum` in new connections a second. */
  readonly churn: RisingRule | null;
  readonly clients: RisingRule | null;
  readonly 'new-source': (Loud & { readonly minimum: number; readonly readings: Readings }) | null;
  readonly unreadable: (Loud & { readonly readings: Readings }) | null;
  /** Milliseconds after which a firing alert is told again. */
  readonly repeat: number;
}

export type RuleName = Exclude<keyof Rules, 'repeat'>;

type Patch<Rule> = { readonly [Field in keyof Rule]?: Field extends 'slow' ? Partial<SlowLine> : Rule[Field] };

/** What is set of some rules, on top of the ones in force; null is off. */
export type RulePatch = { readonly [Name in RuleName]?: Patch<NonNullable<Rules[Name]>> | null } & {
  readonly repeat?: number;
};

/** Settings for a part of the world. Patterns are globs; null fits all. */
interface RuleOverride {
  readonly source: string | null;
  readonly cluster: string | null;
  readonly node: string | null;
  readonly rules: RulePatch;
}

export interface RuleBook {
  readonly rules: Rules;
  readonly overrides: readonly RuleOverride[];
  /** IANA name, for the times that sentences name; UTC where it is left out. */
  readonly timeZone?: string;
}

const spike: SpikeRule = {
  ratio: 2.5,
  minimum: 30,
  readings: { needed: 2, of: 3 },
  clear: 1.4,
  slow: { ratio: 1.6, readings: { needed: 10, of: 12 } },
  severity: 'warning',
};

export const DEFAULT_RULES: Rules = {
  'dormant-spike': spike,
  'pooled-spike': spike,
  'dormant-threshold': null,
  'node-headroom': { warning: 0.8, critical: 0.9 },
  rejected: { severity: 'critical' },
  churn: { ratio: 5, minimum: 5, readings: { needed: 3, of: 4 }, severity: 'warning' },
  clients: { ratio: 1.5, minimum: 20, readings: { needed: 10, of: 12 }, severity: 'warning' },
  'new-source': { minimum: 50, readings: { needed: 3, of: 4 }, severity: 'warning' },
  unreadable: { readings: { needed: 2, of: 3 }, severity: 'warning' },
  repeat: 4 * HOUR,
};

/** What a rule begins from where it is off and something of it is set. */
const WHEN_SET: Rules = {
  ...DEFAULT_RULES,
  'dormant-threshold': { limit: Number.POSITIVE_INFINITY, readings: { needed: 2, of: 3 }, severity: 'warning' },
};

export const RULE_NAMES: readonly RuleName[] = [
  'dormant-spike',
  'pooled-spike',
  'dormant-threshold',
  'node-headroom',
  'rejected',
  'churn',
  'clients',
  'new-source',
  'unreadable',
];

export function isRuleName(word: string): word is RuleName {
  return RULE_NAMES.some((name) => name === word);
}

export const DEFAULT_BOOK: RuleBook = { rules: DEFAULT_RULES, overrides: [] };

export interface RuleSubject {
  readonly cluster: string;
  /** Id and name, as far as it is a source. */
  readonly source: readonly string[];
  readonly node: string | null;
}

/** Later overrides win, field by field. */
export function rulesFor({ rules, overrides }: RuleBook, subject: RuleSubject): Rules {
  return overrides
    .filter((override) => fitsSubject(override, subject))
    .reduce((held, override) => patched(held, override.rules), rules);
}

export function patched(rules: Rules, patch: RulePatch): Rules {
  return {
    'dormant-spike': spikeWith(rules['dormant-spike'], patch['dormant-spike']),
    'pooled-spike': spikeWith(rules['pooled-spike'], patch['pooled-spike']),
    'dormant-threshold': withSet(rules['dormant-threshold'], patch['dormant-threshold'], WHEN_SET['dormant-threshold']),
    'node-headroom': withSet(rules['node-headroom'], patch['node-headroom'], WHEN_SET['node-headroom']),
    rejected: withSet(rules.rejected, patch.rejected, WHEN_SET.rejected),
    churn: withSet(rules.churn, patch.churn, WHEN_SET.churn),
    clients: withSet(rules.clients, patch.clients, WHEN_SET.clients),
    'new-source': withSet(rules['new-source'], patch['new-source'], WHEN_SET['new-source']),
    unreadable: withSet(rules.unreadable, patch.unreadable, WHEN_SET.unreadable),
    repeat: patch.repeat ?? rules.repeat,
  };
}

function withSet<Rule extends object>(
  held: Rule | null,
  set: Partial<Rule> | null | undefined,
  base: Rule | null,
): Rule | null {
  if (set === undefined) return held;
  const from = held ?? base;
  return set === null || from === null ? null : { ...from, ...set };
}

function spikeWith(held: SpikeRule | null, set: RulePatch['dormant-spike']): SpikeRule | null {
  if (set === undefined || set === null) return set === null ? null : held;
  const { slow: line, ...fields } = set;
  const next = { ...(held ?? spike), ...fields };
  // Lines that were not set go down with the line itself.
  const slow = { ...next.slow, ratio: Math.min(next.slow.ratio, next.ratio), ...line };
  const lowest = Math.min(next.ratio, slow.ratio);
  return { ...next, slow, clear: next.clear < lowest ? next.clear : 1 + (lowest - 1) * 0.7 };
}

function fitsSubject({ source, cluster, node }: RuleOverride, subject: RuleSubject): boolean {
  if (cluster !== null && !fits(cluster, subject.cluster)) return false;
  if (source !== null && !subject.source.some((word) => fits(source, word))) return false;
  return node === null || (subject.node !== null && fits(node, subject.node));
}
