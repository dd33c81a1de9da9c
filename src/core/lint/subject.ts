// What the rules of the linter look at: the parts of one connection string, with its options by name.

import { type Anatomy, anatomyOf, decoded, type Host, isAtlasName } from './anatomy.ts';
import { type Located, locate } from './locate.ts';
import type { LintContext, OptionValue } from './report.ts';
import { type Setting, settingsOf } from './values.ts';

interface UserInfo {
  /** As written. */
  readonly written: readonly string[];
  /** Decoded; null where a percent sign is wrong. */
  readonly user: string | null;
  readonly hasPassword: boolean;
}

export interface LintSubject {
  readonly context: LintContext;
  readonly located: Located;
  readonly anatomy: Anatomy;
  readonly srv: boolean;
  readonly login: UserInfo | null;
  readonly hosts: readonly Host[];
  readonly isAtlas: boolean;
  /** Decoded; null without one. */
  readonly database: string | null;
  /** Options that some driver knows, in order; the first of a repeated one counts. */
  readonly settings: readonly Setting[];
  readonly setting: (name: string) => Setting | null;
  /** Of a well-formed option; null where it is missing or malformed. */
  readonly flag: (name: string) => boolean | null;
  readonly figure: (name: string) => number | null;
  readonly text: (name: string) => string | null;
  /** The option is there, well-formed or not. */
  readonly has: (name: string) => boolean;
  readonly mechanism: string | null;
  /** tls or ssl; null where the string says nothing, or contradicts itself. */
  readonly tls: boolean | null;
}

/** Old names that mean exactly the same. */
const SAME: Readonly<Record<string, string>> = { ssl: 'tls', j: 'journal', wtimeout: 'wTimeoutMS' };

export function canonicalName(name: string): string {
  return SAME[name] ?? name;
}

/** Null when the text has no connection string. */
export function subjectOf(text: string, context: LintContext): LintSubject | null {
  const located = locate(text);
  return located === null ? null : subjectIn(located, anatomyOf(located.body, located.isDoubtful), context);
}

/** Options of an unsafe string are left out. */
export function subjectIn(located: Located, anatomy: Anatomy, context: LintContext): LintSubject {
  const { path, hosts } = anatomy;
  const written = anatomy.isUnsafe ? [] : anatomy.written;
  const settings = settingsOf(written, anatomy.marks.questionMarkTwice || /\s/.test(path ?? ''));
  const byName = settingsByName(settings);
  const setting = (name: string) => byName.get(name) ?? null;
  const value = (name: string): OptionValue | null => setting(name)?.value ?? null;
  const flag = (name: string) => typedAs(value(name), 'boolean');
  const textOf = (name: string) => typedAs(value(name), 'string');
  const has = (name: string) => settings.some(({ option }) => option.name === name);
  return {
    context,
    located,
    anatomy,
    srv: located.srv,
    login: loginOf(anatomy.userinfo),
    hosts,
    isAtlas: !anatomy.isUnsafe && hosts.some(({ name }) => isAtlasName(name)),
    database: path === null || path === '' ? null : decoded(path),
    settings,
    setting,
    flag,
    figure: (name) => typedAs(value(name), 'number'),
    text: textOf,
    has,
    mechanism: textOf('authMechanism'),
    tls: flag('tls'),
  };
}

/** The name of the specification counts before an old one, and then the first. */
function settingsByName(settings: readonly Setting[]): ReadonlyMap<string, Setting> {
  const byName = new Map<string, Setting>();
  for (const isOld of [false, true])
    for (const one of settings) {
      const name = canonicalName(one.option.name);
      if ((name !== one.option.name) === isOld && !byName.has(name)) byName.set(name, one);
    }
  return byName;
}

interface Types {
  readonly boolean: boolean;
  readonly number: number;
  readonly string: string;
}

function typedAs<Name extends keyof Types>(value: OptionValue | null, type: Name): Types[Name] | null {
  return isOfType(value, type) ? value : null;
}

function isOfType<Name extends keyof Types>(value: unknown, type: Name): value is Types[Name] {
  return typeof value === type;
}

function loginOf(userinfo: string | null): UserInfo | null {
  if (userinfo === null) return null;
  const colon = userinfo.indexOf(':');
  const written = colon < 0 ? [userinfo] : [userinfo.slice(0, colon), userinfo.slice(colon + 1)];
  return { written, user: decoded(written[0] ?? ''), hasPassword: (written[1] ?? '') !== '' };
}

/** A member of a cluster or of a private endpoint, and not the name with SRV records. */
export function isAtlasMember(name: string): boolean {
  return isAtlasName(name) && /-shard-\d+-\d+|^pl-\d+-|-mesh-\d|\.query\./i.test(name);
}
