// What is wrong with a connection string, and how to correct it.

import { effectiveOptions } from './effective.ts';
import { poolForecast } from './pool-forecast.ts';
import { draftOf, printDraft, shownDatabase } from './repair.ts';
import type { LintContext, LintFinding, LintReport, OptionValue } from './report.ts';
import type { LintRule, Said } from './rule.ts';
import { AUTH_RULES } from './rules-auth.ts';
import { CONFLICT_RULES } from './rules-conflicts.ts';
import { HOST_RULES } from './rules-hosts.ts';
import { POOL_RULES } from './rules-pool.ts';
import { SAFETY_RULES } from './rules-safety.ts';
import { NO_SCHEME, SHAPE_RULES } from './rules-shape.ts';
import { VALUE_RULES } from './rules-values.ts';
import { canonicalName, type LintSubject, subjectOf } from './subject.ts';
import { shownOf } from './values.ts';

export type { LintContext, LintFinding, LintReport } from './report.ts';

/** Every rule, in the order in which their repairs are made: a later one sees what an earlier one left. */
export const CATALOGUE: readonly LintRule[] = [
  ...SHAPE_RULES,
  ...HOST_RULES,
  ...VALUE_RULES,
  ...CONFLICT_RULES,
  ...AUTH_RULES,
  ...POOL_RULES,
  ...SAFETY_RULES,
];

const WORST_FIRST = ['error', 'warning', 'info'] as const;

/** Linear in the length of the text. */
export function lintConnectionString(text: string, context: LintContext): LintReport {
  const subject = subjectOf(text, context);
  if (subject === null) return NOTHING;
  const found = CATALOGUE.map((rule) => ({ rule, said: listed(rule.find(subject)) })).filter(
    ({ said }) => said.length > 0,
  );
  const findings = distinct(found.flatMap(({ rule, said }) => said.map((one) => findingOf(rule, one, context))));
  const draft = draftOf(subject);
  if (draft !== null) for (const { rule } of found) rule.repair?.(draft, subject);
  const authSource = authSourceOf(subject);
  return {
    valid: !found.some(({ rule, said }) => said.some(({ breaks }) => breaks ?? rule.breaks ?? false)),
    hosts: subject.anatomy.isUnsafe
      ? []
      : subject.hosts.filter(({ kind }) => kind !== 'wrong').map((host) => host.text),
    srv: subject.srv,
    database: shownDatabase(subject),
    authSource,
    options: shownOptions(subject),
    findings: WORST_FIRST.flatMap((severity) => findings.filter((finding) => finding.severity === severity)),
    repaired: draft === null ? null : printDraft(draft),
    effective: effectiveOptions(subject, authSource),
    forecast: poolForecast(subject),
  };
}

const NOTHING: LintReport = {
  valid: false,
  hosts: [],
  srv: false,
  database: null,
  authSource: null,
  options: {},
  findings: [NO_SCHEME],
  repaired: null,
  effective: [],
  forecast: null,
};

export function listed(said: Said | readonly Said[] | null): readonly Said[] {
  if (said === null) return [];
  return isList(said) ? said : [said];
}

function isList(said: Said | readonly Said[]): said is readonly Said[] {
  return Array.isArray(said);
}

function findingOf({ id, severity }: LintRule, said: Said, context: LintContext): LintFinding {
  const usual = typeof severity === 'function' ? severity(context) : severity;
  return { id, severity: said.severity ?? usual, text: said.text, fix: said.fix };
}

function distinct(findings: readonly LintFinding[]): readonly LintFinding[] {
  return [...new Map(findings.map((finding) => [`${finding.id} ${finding.text}`, finding])).values()];
}

/** The first of a repeated option; all sets of tags. */
function shownOptions({ settings, setting }: LintSubject): Readonly<Record<string, OptionValue>> {
  const shown = settings.flatMap(({ option }) => {
    const name = canonicalName(option.name);
    const counted = setting(name);
    const value = counted === null ? null : shownOf(counted);
    return value === null ? [] : [[name, value] as const];
  });
  const tags = settings
    .filter(({ option }) => option.name === 'readPreferenceTags')
    .map(shownOf)
    .filter(
      (one): one is Readonly<Record<string, string>> => typeof one === 'object' && one !== null && !Array.isArray(one),
    );
  return { ...Object.fromEntries(shown), ...(tags.length > 0 && { readPreferenceTags: tags }) };
}

/** Authentication specification. */
function authSourceOf(subject: LintSubject): string | null {
  const { login, mechanism, text, setting, srv } = subject;
  const given = setting('authSource');
  if (given !== null) {
    const shown = shownOf(given);
    return typeof shown === 'string' ? shown : null;
  }
  if (mechanism !== null && ['MONGODB-X509', 'MONGODB-AWS', 'MONGODB-OIDC', 'GSSAPI'].includes(mechanism))
    return '$external';
  if (login === null || srv || subject.anatomy.isUnsafe || text('authSource') !== null) return null;
  return shownDatabase(subject) ?? (mechanism === 'PLAIN' ? '$external' : subject.database === null ? 'admin' : null);
}
