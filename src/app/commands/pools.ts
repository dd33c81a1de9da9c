// Use case: the pools that applications report, asked from a running bot.

import { parseIp } from '../../core/net/address.ts';
import { isLoopback, isPrivate } from '../../core/net/cidr.ts';
import type { PoolsView } from '../../core/pools/view.ts';
import { ConfigError, UserError } from '../../errors.ts';
import type { PoolsAnswer, PoolsRequest } from './types.ts';

/** From the settings of `serve`. */
interface Listening {
  readonly host: string;
  /** Null where no reports are taken. */
  readonly port: number | null;
  /** The first one is sent. */
  readonly tokens: readonly string[];
}

export interface PoolsCommandInput extends PoolsRequest {
  /** The option that names the bot, for errors; `--url` by default. */
  readonly option?: string;
  readonly settings: Listening;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Rejects with UpstreamError, or UserError. */
  readonly fetchPools: (input: {
    readonly url: string;
    readonly token: string;
    readonly signal: AbortSignal;
  }) => Promise<PoolsView>;
  /** From now on removed from everything that leaves the process. */
  readonly hide: (secrets: readonly string[]) => void;
}

export async function pools({ fetchPools, hide, signal, ...input }: PoolsCommandInput): Promise<PoolsAnswer> {
  const asked = endpointOf(input);
  const token = tokenFor(asked, input);
  hide([token]);
  const { url } = asked;
  const view = await fetchPools({ url, token, signal });
  return { view, url, remarks: [...asked.remarks, ...inPlainText(url)] };
}

interface Endpoint {
  readonly url: string;
  readonly from: 'option' | 'settings' | 'reporter';
  readonly remarks: readonly string[];
}

/** `--url`, else the bot of these settings, else the first bot of the reporters. */
function endpointOf(input: Pick<PoolsCommandInput, 'url' | 'settings' | 'env' | 'option'>): Endpoint {
  const { url, settings, env, option = '--url' } = input;
  if (url !== null) return { url: baseOf(url, option), from: 'option', remarks: [] };
  if (settings.port !== null)
    return { url: `http://${reachable(settings.host)}:${settings.port}`, from: 'settings', remarks: [] };
  const [first, ...others] = listOf(env['ATLAS_CONNS_POOLS_URL']);
  if (first === undefined)
    throw new ConfigError([
      {
        code: 'setting',
        text: 'POOLS_PORT is missing.',
        remedy: `Set POOLS_PORT and POOLS_TOKEN to those of serve, or name the bot with ${option}.`,
      },
    ]);
  const base = baseOf(first, 'ATLAS_CONNS_POOLS_URL');
  const remarks =
    others.length === 0 ? [] : [`ATLAS_CONNS_POOLS_URL has ${others.length + 1} addresses: ${base} is asked.`];
  return { url: base, from: 'reporter', remarks };
}

function tokenFor({ from }: Endpoint, { settings, env }: Pick<PoolsCommandInput, 'settings' | 'env'>): string {
  const ours = settings.tokens;
  const reporters = listOf(env['ATLAS_CONNS_POOLS_TOKEN']);
  const [token] = from === 'reporter' ? [...reporters, ...ours] : [...ours, ...reporters];
  if (token !== undefined) return token;
  const remedy = 'Set POOLS_TOKEN to that of serve, or ATLAS_CONNS_POOLS_TOKEN to that of the reporters.';
  throw new ConfigError([{ code: 'setting', text: 'POOLS_TOKEN is missing.', remedy }]);
}

const listOf = (text = '') => text.split(',').flatMap((part) => part.trim() || []);

/** Without the path of the protocol, which reporters may have behind it. */
function baseOf(text: string, setting: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const example = 'Write such as http://127.0.0.1:8086.';
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UserError(`${setting} is no http or https address.`, example);
  // The text is not repeated: it may hold a secret.
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new UserError(
      `${setting} has more than an address in it.`,
      `${example} The token comes from POOLS_TOKEN or ATLAS_CONNS_POOLS_TOKEN.`,
    );
  return `${url.origin}${url.pathname.replace(/(?:\/v1\/pools)?\/*$/, '')}`;
}

/** A server on all interfaces is reached at this machine's own address. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** Over a network, the token can be read on its way. */
function inPlainText(url: string): readonly string[] {
  const { protocol, hostname } = new URL(url);
  const address = parseIp(hostname.replace(/^\[|\]$/g, ''));
  const isNear = address === null ? hostname === 'localhost' : isLoopback(address) || isPrivate(address);
  return protocol === 'https:' || isNear ? [] : [`The token goes to ${hostname} in plain text: use https.`];
}
