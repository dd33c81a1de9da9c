// The table of the rules, and the settings in force for one source or node of one cluster. A new rule is its own file
// and a line here.

import { HOUR } from '../base/duration.ts';
import { fits } from '../base/glob.ts';
import { churn } from './churn.ts';
import { clients } from './clients.ts';
import { dormantThreshold } from './dormant-threshold.ts';
import { newSource } from './new-source.ts';
import { nodeHeadroom } from './node-headroom.ts';
import { poolExhausted } from './pool-exhausted.ts';
import { rejected } from './rejected.ts';
import { type Contradiction, type Rule, readingsText } from './rule.ts';
import { dormantSpike, pooledSpike } from './spikes.ts';
import { unreadable } from './unreadable.ts';

const TABLE = {
  'dormant-spike': dormantSpike,
  'pooled-spike': pooledSpike,
  'dormant-threshold': dormantThreshold,
  'node-headroom': nodeHeadroom,
  rejected,
  churn,
  clients,
  'new-source': newSource,
  unreadable,
  'pool-exhausted': poolExhausted,
};

export type RuleName = keyof typeof TABLE;

export type RuleSettings = { readonly [Name in RuleName]: (typeof TABLE)[Name]['defaults'] };

/** Null for a rule that is off. */
export type SettingsInForce = { readonly [Name in RuleName]: RuleSettings[Name] | null };
export type Rules = SettingsInForce & {
  /** Milliseconds after which a firing alert is repeated. */
  readonly repeat: number;
};

export const RULES: { readonly [Name in RuleName]: Rule<RuleSettings[Name]> } = TABLE;

export function isRuleName(word: string): word is RuleName {
  return Object.hasOwn(TABLE, word);
}

export const RULE_NAMES: readonly RuleName[] = Object.keys(TABLE).filter(isRuleName);

/** Whether a person may accept the level that an alert of this rule is about, as normal from now on. */
export function isAcceptable(rule: RuleName): boolean {
  return RULES[rule].isAcceptable === true;
}

/** Whether an alert of this rule is about an app and its own pools: its source is that of `sourceOfApp`. */
export function isAboutApp(rule: RuleName): boolean {
  // A later version may have more rules.
  return RULES[rule]?.pool !== undefined;
}

/** Changes of some rules, on top of the settings in force; null is off. */
export type RulePatch = SettingsPatch & { readonly repeat?: number };
type SettingsPatch = { readonly [Name in RuleName]?: Partial<RuleSettings[Name]> | null };

/** Settings for some sources, clusters or nodes. Patterns are globs; null matches all. */
interface RuleOverride {
  readonly source: string | null;
  readonly cluster: string | null;
  readonly node: string | null;
  readonly rules: RulePatch;
}

export interface RuleBook {
  readonly rules: Rules;
  readonly overrides: readonly RuleOverride[];
  /** IANA name, for the times in sentences; UTC when it is left out. */
  readonly timeZone?: string;
}

export const DEFAULT_RULES: Rules = {
  ...eachRule((name) => (RULES[name].isOffByDefault === true ? null : RULES[name].defaults)),
  repeat: 4 * HOUR,
};

export const DEFAULT_BOOK: RuleBook = { rules: DEFAULT_RULES, overrides: [] };

export interface RuleSubject {
  readonly cluster: string;
  /** Id and name of a source; empty for others. */
  readonly source: readonly string[];
  readonly node: string | null;
}

/** Later overrides win, field by field. */
export function rulesFor({ rules, overrides }: RuleBook, subject: RuleSubject): Rules {
  return overrides
    .filter((override) => fitsSubject(override, subject))
    .reduce((settings, override) => patched(settings, override.rules), rules);
}

export function patched(rules: Rules, patch: RulePatch): Rules {
  return { ...eachRule((name) => patchedRule(name, rules, patch)), repeat: patch.repeat ?? rules.repeat };
}

function patchedRule<Name extends RuleName>(
  name: Name,
  rules: SettingsInForce,
  patch: SettingsPatch,
): RuleSettings[Name] | null {
  const set = patch[name];
  if (set === undefined) return rules[name];
  if (set === null) return null;
  const { defaults, adjust } = RULES[name];
  const next: RuleSettings[Name] = { ...(rules[name] ?? defaults), ...set };
  return adjust === undefined ? next : adjust(next, set);
}

/** The first setting of a patch that contradicts the settings in force, which contain it. */
export function contradictionOf<Name extends RuleName>(
  name: Name,
  patch: SettingsPatch,
  rules: SettingsInForce,
): Contradiction | null {
  const set = patch[name];
  const now = rules[name];
  if (set === undefined || set === null || now === null) return null;
  return RULES[name].contradiction?.(set, now) ?? null;
}

/** When a rule fires, and in how many readings; null for a rule that is off. */
export function ruleWords<Name extends RuleName>(
  rules: SettingsInForce,
  name: Name,
): { readonly fires: string; readonly readings: string } | null {
  const settings = rules[name];
  if (settings === null) return null;
  const readings = 'readings' in settings ? readingsText(settings.readings) : 'at once';
  return { fires: RULES[name].words.threshold(settings), readings };
}

function eachRule(value: <Name extends RuleName>(name: Name) => RuleSettings[Name] | null): SettingsInForce {
  return Object.fromEntries(RULE_NAMES.map((name) => [name, value(name)])) as SettingsInForce;
}

function fitsSubject({ source, cluster, node }: RuleOverride, subject: RuleSubject): boolean {
  if (cluster !== null && !fits(cluster, subject.cluster)) return false;
  if (source !== null && !subject.source.some((word) => fits(source, word))) return false;
  return node === null || (subject.node !== null && fits(node, subject.node));
}
