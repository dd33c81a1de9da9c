// The machine's proxy, from the variables that other programs also read, in upper or lower case.

import type { ProxyAddress, ProxySettings } from '../core/ports/clusters.ts';
import type { Environment } from './environment.ts';
import type { Remarks } from './issues.ts';

const NAMES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'] as const;
type Name = (typeof NAMES)[number];

/** Null if none is set. An invalid address is a problem only if it would be used. */
export function proxySettings(env: Environment, remarks: Remarks): ProxySettings | null {
  const http = found(env, 'HTTP_PROXY') ?? found(env, 'ALL_PROXY');
  const https = found(env, 'HTTPS_PROXY') ?? found(env, 'ALL_PROXY') ?? http;
  if (https === null) return null;
  const addresses = [...new Set([https.name, http?.name])].flatMap((name) => {
    const given = name === https.name ? https : http;
    const address = given === null || name === undefined ? null : addressOf(given);
    if (address === null && name !== undefined) remarks.problems.push({ code: 'setting', ...notAnAddress(name) });
    return address ?? [];
  });
  const of = (given: Given | null) => addresses.find(({ setting }) => setting === given?.name) ?? null;
  return { https: of(https), http: of(http), except: found(env, 'NO_PROXY')?.value ?? '' };
}

/** Secrets of proxies with a password: the address, and the password as written and decoded. */
export function secretsOfProxy(env: Environment): readonly string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    const given = { name, value: value.trim() };
    const password = NAMES.some((known) => known === name.toUpperCase()) ? (parsed(given)?.password ?? '') : '';
    return password === '' ? [] : [given.value, password, decoded(password) ?? password];
  });
}

interface Given {
  /** As it is set. */
  readonly name: string;
  readonly value: string;
}

/** Lower case first, as in curl and undici. */
function found(env: Environment, name: Name): Given | null {
  const set = Object.keys(env).filter((key) => key.toUpperCase() === name && (env[key]?.trim() ?? '') !== '');
  const key = [name.toLowerCase(), name].find((one) => set.includes(one)) ?? set[0];
  return key === undefined ? null : { name: key, value: env[key]?.trim() ?? '' };
}

function parsed({ value }: Given): URL | null {
  const whole = value.includes('://') ? value : `http://${value}`;
  return URL.canParse(whole) ? new URL(whole) : null;
}

function addressOf(given: Given): ProxyAddress | null {
  const url = parsed(given);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return null;
  // An unescaped / in a password would turn the rest into a path, and the user into a host.
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return null;
  if (decoded(url.username) === null || decoded(url.password) === null) return null;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return { setting: given.name, url: url.href, host: url.hostname, port };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function notAnAddress(name: string): { readonly text: string; readonly remedy: string } {
  const text = `${name} is not the address of a proxy that atlas-conns can use.`;
  const remedy =
    'Expected http://host:port or https://host:port, with user:password@ before the host where the proxy asks for them; ' +
    'in user and password the characters : / ? # [ ] @ % are percent-encoded.';
  return { text, remedy };
}
