// Rules about single options: names that drivers do not know, and values that they do not accept.

import { joinWords } from '../base/format.ts';
import { nearest } from '../base/fuzzy-match.ts';
import { driverTitles } from '../drivers/driver.ts';
import { statusOf, URI_OPTIONS, type UriOption } from '../drivers/options.ts';
import type { LintContext } from './report.ts';
import { type Draft, type LintRule, type LintSeverity, type Said, withOption, without } from './rule.ts';
import { canonicalName } from './subject.ts';

import { consequence, saidOfForeign, saidOfNames, saidOfSome } from './unknown-options.ts';

import { isSeconds, type Setting } from './values.ts';

const URI = 'URI options specification';

/** Node.js throws where the other drivers warn and go on. */
const strict = ({ driver }: LintContext): LintSeverity => (driver === 'node' ? 'error' : 'warning');

export const VALUE_RULES: readonly LintRule[] = [
  {
    id: 'option-unknown',
    severity: strict,
    source: 'driver source',
    find: ({ anatomy, settings, context }) => [
      ...(anatomy.isUnsafe ? [] : saidOfNames(anatomy.written, context)),
      ...distinct(settings).flatMap(({ option }) =>
        isForeign(option, context) ? [saidOfForeign(option, context)] : saidOfSome(option, context),
      ),
    ],
    repair: (draft, { settings, context }) => {
      without(draft, ...settings.filter(({ option }) => isForeign(option, context)).map(({ option }) => option.name));
    },
  },
  {
    id: 'option-removed',
    severity: strict,
    source: 'driver source',
    find: ({ settings, context }) =>
      distinct(settings.filter(({ option }) => statusOf(option, context.driver) === 'removed')).map(({ option }) => ({
        text: `Drivers no longer have the option ${option.name}. ${consequence(context)}`,
        fix: option.instead === null ? 'Remove it.' : `Use ${option.instead} instead.`,
      })),
    repair: (draft, { settings, context }) =>
      replaceOld(draft, settings, (option) => statusOf(option, context.driver) === 'removed'),
  },
  {
    id: 'option-deprecated',
    severity: 'info',
    source: 'driver source',
    find: ({ settings, context }) =>
      distinct(settings).flatMap(({ option }) => {
        const status = statusOf(option, context.driver);
        if (status === 'ignored' && context.driver !== 'any')
          return [{ text: `The option ${option.name} has no effect in this driver.`, fix: 'Remove it.' }];
        const ignoring = context.driver === 'any' ? option.ignoredBy : [];
        if (ignoring.length > 0)
          return [
            {
              text: `The option ${option.name} has no effect in ${driverTitles(ignoring)}.`,
              fix: `Leave it out for ${driverTitles(ignoring)}.`,
            },
          ];
        if (status !== 'deprecated' || option.name === 'ssl') return [];
        // timeoutMS takes the place of three options, and is more than another name for them.
        const fix = option.instead === null ? 'Remove it.' : `Use ${option.instead} instead.`;
        return [{ text: `The option ${option.name} is deprecated.`, fix }];
      }),
    repair: (draft, { settings, context }) =>
      replaceOld(
        draft,
        settings,
        (option) => statusOf(option, context.driver) === 'deprecated' && option.instead !== 'timeoutMS',
      ),
  },
  {
    id: 'option-repeated',
    severity: 'error',
    source: 'measured',
    find: ({ settings }) =>
      repeated(settings).map((name) => ({
        text: `The option ${name} is there more than once. Node.js refuses that; others use one of the values.`,
        fix: `Keep one ${name}.`,
        breaks: /^proxy/.test(name),
      })),
  },
  {
    id: 'option-empty',
    severity: 'warning',
    source: URI,
    find: ({ settings }) =>
      distinct(settings).flatMap(({ option, fault }) =>
        fault === 'empty' || fault === 'no-equals'
          ? [
              {
                text: `The option ${option.name} has no value.`,
                fix: `Write ${option.name}=VALUE, or remove it.`,
                ...(fault === 'no-equals' || option.name === 'authSource' ? { breaks: true, severity: 'error' } : {}),
              },
            ]
          : [],
      ),
  },
  {
    id: 'boolean-invalid',
    severity: 'error',
    source: 'measured',
    find: ({ settings }) =>
      ofFault(settings, 'boolean', ({ option: { name }, raw }) => ({
        text: `The option ${name} is neither true nor false. Node.js refuses that; other drivers ignore the option.`,
        fix: `Write ${name}=${meantFlag(raw) ?? 'true or false, in lower case'}.`,
      })),
    repair: (draft, { settings }) => replaced(draft, settings, 'boolean', ({ raw }) => meantFlag(raw)),
  },
  {
    id: 'integer-invalid',
    severity: 'error',
    source: 'measured',
    find: ({ settings, context }) =>
      ofFault(settings, 'integer', (setting) => {
        const { name } = setting.option;
        const meant = meantFigure(setting);
        return {
          text: `The option ${name} is not a whole number. ${readAs(setting, context)}`,
          fix:
            meant === null
              ? `Write digits only, such as ${name}=${exampleOf(setting.option)}.`
              : `Write ${name}=${meant}.`,
        };
      }),
    repair: (draft, { settings }) => replaced(draft, settings, 'integer', meantFigure),
  },
  {
    id: 'value-invalid',
    severity: 'error',
    source: URI,
    find: ({ settings, figure, text }) => [
      ...distinct(settings).flatMap(wrongValue),
      ...wrongStaleness(figure('maxStalenessSeconds')),
      ...wrongLevel(text('readConcernLevel')),
    ],
    repair: (draft, { settings, figure }) => {
      if (wrongStaleness(figure('maxStalenessSeconds')).length > 0) without(draft, 'maxStalenessSeconds');
      for (const setting of distinct(settings)) {
        const meant = meantChoice(setting);
        const { name } = setting.option;
        if (meant !== null) withOption(draft, name, meant);
        else if (setting.value === null && isWrong(setting)) without(draft, name);
      }
    },
  },
  {
    id: 'seconds-for-milliseconds',
    severity: 'warning',
    source: 'driver source',
    find: ({ settings }) =>
      distinct(settings).flatMap(({ option, value }) =>
        typeof value === 'number' && isSeconds(option.name, value)
          ? [
              {
                text: `The option ${option.name} is ${value} milliseconds, which looks like seconds.`,
                // The corrected string keeps it: nobody else knows which was meant.
                fix: `Write ${option.name}=${value * 1_000} for ${value} seconds.`,
              },
            ]
          : [],
      ),
  },
  {
    id: 'heartbeat-too-short',
    severity: 'error',
    source: URI,
    find: ({ setting }) =>
      setting('heartbeatFrequencyMS')?.fault === 'range'
        ? {
            text: 'The option heartbeatFrequencyMS is below 500. PyMongo refuses that, and servers get needless work.',
            fix: 'Remove it (the default is 10000), or write at least 500.',
          }
        : null,
    repair: (draft) => without(draft, 'heartbeatFrequencyMS'),
  },
];

/** One of each name and fault. */
function distinct(settings: readonly Setting[]): readonly Setting[] {
  return [...new Map(settings.map((setting) => [`${setting.option.name} ${setting.fault}`, setting])).values()];
}

/** Other drivers know it, and this one does not. For any driver: Node.js alone refuses what it does not know. */
function isForeign(option: UriOption, { driver }: LintContext): boolean {
  // `pool-idle-ignored` says it of this one.
  return driver !== 'any' && statusOf(option, driver) === 'unknown' && option.name !== 'maxIdleTimeMS';
}

/** An old option becomes the present one, unless that is there. Values of other types are left out. */
function replaceOld(draft: Draft, settings: readonly Setting[], isOld: (option: UriOption) => boolean): void {
  for (const { option } of distinct(settings).filter((one) => isOld(one.option))) {
    const present = option.instead;
    const value = draft.options.find(([name]) => name === option.name)?.[1];
    const target = URI_OPTIONS.find(({ name }) => name === present);
    const isThere = draft.options.some(([name]) => name === present);
    without(draft, option.name);
    if (
      value !== undefined &&
      target?.type === option.type &&
      present !== null &&
      !isThere &&
      !NEGATED.includes(option.name)
    )
      withOption(draft, present, value);
  }
}

/** These say the opposite of the option that took their place. */
const NEGATED = [
  'sslValidate',
  'sslVerifyCertificate',
  'ssl_match_hostname',
  'ssl_cert_reqs',
  'slaveOk',
  'safe',
  'connect',
  'fsync',
];

function repeated(settings: readonly Setting[]): readonly string[] {
  const names = settings.filter(({ option }) => !option.isRepeatable).map(({ option }) => option.name);
  const counts = new Map<string, number>();
  for (const name of names) {
    // tls and ssl may both be there; where they differ, there is a finding of its own.
    const key = name === 'ssl' ? name : canonicalName(name);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1).map(([name]) => name);
}

function ofFault(
  settings: readonly Setting[],
  fault: Setting['fault'],
  say: (setting: Setting) => Said,
): readonly Said[] {
  return distinct(settings)
    .filter((setting) => setting.fault === fault)
    .map(say);
}

function replaced(
  draft: Draft,
  settings: readonly Setting[],
  fault: Setting['fault'],
  meant: (setting: Setting) => string | null,
): void {
  for (const setting of distinct(settings).filter((one) => one.fault === fault)) {
    const value = meant(setting);
    if (value === null) without(draft, setting.option.name);
    else corrected(draft, setting.option.name, value);
  }
}

/** An earlier repair may have renamed the option, or left it out. */
function corrected(draft: Draft, name: string, value: string): void {
  const present = [name, canonicalName(name)].find((one) => draft.options.some(([known]) => known === one));
  if (present !== undefined) withOption(draft, present, value);
}

function meantFlag(raw: string): 'true' | 'false' | null {
  if (/^["']?(?:true|1|yes|on|y|t|ture|treu|tru|enabled?)["']?$/i.test(raw)) return 'true';
  return /^["']?(?:false|0|no|off|n|f|flase|fales|disabled?)["']?$/i.test(raw) ? 'false' : null;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, sec: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

/** `60_000`, `5s`, `1e3`, `10.0`: the number that was meant; null where it is not clear. */
function meantFigure({ raw, option }: Setting): string | null {
  const plain = raw.replace(/^["']|["']$/g, '');
  if (/^\d{1,3}([_,.' ]\d{3})+$/.test(plain) || /^\d{1,9}(\.0{1,9})?$/.test(plain))
    return plain.replace(/\.0{1,2}$/, '').replace(/\D/g, '');
  if (/^\d{1,6}e\d$/i.test(plain)) return String(Number(plain));
  const { figure, unit } = /^(?<figure>\d{1,6})\s?(?<unit>[a-z]{1,3})$/i.exec(plain)?.groups ?? {};
  const factor = UNITS[unit?.toLowerCase() ?? ''];
  if (figure === undefined || factor === undefined || option.unit === null) return null;
  const milliseconds = Number(figure) * factor;
  return option.unit === 'ms' ? String(milliseconds) : milliseconds % 1_000 === 0 ? String(milliseconds / 1_000) : null;
}

/** Node.js takes the figures at the beginning. Measured with 7.9. */
function readAs({ raw, option }: Setting, { driver }: LintContext): string {
  const figures = /^0x/i.test(raw) ? '0' : /^\d{1,9}(?=[\D])/.exec(raw)?.[0];
  if (figures === undefined || (driver !== 'node' && driver !== 'any')) return 'Drivers refuse or ignore it.';
  return `Node.js takes the figures at its beginning, and the others ignore it, so that the default counts${option.unit === 'ms' ? ' (milliseconds)' : ''}.`;
}

function exampleOf({ unit, default: fallback }: UriOption): string {
  return typeof fallback === 'number' ? String(fallback) : unit === 'ms' ? '10000' : '10';
}

function isWrong({ fault, option, raw }: Setting): boolean {
  if (fault === 'range') return option.name !== 'heartbeatFrequencyMS';
  if (option.name === 'authMechanism' && raw.toUpperCase() === 'MONGODB-CR') return false;
  return fault === 'choice' || fault === 'pairs';
}

function wrongValue(setting: Setting): readonly Said[] {
  const { option, fault } = setting;
  if (!isWrong(setting)) return [];
  const { name, values, min, max } = option;
  if (fault === 'pairs')
    return [
      {
        text: `The option ${name} is malformed.`,
        fix: `Write ${name}=NAME:value, with commas between pairs. A comma inside a value is not possible.`,
      },
    ];
  if (fault === 'range') {
    const bounds = max === null ? `at least ${min ?? 0}` : `from ${min ?? 0} to ${max}`;
    return [{ text: `The option ${name} is out of its range.`, fix: `Write a whole number ${bounds}, or remove it.` }];
  }
  const meant = meantChoice(setting);
  const harm = HARM[name] ?? 'Some drivers refuse that; others ignore the option.';
  const fix = meant === null ? `Use one of ${joinWords(values ?? [])}.` : `Write ${name}=${meant}.`;
  return [
    { text: `The option ${name} has a value that drivers do not know. ${harm}`, fix, breaks: name === 'authMechanism' },
  ];
}

const HARM: Readonly<Record<string, string>> = {
  readPreference: 'Node.js refuses it. PyMongo ignores it and reads from the primary.',
  compressors: 'Node.js refuses it; other drivers leave it out.',
};

/** The value that was meant, where it is only misspelled; null otherwise. */
function meantChoice({ option, fault, raw }: Setting): string | null {
  if (fault !== 'choice' || option.values === null || !/^[\w-]{2,30}$/.test(raw)) return null;
  if (option.name === 'compressors') return null;
  const meant = nearest(raw, option.values);
  return meant === null || Math.abs(meant.length - raw.length) > 3 ? null : meant;
}

/** Server selection specification: at least 90 seconds, -1 for none. */
function wrongStaleness(seconds: number | null): readonly Said[] {
  if (seconds === null || seconds === -1 || seconds >= 90) return [];
  return [{ text: 'The option maxStalenessSeconds is below 90.', fix: 'Write at least 90, or remove it.' }];
}

const LEVELS = ['local', 'majority', 'linearizable', 'available', 'snapshot'];

/** Any level is valid for the specification; one that is nearly a known one is a slip. */
function wrongLevel(level: string | null): readonly Said[] {
  if (level === null || LEVELS.includes(level)) return [];
  const meant = nearest(level, LEVELS);
  if (meant === null) return [];
  return [
    {
      text: 'The option readConcernLevel names no level of a server.',
      fix: `Write readConcernLevel=${meant}.`,
      severity: 'warning',
    },
  ];
}
