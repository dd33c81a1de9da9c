// What a driver goes by: the options of the string, those that mongodb+srv:// brings, and the driver's own values.

import { defaultOf, type UriOption, uriOption } from '../drivers/options.ts';
import type { EffectiveOption } from './report.ts';
import { canonicalName, type LintSubject } from './subject.ts';
import { printedValue } from './values.ts';

/** Shown whether they are set or not: they decide about connections, writes and reads. */
const ALWAYS = [
  ...['maxPoolSize', 'minPoolSize', 'maxIdleTimeMS', 'maxConnecting', 'waitQueueTimeoutMS', 'connectTimeoutMS'],
  ...['socketTimeoutMS', 'serverSelectionTimeoutMS', 'heartbeatFrequencyMS', 'serverMonitoringMode'],
  ...['retryWrites', 'retryReads', 'readPreference', 'tls', 'authSource'],
];

export function effectiveOptions(subject: LintSubject, authSource: string | null): readonly EffectiveOption[] {
  if (subject.anatomy.isUnsafe) return [];
  const given = new Set(subject.settings.map(({ option }) => canonicalName(option.name)));
  return [...new Set([...ALWAYS, ...given])].flatMap((name) => {
    const option = uriOption(name);
    const row = option === null ? null : rowOf(option, subject, authSource);
    return row === null ? [] : [row];
  });
}

function rowOf(option: UriOption, subject: LintSubject, authSource: string | null): EffectiveOption | null {
  const { name } = option;
  const { context, srv, isAtlas } = subject;
  const fallback = name === 'tls' ? String(srv) : printed(defaultOf(option, context.driver));
  const setting = subject.setting(name);
  if (setting !== null && setting.value !== null) {
    const tags = subject.settings.filter((one) => one.option.name === name);
    const value = option.isRepeatable
      ? tags.map((one) => printedValue(one) ?? HIDDEN).join('; ')
      : (printedValue(setting) ?? HIDDEN);
    return { name, value: value === '' ? 'any' : value, fallback, from: 'string' };
  }
  if (name === 'tls') return { name, value: String(srv), fallback, from: srv ? 'srv' : 'default' };
  if (name === 'authSource') {
    if (srv && isAtlas) return { name, value: 'admin', fallback: null, from: 'srv' };
    return authSource === null ? null : { name, value: authSource, fallback: authSource, from: 'default' };
  }
  return fallback === null ? null : { name, value: fallback, fallback, from: 'default' };
}

const HIDDEN = '…';

function printed(value: boolean | number | string | null): string | null {
  return value === null ? null : String(value);
}
