// The connection strings of this program's own settings. The linter's parser and rules say what is wrong. Here stands what
// is corrected or left out in place of a refusal.

import { joinWords } from '../base/format.ts';
import { nearest } from '../base/fuzzy-match.ts';
import { statusOf, URI_OPTIONS, uriOption } from '../drivers/options.ts';
import { type Anatomy, anatomyOf, decoded, type Written } from './anatomy.ts';
import { CATALOGUE, listed } from './lint.ts';
import type { Located } from './locate.ts';
import type { LintContext, LintFinding } from './report.ts';
import type { LintRule, Said } from './rule.ts';
import { NO_SCHEME } from './rules-shape.ts';
import { canonicalName, type LintSubject, subjectIn } from './subject.ts';
import { type Setting, settingsOf } from './values.ts';

export interface ConnectionString {
  readonly srv: boolean;
  /** Percent-encoded user, with colon and password if there is one: a secret. Null without a user. */
  readonly login: string | null;
  readonly user: string | null;
  /** `host:port` as written, the path of a Unix socket, or the one SRV name. */
  readonly hosts: readonly string[];
  readonly database: string | null;
  /** Only the options that a connection needs, by MongoDB's names. */
  readonly options: ReadonlyMap<string, string>;
}

interface ReadString {
  /** Null when a finding is an error. */
  readonly string: ConnectionString | null;
  /** Repeat no part of the string but names of options. A warning says what was corrected or left out. */
  readonly findings: readonly LintFinding[];
}

/** Options of the connection itself. This program sets the others, such as pools and time limits, or needs none. */
const NEEDED: readonly string[] = [
  ...['tls', 'ssl', 'tlsInsecure', 'tlsAllowInvalidCertificates', 'tlsAllowInvalidHostnames', 'tlsCAFile'],
  ...['tlsCRLFile', 'tlsCertificateKeyFile', 'tlsCertificateKeyFilePassword', 'servername'],
  ...['authSource', 'authMechanism', 'authMechanismProperties', 'replicaSet', 'directConnection', 'loadBalanced'],
  ...['srvServiceName', 'srvAllowedHostsSuffix', 'family', 'autoSelectFamily', 'autoSelectFamilyAttemptTimeout'],
  ...['proxyHost', 'proxyPort', 'proxyUsername', 'proxyPassword'],
];
/** Without compression the connection is only slower. */
const COMPRESSION: readonly string[] = ['compressors', 'zlibCompressionLevel'];

const CONTEXT: LintContext = { driver: 'node', functions: false, fleet: null };

/** Linear in the length of the text. */
export function readConnectionString(text: string): ReadString {
  const located = locatedIn(text);
  if (located === null) return { string: null, findings: [NO_SCHEME] };
  if (located.isSecond) return { string: null, findings: [SEVERAL] };
  const body = withoutBlanks(located.body);
  const anatomy = anatomyOf(body);
  const needed = neededIn(anatomy.written);
  // What may be the rest of a password is not shown here, and so it can be parsed.
  const subject = subjectIn({ ...located, body }, { ...anatomy, isUnsafe: false, written: needed }, CONTEXT);
  const findings = [
    ...(body === located.body ? [] : [BLANKS]),
    ...CATALOGUE.flatMap((rule) => listed(rule.find(subject)).flatMap((said) => findingOf(rule, said, subject))),
    ...leftOut(anatomy),
  ];
  const isUsable = findings.every(({ severity }) => severity !== 'error');
  return { string: isUsable ? stringOf(subject, anatomy) : null, findings };
}

/** As the driver does, mechanisms are read in any case of letters. */
function neededIn(written: readonly Written[]): readonly Written[] {
  return written.flatMap((one) => {
    const name = uriOption(one.name)?.name ?? '';
    if (!NEEDED.includes(name)) return [];
    return [name === 'authMechanism' ? { ...one, value: one.value?.toUpperCase() ?? null } : one];
  });
}

const SEVERAL: LintFinding = {
  id: 'surrounding-text',
  severity: 'error',
  text: 'The setting holds several connection strings.',
  fix: 'Set one; list the hosts of one cluster with commas: host:port,host:port.',
};
const BLANKS: LintFinding = {
  id: 'surrounding-text',
  severity: 'warning',
  text: 'Blanks between the hosts are ignored.',
  fix: 'Remove them.',
};

const START = /^(?<prefix>jdbc:)?mongodb(?<srv>\+srv)?:\/\//i;
const ANY_START = /mongodb(?:\+srv)?:\/\//i;
/** A variable, or the syntax that a shell or a file puts around one. */
const AROUND = /^(?:(?:export\s+)?[A-Za-z_]\w*\s*=\s*)?(?<quote>["'`]?)(?<inner>.*)\k<quote>;?$/s;

/** The whole setting is one string: unlike in a text that was pasted, a blank is a part of it. */
function locatedIn(text: string): Located | null {
  const trimmed = text.trim();
  const inner = START.test(trimmed) ? trimmed : (AROUND.exec(trimmed)?.groups?.['inner'] ?? '').trim();
  const start = START.exec(inner);
  if (start === null) return null;
  const { prefix, srv } = start.groups ?? {};
  const body = inner.slice(start[0].length);
  const isLower = start[0] === start[0].toLowerCase();
  return {
    scheme: prefix !== undefined ? 'prefix' : isLower ? 'right' : 'case',
    srv: srv !== undefined,
    body,
    outside: '',
    isSurrounded: inner !== trimmed,
    isHostUrl: false,
    isSecond: ANY_START.test(body.replace(/TOKEN_RESOURCE(:|%3A)mongodb/gi, '')),
    isDoubtful: false,
  };
}

/** Hosts may stand in several lines. */
function withoutBlanks(body: string): string {
  const end = body.search(/[/?#]/);
  const head = end < 0 ? body : body.slice(0, end);
  const at = head.lastIndexOf('@') + 1;
  const hosts = head.slice(at).split(',');
  return head.slice(0, at) + hosts.map((host) => host.trim()).join(',') + body.slice(head.length);
}

/** Unusable, although other drivers, or other versions of this one, accept them. */
const REFUSED: readonly string[] = [
  ...['placeholder-left', 'question-mark-missing', 'question-mark-twice', 'srv-host-address', 'auth-aws-userinfo'],
  ...['option-repeated', 'option-empty', 'boolean-invalid', 'integer-invalid', 'value-invalid'],
];
const CORRECTED: readonly string[] = ['scheme-invalid', 'html-escaped', 'separator-semicolon', 'option-repeated'];
/** They prevent no reading of the string, but perhaps a connection. */
const REMARKED: readonly string[] = ['surrounding-text', 'tls-missing', 'tls-off', 'srv-name-without-srv'];

/** Nothing for advice to applications. */
function findingOf({ id, breaks }: LintRule, said: Said, subject: LintSubject): readonly LintFinding[] {
  const { text, fix } = said;
  if (CORRECTED.includes(id) && !isContradiction(id, subject))
    return [{ id, severity: 'warning', text: `${text} It is corrected here.`, fix }];
  if ((said.breaks ?? breaks ?? false) || (REFUSED.includes(id) && !isName(id, subject)))
    return [{ id, severity: 'error', text, fix }];
  return REMARKED.includes(id) ? [{ id, severity: 'warning', text, fix }] : [];
}

/** An option stands there twice, with different values. */
function isContradiction(id: string, { settings }: LintSubject): boolean {
  const repeated = [...Map.groupBy(settings, ({ option }) => option.name).values()];
  return id === 'option-repeated' && repeated.some((all) => all.some(({ raw }) => raw !== all[0]?.raw));
}

/** `myuser` may be a placeholder, or a real user. */
function isName(id: string, { login, hosts }: LintSubject): boolean {
  const names = hosts.flatMap(({ kind, name }) => (kind === 'ipv6' ? [] : [name]));
  const parts = [...(login?.written ?? []), ...names];
  return id === 'placeholder-left' && !parts.some((part) => /[<>{}[\]]|%3C|\.x{4,}\./i.test(part));
}

function stringOf(subject: LintSubject, { written }: Anatomy): ConnectionString {
  const { srv, login, hosts, database, settings, setting } = subject;
  const parts = login?.written.map((part) => encodeURIComponent(decoded(part) ?? part)) ?? null;
  const needed = settings.flatMap(({ option }) => {
    const name = canonicalName(option.name);
    const raw = setting(name)?.raw;
    return raw === undefined ? [] : [[name, raw] as const];
  });
  return {
    srv,
    login: parts?.join(':') ?? null,
    user: login?.user ?? null,
    hosts: hosts.map(({ text }) => text),
    database,
    options: new Map([...needed, ...compressionIn(written)]),
  };
}

function compressionIn(written: readonly Written[]): readonly (readonly [string, string])[] {
  return settingsOf(written, false).flatMap(({ option: { name, values }, value }) => {
    if (value === null || !COMPRESSION.includes(name)) return [];
    if (!Array.isArray(value)) return [[name, String(value)] as const];
    const known = value.filter((word) => values?.includes(String(word)));
    return known.length === 0 ? [] : [[name, known.join(',')] as const];
  });
}

/** What is unknown to the driver, and values that nothing accepts. */
function leftOut({ written, isUnsafe }: Anatomy): readonly LintFinding[] {
  const found: LintFinding[] = [];
  const firstSecret = written.findIndex(({ name }) => isSecret(name));
  const unknown = written.flatMap(({ name }, index) => {
    const option = uriOption(name);
    const isKnown = option !== null && !['removed', 'unknown'].includes(statusOf(option, 'node'));
    if (isKnown) return [];
    // Behind a secret, and in a broken string, it may be the rest of one.
    const isShown = !isUnsafe && (firstSecret < 0 || index <= firstSecret) && /^[\w.$-]{1,40}$/.test(name);
    return [isShown ? name : UNNAMED];
  });
  const fix = 'Remove or correct them.';
  if (unknown.length > 0) {
    const text = `Options that the MongoDB driver does not know are left out: ${joinWords(someOf([...new Set(unknown)]))}.`;
    found.push({ id: 'option-unknown', severity: 'warning', text, fix });
  }
  const malformed = new Set(
    settingsOf(written, false)
      .filter(isMalformed)
      .map(({ option }) => option.name),
  );
  if (malformed.size > 0) {
    const text = `Malformed values are left out: ${joinWords([...malformed])}.`;
    found.push({ id: 'value-invalid', severity: 'warning', text, fix });
  }
  return found;
}

/** In an option that no connection needs. What is out of its range does no harm here. */
function isMalformed({ option, fault }: Setting): boolean {
  return fault !== null && fault !== 'range' && !NEEDED.includes(option.name) && statusOf(option, 'node') !== 'removed';
}

function isSecret(name: string): boolean {
  return uriOption(name)?.secret ?? /password|passphrase|token|secret/i.test(name);
}

const MOST_NAMED = 8;
const UNNAMED = 'one that may be part of a secret';
const NAMES = URI_OPTIONS.filter(({ isSpecified }) => isSpecified).map(({ name }) => name);

function someOf(names: readonly string[]): readonly string[] {
  const named = names.slice(0, MOST_NAMED).map((name) => (name === UNNAMED ? name : `${name}${hintOf(name)}`));
  return names.length > MOST_NAMED ? [...named, `${names.length - MOST_NAMED} more`] : named;
}

function hintOf(name: string): string {
  const option = uriOption(name);
  if (option !== null) return option.instead === null ? '' : ` (the option is ${option.instead} now)`;
  const near = nearest(name, NAMES);
  return near === null ? '' : ` (did you mean ${near}?)`;
}

const PROPERTIES = ['environment', 'token_resource', 'allowed_hosts', 'aws_session_token', 'canonicalize_host_name'];

/** The needed options that a driver's error names; the rest of the error is not repeated. */
export function optionsNamedIn(message: string): readonly string[] {
  const words = new Set(message.toLowerCase().split(/[^a-z0-9_]+/));
  if (PROPERTIES.some((name) => words.has(name))) return ['authMechanismProperties'];
  return [...NEEDED, ...COMPRESSION].filter((name) => words.has(name.toLowerCase()));
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
    const { userinfo } = anatomyOf(body);
    const untilLast = body.slice(0, Math.max(0, body.lastIndexOf('@')));
    // Without an @, what is no port may be a password.
    const cut = userinfo === null ? (/^[^:/?#]*:\D[^/?#]*/.exec(body)?.[0] ?? '') : '';
    const passwords = [untilLast, userinfo ?? '', cut].flatMap((one) =>
      one.includes(':') ? [one.slice(one.indexOf(':') + 1)] : [],
    );
    const values = body.matchAll(/[?&;](?:\w{0,40}(?:password|passphrase|token)|authMechanismProperties)=([^&]*)/gi);
    return [...passwords, ...[...values].map((match) => match[1] ?? '')];
  });
  return [...new Set(secrets.filter((one) => one !== '').flatMap((one) => [one, decoded(one) ?? one]))];
}
