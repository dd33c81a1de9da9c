// The rules in force, each in a few words.

import { durationText } from '../../core/base/duration.ts';
import { count, counted, percent } from '../../core/base/format.ts';
import type { Readings, RuleBook, RuleName, Rules } from '../../core/detection/rules.ts';
import type { Phrase } from '../blockkit/rich-text.ts';

/** `dormant-spike: 2.5 × its usual and 30 more, 2 of 3 readings`; what is off is named; and how many overrides there are. */
export function rulesLine({ rules, overrides }: RuleBook): Phrase {
  const told = Object.keys(WORDS).filter(isTold);
  const on = told.flatMap((rule) => {
    const words = wordsOf(rules, rule);
    return words === null ? [] : [words === '' ? rule : `${rule}: ${words}`];
  });
  const off = told.filter((rule) => rules[rule] === null);
  const more = overrides.length === 0 ? '' : ` · ${counted(overrides.length, 'override')}`;
  const none = off.length === 0 ? '' : ` · off: ${off.join(', ')}`;
  return [`Rules: ${on.join(' · ')}${none}${more} · told again after ${durationText(rules.repeat)}.`];
}

type Words = { readonly [Name in RuleName]: (rule: NonNullable<Rules[Name]>) => string };

const spike = (rule: NonNullable<Rules['dormant-spike']>) => above(rule);

const WORDS: Words = {
  'dormant-spike': spike,
  'pooled-spike': spike,
  'dormant-threshold': ({ limit, readings }) => `${count(limit)}, ${often(readings)}`,
  'node-headroom': ({ warning, critical }) => `${percent(warning)}, critical ${percent(critical)}`,
  rejected: () => '',
  churn: (rule) => above(rule),
  clients: (rule) => above(rule),
  'new-source': ({ minimum, readings }) => `${count(minimum)}, ${often(readings)}`,
  unreadable: ({ readings }) => often(readings),
};

function isTold(name: string): name is RuleName {
  return name in WORDS;
}

/** Null for a rule that is off. */
function wordsOf<Name extends RuleName>(rules: Rules, name: Name): string | null {
  const rule = rules[name];
  return rule === null ? null : WORDS[name](rule);
}

function above(rule: { readonly ratio: number; readonly minimum: number; readonly readings: Readings }): string {
  return `${rule.ratio} × its usual and ${count(rule.minimum)} more, ${often(rule.readings)}`;
}

function often({ needed, of }: Readings): string {
  return `${needed} of ${of} readings`;
}
