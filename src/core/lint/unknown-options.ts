// What is said of options that some drivers do not know, or all.

import { joinWords } from '../base/format.ts';
import { nearest } from '../base/fuzzy-match.ts';
import { DRIVERS, driverTitles } from '../drivers/driver.ts';
import { URI_OPTIONS, type UriOption, uriOption } from '../drivers/options.ts';
import type { Written } from './anatomy.ts';
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

/**
 * Names that are unknown are not repeated, because they may be a part of a secret: their positions are.
 * @param written all options, in order
 */
export function saidOfNames(written: readonly Written[], context: LintContext): readonly Said[] {
  const unknown = written.flatMap(({ name }, index) => (uriOption(name) === null ? [{ name, at: index + 1 }] : []));
  const [first] = unknown;
  if (first === undefined) return [];
  const some = [...new Set(unknown.map(({ name }) => name))].slice(0, MOST_NAMES);
  const near = some.map((name) => nearest(name, NAMES)).filter((name) => name !== null);
  const places = unknown.slice(0, MOST_NAMES).map(({ at }) => ordinal(at));
  const all = unknown.length > places.length ? [...places, `${unknown.length - places.length} more`] : places;
  const what = unknown.length === 1 ? `The ${ordinal(first.at)} option is` : `The ${joinWords(all)} options are`;
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

function ordinal(place: number): string {
  const isTeen = place % 100 > 10 && place % 100 < 14;
  return `${place}${(isTeen ? null : ['', 'st', 'nd', 'rd'][place % 10]) || 'th'}`;
}

const NAMES = URI_OPTIONS.filter(({ isSpecified }) => isSpecified).map(({ name }) => name);
/** The nearest names of more options take long to find, and an answer shows few. */
const MOST_NAMES = 8;
