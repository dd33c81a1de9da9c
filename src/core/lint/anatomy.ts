// The parts of a connection string behind its scheme. What can be the rest of a broken password counts as unsafe, and
// nobody shows it. Linear in the length.

import { uriOption } from '../drivers/options.ts';

export interface Host {
  readonly kind: 'name' | 'address' | 'ipv6' | 'socket' | 'wrong';
  /** As written; the path of a socket is decoded. */
  readonly text: string;
  readonly name: string;
  /** As written; null without one. */
  readonly port: string | null;
}

/** An option as written. */
export interface Written {
  readonly name: string;
  /** Decoded; null without an equals sign. */
  readonly value: string | null;
  /** A blank stands in it as it is, so that other words may be a part of it. */
  readonly isLoose: boolean;
}

export interface Anatomy {
  /** Before the @ that the hosts follow; null without one. */
  readonly userinfo: string | null;
  /** An @ follows what looks like the hosts: the user or the password is not escaped. */
  readonly isStrayAt: boolean;
  readonly hosts: readonly Host[];
  /** Hosts, database and options may be the rest of a password. */
  readonly isUnsafe: boolean;
  /** The @ may be written as %40. */
  readonly isEncodedAt: boolean;
  /** Behind the slash, as written; null without a slash. */
  readonly path: string | null;
  readonly written: readonly Written[];
  readonly marks: {
    readonly slashMissing: boolean;
    readonly questionMarkMissing: boolean;
    readonly questionMarkTwice: boolean;
    readonly htmlEscaped: boolean;
    readonly semicolons: boolean;
  };
}

/** @param isDoubtful what was cut off behind the body may belong to it */
export function anatomyOf(body: string, isDoubtful = false): Anatomy {
  const cut = cutBody(body);
  const { head, path, query, marks } = tailOf(cut.rest);
  const hosts = hostsIn(head);
  const isPassword = hosts.some(({ kind, port }) => kind === 'wrong' || !isPort(port)) && !isSocketPath(cut.rest);
  return {
    userinfo: cut.userinfo,
    isStrayAt: cut.isStrayAt,
    hosts,
    isUnsafe: isDoubtful || cut.isUnsafe || isPassword || isEncodedAtBehind(cut.rest),
    isEncodedAt: cut.userinfo === null && /%40/.test(head),
    path,
    ...query,
    marks: { ...marks, ...query.marks },
  };
}

/** In place of an @, %40 ends a password as well. */
function isEncodedAtBehind(rest: string): boolean {
  const tail = rest.slice(Math.max(0, rest.search(/[/?#]/)));
  if (!/%40/.test(tail)) return false;
  return tail.split(/[?&;]/).some((part) => {
    const at = part.indexOf('%40');
    return at >= 0 && !(WITH_AT.test(part) && !/[./?:]/.test(part.slice(at)));
  });
}

export function isPort(port: string | null): boolean {
  return port === null || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535);
}

/** `<port>`, `{port}`, `${DB_PORT}`. */
export function hasPlaceholderPort({ port }: Host): boolean {
  return /^(?:<[\w -]{1,30}>|\$?\{\w{1,30}\}|\[\w{0,20}port\w{0,20}\]|\$[A-Z_]{0,20}PORT)$/i.test(port ?? '');
}

export function afterLogin(body: string): string {
  return body.slice(body.lastIndexOf('@') + 1);
}

/** A Unix socket that is not escaped. */
export function isSocketPath(body: string): boolean {
  return /^\/?[\w.-]*(?:\/[\w.-]+)+\.sock(?:[/?].*)?$/s.test(afterLogin(body));
}

/** Options whose values may contain an @. */
const WITH_AT =
  /^(?:amp;)?(?:appName|authMechanismProperties|proxyUsername|proxyPassword|tlsCertificateKeyFilePassword)=/i;

interface Cut {
  readonly userinfo: string | null;
  readonly rest: string;
  readonly isStrayAt: boolean;
  readonly isUnsafe: boolean;
}

/** Splits at the @ before the hosts: the last one before the path, or, in a broken string, the last of all. */
function cutBody(body: string): Cut {
  const end = body.search(/[/?#]/);
  const head = end < 0 ? body : body.slice(0, end);
  const tail = end < 0 ? '' : body.slice(end);
  const at = head.lastIndexOf('@');
  const hosts = head.slice(at + 1);
  const usual = { userinfo: at < 0 ? null : head.slice(0, at), rest: hosts + tail, isStrayAt: false, isUnsafe: false };
  if (!tail.includes('@')) return usual;
  const asked = tail.indexOf('?');
  const isInQuery = asked >= 0 && !tail.slice(0, asked).includes('@') && !tail.startsWith('#');
  const looksComplete = hosts !== '' && hostsIn(hosts).every(isPlainHost);
  const strays = isInQuery
    ? tail
        .slice(asked + 1)
        .split(/[&;]/)
        .filter((option) => option.includes('@'))
    : [];
  const isKnown = looksComplete && /[.:[]|^localhost$/i.test(hosts);
  // `appName=@account@` is how Azure prints it. What looks like a host behind the @ may be the real one.
  const isWhole = at >= 0 && isKnown && tail.startsWith('/');
  const mayHaveAt = (option: string) => WITH_AT.test(option) || (isWhole && isTextOption(option));
  const isHarmless =
    isInQuery && looksComplete && strays.every((option) => mayHaveAt(option) && isHarmlessAt(option, isKnown));
  if (isHarmless) return usual;
  const last = body.lastIndexOf('@');
  // Of an @ in an option behind complete hosts, either side may be a secret, unless Atlas's name ends it.
  const isUnsafe = isInQuery && looksComplete && !isAtlasName(body.slice(last + 1).replace(/[:/?#].*/s, ''));
  return { userinfo: body.slice(0, last), rest: body.slice(last + 1), isStrayAt: true, isUnsafe };
}

/** Behind a user, hosts and a slash, its @ is no longer the one before the hosts. */
function isTextOption(option: string): boolean {
  return uriOption(option.replace(/=.*/s, ''))?.type === 'text';
}

/** No host seems to begin behind the @, and no path or options before it. */
function isHarmlessAt(option: string, isHostKnown: boolean): boolean {
  if (/[/?]/.test(option.slice(0, option.lastIndexOf('@')))) return false;
  return isHostKnown ? !/[./?:]/.test(option.slice(option.indexOf('@'))) : option.endsWith('@');
}

/** https://www.mongodb.com/docs/atlas/reference/faq/connection-changes/ */
export function isAtlasName(name: string): boolean {
  return /\.mongodb(?:-dev|-qa|-stage|gov)?\.net$/i.test(name);
}

function isPlainHost({ kind, port }: Host): boolean {
  return kind !== 'wrong' && isPort(port);
}

/** Not the # of &#38;. */
const FRAGMENT = /(?<!&)#.*$/s;

function tailOf(rest: string) {
  const end = rest.search(/[/?#]/);
  const tail = end < 0 ? '' : rest.slice(end).replace(FRAGMENT, '');
  const unslashed = end < 0 ? rest : rest.slice(0, end);
  const asked = tail.indexOf('?');
  const path = tail.startsWith('/') ? tail.slice(1, asked < 0 ? undefined : asked) : null;
  const given = asked < 0 ? null : tail.slice(asked + 1);
  const [head, ofHead] = given === null && path === null ? withoutOptions(unslashed) : [unslashed, null];
  const [name, ofPath] = path === null ? [null, null] : withoutOptions(path);
  const early = ofPath ?? ofHead;
  const query = writtenIn([early, given].filter((one) => one !== null).join('&'));
  return {
    head,
    path: name,
    query,
    marks: { slashMissing: given !== null && path === null, questionMarkMissing: early !== null },
  };
}

/** Options that stand where the database or a host does. */
function withoutOptions(text: string): readonly [string, string | null] {
  const found = /(?:^|[&;?])&?(\w{1,40})=/.exec(text);
  if (found === null || !(isOption(found[1] ?? '') || found[0].startsWith('&'))) return [text, null];
  return [text.slice(0, found.index), text.slice(found.index).replace(/^[&;?]+/, '')];
}

function writtenIn(query: string) {
  // \u0026 is how JSON of some languages writes it, and \& how shells do.
  const plain = query.replace(/&(?:amp;|#0{0,4}38;|#x0{0,4}26;)+|\\u0026|\\&/gi, '&');
  const apart = plain.replace(/;(?=(\w{1,40})=)/g, (mark, name: string) => (isOption(name) ? '&' : mark));
  const once = apart.replace(/^\?+|\?(?=(\w{1,40})=)/g, (mark, name: string | undefined) =>
    name === undefined || isOption(name) ? '&' : mark,
  );
  const written = once.split('&').flatMap((option): readonly Written[] => {
    if (option.trim() === '') return [];
    const equals = option.indexOf('=');
    const name = (equals < 0 ? option : option.slice(0, equals)).trim();
    const value = option.slice(equals + 1).trim();
    return [{ name, value: equals < 0 ? null : decodedValue(value), isLoose: /\s/.test(value) }];
  });
  return {
    written,
    marks: {
      htmlEscaped: plain !== query,
      semicolons: apart !== plain,
      questionMarkTwice: once !== apart,
    },
  };
}

function isOption(name: string): boolean {
  return uriOption(name) !== null;
}

/** As drivers read it: + is a blank. */
function decodedValue(value: string): string {
  return decoded(value.replaceAll('+', ' ')) ?? value;
}

/** Null when it is malformed. */
export function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.toWellFormed());
  } catch {
    return null;
  }
}

function hostsIn(authority: string): readonly Host[] {
  return authority.split(',').map((text) => hostOf(text));
}

const NAME = /^[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_.-]{0,253}[\p{L}\p{N}\p{M}_.])?$/u;

function hostOf(text: string): Host {
  const wrong = { kind: 'wrong', text, name: text, port: null } as const;
  const path = decoded(text);
  if (/%2F/i.test(text) && path?.endsWith('.sock') === true && !/[@:?#]/.test(path) && !/[@:]/.test(text))
    return { kind: 'socket', text: path, name: path, port: null };
  const bracketed = /^(\[[0-9a-f:.]+(?:%25[\w.-]+)?\])(?::(.*))?$/is.exec(text);
  if (bracketed?.[1] !== undefined) return { kind: 'ipv6', text, name: bracketed[1], port: bracketed[2] ?? null };
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const port = colon < 0 ? null : text.slice(colon + 1);
  if (!NAME.test(name)) return { ...wrong, name, port };
  return { kind: /^\d+(\.\d+){3}$/.test(name) ? 'address' : 'name', text, name, port };
}
