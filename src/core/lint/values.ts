// The values of options: typed as the specification says, and what of them may be shown.

import type { UriOption } from '../drivers/options.ts';
import { uriOption } from '../drivers/options.ts';
import type { Written } from './anatomy.ts';
import type { OptionValue } from './report.ts';

type Fault = 'empty' | 'no-equals' | 'boolean' | 'integer' | 'range' | 'choice' | 'pairs';

/** An option that some driver knows or knew, with what was written. */
export interface Setting {
  readonly option: UriOption;
  readonly raw: string;
  /** Null where it is malformed: drivers ignore it, and some refuse it. */
  readonly value: OptionValue | null;
  readonly fault: Fault | null;
  readonly isLoose: boolean;
  /** It follows what may be the beginning of a secret with an unescaped &. Its text is not shown. */
  readonly isTainted: boolean;
}

/**
 * Without those that no driver knows.
 * @param isDoubtful all of them may follow the beginning of a secret
 */
export function settingsOf(written: readonly Written[], isDoubtful: boolean): readonly Setting[] {
  const settings: Setting[] = [];
  let isTainted = isDoubtful;
  for (const one of written) {
    const option = uriOption(one.name);
    if (option === null) isTainted ||= !PLAIN_VALUE.test(one.value ?? '');
    else {
      const setting = settingOf(option, one, isTainted);
      settings.push(setting);
      isTainted ||= isSecretBegun(setting);
    }
  }
  return settings;
}

/** The value of an option that is only misspelled or old. */
const PLAIN_VALUE = /^(?:true|false|\d{0,9}|majority|primary|secondary|nearest)$/i;

function isSecretBegun({ option, value, isLoose }: Setting): boolean {
  if (value === null || isLoose) return true;
  if (option.name !== 'authMechanismProperties')
    return option.secret && option.name !== 'proxyHost' && option.name !== 'proxyPort';
  return (
    shownProperties(value) === null || Object.keys(shownProperties(value) ?? {}).length < Object.keys(value).length
  );
}

function settingOf(option: UriOption, { value, isLoose }: Written, isTainted: boolean): Setting {
  const raw = value ?? '';
  const fault = value === null ? 'no-equals' : faultOf(option, raw);
  return { option, raw, value: fault === null ? typed(option, raw) : partOf(option, raw), fault, isLoose, isTainted };
}

function faultOf(option: UriOption, raw: string): Fault | null {
  // An empty set of tags, as the last one, is "any member".
  if (raw === '') return option.name === 'readPreferenceTags' ? null : 'empty';
  switch (option.type) {
    case 'boolean':
      return raw === 'true' || raw === 'false' ? null : 'boolean';
    case 'integer':
      return /^-?\d{1,15}$/.test(raw) ? rangeFault(option, Number(raw)) : 'integer';
    case 'choice':
      return isChoice(option, raw) ? null : 'choice';
    case 'list':
      return raw.split(',').every((word) => isChoice(option, word.trim())) ? null : 'choice';
    case 'pairs':
      return raw.split(',').every((pair) => /^[^:]+:/.test(pair)) ? null : 'pairs';
    case 'write-concern':
      return /^-\d+$/.test(raw) ? 'range' : null;
    default:
      return null;
  }
}

function rangeFault({ min, max }: UriOption, value: number): Fault | null {
  return (min !== null && value < min) || (max !== null && value > max) ? 'range' : null;
}

function isChoice({ name, values }: UriOption, word: string): boolean {
  if (values === null || values.includes(word)) return true;
  if (name === 'compressors') return word === 'none';
  // MONGODB-CR is a mechanism that servers no longer have; it has a finding of its own.
  return name === 'authMechanism' && (word === 'DEFAULT' || word.toUpperCase() === 'MONGODB-CR');
}

/** Compressors that exist remain beside one that does not. */
function partOf(option: UriOption, raw: string): OptionValue | null {
  if (option.type !== 'list') return null;
  const known = raw.split(',').filter((word) => option.values?.includes(word.trim()));
  return known.length === 0 ? null : known;
}

function typed({ type }: UriOption, raw: string): OptionValue {
  if (type === 'boolean') return raw === 'true';
  if (type === 'integer' || (type === 'write-concern' && /^\d{1,15}$/.test(raw))) return Number(raw);
  if (type === 'list') return raw.split(',').map((word) => word.trim());
  if (type !== 'pairs') return raw;
  const pairs = raw === '' ? [] : raw.split(',').map((pair) => cutAt(pair, ':'));
  return Object.fromEntries(pairs);
}

function cutAt(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Letters of any script, digits, and what paths and names have. An @ or a quote may border a secret. */
const HARMLESS = /^[\p{L}\p{M}\p{N} _.:/$+()-]{1,200}$/u;
/** Names of replica sets may have an @, as in a case of the specification. */
const HARMLESS_SET = /^[\p{L}\p{M}\p{N} _.:/$+()@-]{1,200}$/u;
const HARMLESS_PROPERTY = /^[\w.:/$-]{1,200}$/;
const PROPERTIES = ['ENVIRONMENT', 'TOKEN_RESOURCE', 'SERVICE_NAME', 'SERVICE_HOST', 'SERVICE_REALM'];
const CANONICALIZE = 'CANONICALIZE_HOST_NAME';

/** What may be shown of a value; null for nothing. Figures, flags and words of a list are always harmless. */
export function shownOf({ option, value, isLoose, isTainted }: Setting): OptionValue | null {
  if (value === null || isLoose || (isTainted && isFreeText(option, value))) return null;
  if (option.name === 'authMechanismProperties') return shownProperties(value);
  if (option.secret) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string')
    return (option.name === 'replicaSet' ? HARMLESS_SET : HARMLESS).test(value) ? value : null;
  const texts = Array.isArray(value) ? value : Object.entries(value).flat();
  return texts.every((text) => typeof text === 'string' && HARMLESS.test(text)) ? value : null;
}

function isFreeText({ values }: UriOption, value: OptionValue): boolean {
  return values === null && value !== 'majority' && typeof value !== 'number' && typeof value !== 'boolean';
}

/** Session tokens and unknown properties are left out. */
function shownProperties(value: OptionValue): OptionValue | null {
  if (typeof value !== 'object') return null;
  const shown = Object.entries(value).filter(
    ([name, text]) =>
      [...PROPERTIES, CANONICALIZE].includes(name) && typeof text === 'string' && HARMLESS_PROPERTY.test(text),
  );
  return shown.length === 0 ? null : Object.fromEntries(shown);
}

/** As it stands in a string; null for what is not shown. */
export function printedValue(setting: Setting): string | null {
  const shown = shownOf(setting);
  if (shown === null) return null;
  if (Array.isArray(shown)) return shown.map(String).join(',');
  if (typeof shown !== 'object') return encodedValue(String(shown));
  const pairs = Object.entries(shown).map(([name, text]) => `${name}:${text}`);
  return encodedValue(pairs.join(','));
}

export function encodedValue(text: string): string {
  return encodeURIComponent(text).replace(/%(?:24|2C|2F|3A)/g, decodeURIComponent);
}

/** The longest that somebody means in seconds. As milliseconds, so little would fail whatever is slow. */
const LONGEST_SECONDS: Readonly<Record<string, number>> = {
  connectTimeoutMS: 120,
  serverSelectionTimeoutMS: 120,
  socketTimeoutMS: 120,
  maxIdleTimeMS: 99,
  maxLifeTimeMS: 99,
  // An operation may well give up after a tenth of a second.
  waitQueueTimeoutMS: 30,
  timeoutMS: 30,
  wTimeoutMS: 30,
  wtimeout: 30,
};

/** Of these, 300 and 600 are minutes in seconds rather than parts of a second. */
const MINUTES = ['maxIdleTimeMS', 'maxLifeTimeMS', 'socketTimeoutMS'];
const MOST_MINUTES = 600;

/** Whether a number of milliseconds looks like one of seconds. */
export function isSeconds(name: string, value: number): boolean {
  if (MINUTES.includes(name) && value > 0 && value <= MOST_MINUTES && value % 60 === 0) return true;
  return value > 0 && value <= (LONGEST_SECONDS[name] ?? 0);
}
