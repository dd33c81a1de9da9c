// The corrected connection string, without credentials.

import type { Draft } from './rule.ts';
import { canonicalName, type LintSubject } from './subject.ts';
import { encodedValue, printedValue, type Setting } from './values.ts';

/** In place of a malformed value that no rule corrected: the option is left out. */
const MALFORMED = '<malformed>';

/** Null where what looks like a host may be a part of a password. */
export function draftOf(subject: LintSubject): Draft | null {
  const { anatomy, login, hosts, srv } = subject;
  if (anatomy.isUnsafe) return null;
  const written = login === null ? null : login.written.length > 1 ? '<user>:<password>' : '<user>';
  const shown = hosts.filter(({ kind }) => kind !== 'wrong');
  return {
    srv,
    login: written,
    hosts: shown.map(({ kind, text }) => (kind === 'socket' ? encodeURIComponent(text) : text)),
    database: shownDatabase(subject) ?? (subject.database === null ? null : '<database>'),
    options: subject.settings.filter((setting) => isFirst(setting, subject)).map(optionOf),
  };
}

function isFirst(setting: Setting, subject: LintSubject): boolean {
  const { name, isRepeatable } = setting.option;
  return isRepeatable || name === 'ssl' || subject.setting(canonicalName(name)) === setting;
}

function optionOf(setting: Setting): readonly [string, string] {
  const { option, value } = setting;
  const name = option.name === 'ssl' ? 'tls' : option.name;
  return [name, value === null ? MALFORMED : (printedValue(setting) ?? `<${option.name}>`)];
}

/** A name that MongoDB allows, without marks that may border a secret. */
export function shownDatabase({ database, anatomy }: LintSubject): string | null {
  if (database === null || anatomy.isUnsafe) return null;
  return /^[^\s/\\"$@:;'`<>{}]{1,63}$/.test(database) ? database : null;
}

/** @returns null without a host */
export function printDraft({ srv, login, hosts, database, options }: Draft): string | null {
  if (hosts.length === 0) return null;
  const kept = options.filter(([, value]) => value !== MALFORMED);
  // tls and ssl are one option.
  const distinct = kept.filter(
    ([name], at) => name === 'readPreferenceTags' || kept.findIndex((one) => one[0] === name) === at,
  );
  const query = distinct.map(([name, value]) => `${name}=${value}`).join('&');
  const path = database === null || database.startsWith('<') ? (database ?? '') : encodedValue(database);
  const user = login === null ? '' : `${login}@`;
  return `mongodb${srv ? '+srv' : ''}://${user}${hosts.join(',')}/${path}${query === '' ? '' : `?${query}`}`;
}
