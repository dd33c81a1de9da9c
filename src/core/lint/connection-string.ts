// Parses a connection string, corrects harmless mistakes, and describes the others in sentences that repeat no part of
// it. This is the only code that reads connection strings.

import { decoded } from './anatomy.ts';
import { conflictsOf } from './connection-conflicts.ts';
import { error, isOption, type Options, readOptions, UNESCAPED, type Written, warning } from './connection-options.ts';
import { databaseOf, FORM, hostsOf, loginOf } from './connection-parts.ts';
import type { LintFinding } from './report.ts';

export interface ConnectionString {
  readonly srv: boolean;
  /** Percent-encoded user, with colon and password if there is one: a secret. Null without a user. */
  readonly login: string | null;
  readonly user: string | null;
  /** `host:port` as written, the path of a Unix socket, or the one SRV name. */
  readonly hosts: readonly string[];
  readonly database: string | null;
  /** Only the options that a connection needs, by MongoDB's names. */
  readonly options: Options;
}

export interface Read {
  /** Null when a finding is an error. */
  readonly string: ConnectionString | null;
  readonly findings: readonly LintFinding[];
}

const START = /^(?:jdbc:)?mongodb(?<srv>\+srv)?:\/\//i;
const ANY_START = /mongodb(?:\+srv)?:\/\//i;
/** A variable, or the syntax that a shell or a file puts around one. */
const AROUND = /^(?:(?:export\s+)?[A-Za-z_]\w*\s*=\s*)?(?<quote>["'`]?)(?<inner>.*)\k<quote>;?$/s;

/** Linear in the length of the text. */
export function readConnectionString(text: string): Read {
  const findings: LintFinding[] = [];
  const failed = (id: string, what: string, fix: string): Read => ({ string: null, findings: [error(id, what, fix)] });
  const trimmed = text.trim();
  const inner = START.test(trimmed) ? trimmed : (AROUND.exec(trimmed)?.groups?.['inner'] ?? '').trim();
  const start = START.exec(inner);
  if (start === null)
    return failed('scheme-invalid', 'The connection string does not start with mongodb:// or mongodb+srv://.', FORM);
  if (inner !== trimmed)
    findings.push(
      warning('surrounding-text', 'Quotes or a name around the connection string are ignored.', 'Remove them.'),
    );
  if (!/^mongodb(\+srv)?:/.test(inner))
    findings.push(
      warning('scheme-invalid', 'The scheme is read as mongodb in lower case.', 'Write mongodb:// or mongodb+srv://.'),
    );
  const srv = start.groups?.['srv'] !== undefined;
  const body = inner.slice(start[0].length);
  if (ANY_START.test(body.replace(/TOKEN_RESOURCE(:|%3A)mongodb/gi, '')))
    return failed(
      'surrounding-text',
      'The setting holds several connection strings.',
      'Set one; list the hosts of one cluster with commas: host:port,host:port.',
    );

  const split = splitBody(body);
  if (split === null) return { string: null, findings: [UNESCAPED] };
  const { userinfo, authority, path, query } = split;
  const login = loginOf(userinfo);
  const hosts = hostsOf(authority, srv, findings);
  const database = databaseOf(path);
  const written = writtenIn(query, findings);
  const { options, findings: ofOptions } = readOptions(written);
  const string = { srv, hosts, login: login.login, user: login.user, database: database.name, options };
  findings.push(
    ...login.findings,
    ...database.findings,
    ...ofOptions,
    ...conflictsOf({ ...string, ...login, written }),
  );
  return { string: findings.some(({ severity }) => severity === 'error') ? null : string, findings };
}

/** The string for the driver. */
export function printConnectionString({ srv, login, hosts, database, options }: ConnectionString): string {
  const places = hosts.map((host) => (host.includes('/') ? encodeURIComponent(host) : host)).join(',');
  const query = [...options].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  const name = database === null ? '' : encodeURIComponent(database);
  return `mongodb${srv ? '+srv' : ''}://${login === null ? '' : `${login}@`}${places}/${name}${query && `?${query}`}`;
}

/** The secrets in a text with connection strings, well-formed or not: passwords, and keys in options. */
export function secretsIn(text: string): readonly string[] {
  const [, ...bodies] = text.split(new RegExp(ANY_START, 'gi'));
  const secrets = bodies.flatMap((body) => {
    const userinfo = body.slice(0, Math.max(0, body.lastIndexOf('@')));
    const { userinfo: split = '', authority = '' } = splitBody(body) ?? {};
    const isCut = /^[^:]*:\D/.test(authority) && split === null;
    const passwords = [userinfo, split ?? '', isCut ? authority : ''].flatMap((one) =>
      one.includes(':') ? [one.slice(one.indexOf(':') + 1)] : [],
    );
    const values = body.matchAll(/[?&;](?:\w{0,40}(?:password|passphrase|token)|authMechanismProperties)=([^&]*)/gi);
    return [...passwords, ...[...values].map((match) => match[1] ?? '')];
  });
  return [...new Set(secrets.filter((one) => one !== '').flatMap((one) => [one, decoded(one) ?? one]))];
}

/** Options whose values may contain an unescaped @. */
const WITH_AT =
  /^(?:amp;)?(appName|authMechanismProperties|proxyUsername|proxyPassword|tlsCertificateKeyFilePassword)=/i;

interface Split {
  readonly userinfo: string | null;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
}

/** Null when an @ follows the hosts: the user or the password is not escaped. */
function splitBody(body: string): Split | null {
  const end = body.search(/[/?#]/);
  const head = end < 0 ? body : body.slice(0, end);
  const rest = end < 0 ? '' : body.slice(end);
  const asked = rest.indexOf('?');
  const path = asked < 0 ? rest : rest.slice(0, asked);
  const query = asked < 0 ? '' : rest.slice(asked + 1);
  const isStray = query.split(/[&;]/).some((option) => option.includes('@') && !WITH_AT.test(option));
  if (path.includes('@') || path.startsWith('#') || isStray) return null;
  const at = head.lastIndexOf('@');
  return { userinfo: at < 0 ? null : head.slice(0, at), authority: head.slice(at + 1), path, query };
}

/** The options in order. HTML entities and semicolons between options are corrected. */
function writtenIn(query: string, findings: LintFinding[]): Written {
  const unescaped = query.replace(/&(?:amp|#0{0,4}38|#x0{0,4}26);/gi, '&');
  if (unescaped !== query)
    findings.push(warning('html-escaped', 'The option separator &amp; is read as &.', 'Write & between options.'));
  const plain = unescaped.replace(/#.*$/s, '');
  const separated = plain.replace(/;(?=([a-z]{1,40})=)/gi, (mark, name: string) => (isOption(name) ? '&' : mark));
  if (separated !== plain)
    findings.push(warning('separator-semicolon', 'The option separator ; is read as &.', 'Write & between options.'));
  return separated.split('&').flatMap((option) => {
    if (option.trim() === '') return [];
    const equals = option.indexOf('=');
    const name = equals < 0 ? option : option.slice(0, equals);
    const value = new URLSearchParams(`v=${equals < 0 ? '' : option.slice(equals + 1)}`).get('v') ?? '';
    return [[name.trim(), value.trim()] as const];
  });
}
