// What is said of options that some drivers do not know, or all.

import { joinWords } from '../base/format.ts';
import { nearest } from '../base/fuzzy-match.ts';
import { DRIVERS, driverTitles } from '../drivers/driver.ts';
import { URI_OPTIONS, type UriOption } from '../drivers/options.ts';
import type { LintContext } from './report.ts';
import type { Said } from './rule.ts';

/** So many drivers are named. */
const FEW = 5;

export function consequence({ driver }: LintContext): string {
  if (driver === 'node') return 'Node.js refuses the string.';
  return driver === 'any' ? 'Node.js refuses the string; other drivers ignore it.' : 'The driver ignores it.';
}

export function saidOfForeign({ name, knownTo }: UriOption, context: LintContext): Said {
  const who =
    knownTo.length > FEW
      ? 'other drivers know'
      : `${driverTitles(knownTo)} alone ${knownTo.length > 1 ? 'know' : 'knows'}`;
  return {
    text: `This driver does not know the option ${name}, which ${who}. ${consequence(context)}`,
    fix: 'Remove it.',
  };
}

/** For any driver: which of them refuses or ignores an option that others know. */
export function saidOfSome({ name, knownTo, isSpecified }: UriOption, { driver }: LintContext): readonly Said[] {
  const lacking = DRIVERS.filter((one) => !knownTo.includes(one));
  // `pool-idle-ignored` says it of maxIdleTimeMS.
  if (driver !== 'any' || knownTo.length === 0 || lacking.length === 0 || name === 'maxIdleTimeMS') return [];
  const who =
    lacking.length > FEW
      ? `Only ${driverTitles(knownTo)} ${knownTo.length > 1 ? 'know' : 'knows'}`
      : `${driverTitles(lacking)} ${lacking.length > 1 ? 'do' : 'does'} not know`;
  const isRefused = lacking.includes('node');
  return [
    {
      text: `${who} the option ${name}. ${isRefused ? 'Node.js refuses the string; other drivers without it ignore it.' : 'Drivers without it ignore it.'}`,
      fix: `Keep ${name} for drivers that know it.`,
      severity: isRefused && !isSpecified ? 'warning' : 'info',
    },
  ];
}

/** Names that are unknown are not repeated, because they may be a part of a secret. */
export function saidOfNames(names: readonly string[], context: LintContext): readonly Said[] {
  if (names.length === 0) return [];
  const some = [...new Set(names)].slice(0, MOST_NAMES);
  const near = some.map((name) => nearest(name, NAMES)).filter((name) => name !== null);
  const what = names.length === 1 ? 'One option is' : `${names.length} options are`;
  return [
    {
      text: `${what} unknown to all drivers. ${consequence(context)}`,
      fix:
        near.length === 0
          ? 'Remove what no driver has.'
          : `Did you mean ${joinWords([...new Set(near)])}? Otherwise remove it.`,
    },
  ];
}

const NAMES = URI_OPTIONS.filter(({ isSpecified }) => isSpecified).map(({ name }) => name);
/** Looking for the nearest names of more takes long, and helps nobody. */
const MOST_NAMES = 8;
