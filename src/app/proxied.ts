// Reaches Atlas and Slack through the machine's proxy, and recognises failures of the proxy itself.

import type { FetchFunction } from '@slack/web-api';
import { type Dispatcher, EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';
import type { Problem } from '../core/base/problem.ts';
import type { ProxyAddress, ProxySettings } from '../core/ports/clusters.ts';
import { UpstreamError } from '../errors.ts';

/** Far larger than any answer of Atlas or Slack. */
const LARGEST_BODY_BYTES = 32 * 1024 * 1024;
const MOST_CONNECTIONS = 32;

export interface Proxied {
  readonly dispatcher: Dispatcher;
  readonly request: (options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>;
  /** undici's own fetch: Node has a different bundled undici that does not accept this dispatcher. */
  readonly fetch: FetchFunction;
  close(): Promise<void>;
}

/** Rejects with UpstreamError for a failure of the proxy. The caller that opens it closes it. */
export function openProxied(settings: ProxySettings): Proxied {
  const dispatcher = new EnvHttpProxyAgent({
    // Empty strings, so that undici does not read the environment itself.
    httpProxy: settings.http?.url ?? '',
    httpsProxy: settings.https?.url ?? '',
    noProxy: settings.except,
    // Tunnels http, too: a WebSocket needs it, and an answer of the proxy is never mistaken for one of the target.
    proxyTunnel: true,
    // A WebSocket needs its own connection.
    allowH2: false,
    connections: MOST_CONNECTIONS,
    maxResponseSize: LARGEST_BODY_BYTES,
  });
  const blamed = (error: unknown, target: URL): unknown => {
    const proxy = target.protocol === 'https:' ? settings.https : settings.http;
    const problem = proxy === null ? null : proxyProblem(error, proxy, target.host);
    return problem === null ? error : new UpstreamError(problem, { cause: error });
  };
  return {
    dispatcher,
    request: (options) =>
      dispatcher.request(options).catch((error: unknown) => {
        throw blamed(error, new URL(String(options.origin)));
      }),
    async fetch(url, { body = null, ...init } = {}) {
      // Node's FormData is not undici's. Only files are sent as forms.
      if (body instanceof FormData) throw new Error('no files are sent through a proxy');
      try {
        return await undiciFetch(url, { ...init, body, dispatcher });
      } catch (error) {
        throw blamed(error, new URL(url));
      }
    },
    close: () => dispatcher.destroy(),
  };
}

/** Null if the proxy worked or was not used. */
function proxyProblem(error: unknown, proxy: ProxyAddress, target: string): Problem | null {
  const { setting, host, port } = proxy;
  const named = `The proxy of ${setting} (${host}:${port})`;
  for (const fault of causesOf(error)) {
    const status = /^Proxy response \((\d+)\)/.exec(fault.message)?.[1];
    if (status === '407')
      return {
        code: 'proxy-refused',
        text: `${named} requires a user and a password, or rejects those that are set (407).`,
        remedy: `Set them in ${setting}: http://user:password@${host}:${port}, special characters percent-encoded.`,
      };
    if (status !== undefined)
      return {
        code: 'proxy-refused',
        text: `${named} did not connect to ${target} (${status}).`,
        remedy: `Allow ${target} in the proxy, or name it in NO_PROXY if this machine reaches it directly.`,
      };
    const code = 'code' in fault ? String(fault.code) : '';
    if (code.startsWith('UND_ERR_PRX') || isOf(fault, proxy))
      return {
        code: 'proxy-unreachable',
        text: `${named} cannot be reached (${code}).`,
        remedy: `Check ${setting}. Check that the proxy runs and accepts this machine.`,
      };
  }
  return null;
}

/** Whether a connection to the proxy failed. */
function isOf(fault: Error, { host, port }: ProxyAddress): boolean {
  if ('hostname' in fault) return fault.hostname === host;
  if ('syscall' in fault && fault.syscall === 'connect') return 'port' in fault && String(fault.port) === port;
  return fault.name === 'ConnectTimeoutError' && fault.message.includes(host);
}

function causesOf(error: unknown): readonly Error[] {
  if (!(error instanceof Error)) return [];
  const [first] = error instanceof AggregateError ? error.errors : [error.cause];
  return [error, ...causesOf(first)];
}
