// Sends requests to one Atlas with one set of credentials: GET, and the POST that fetches a token.

import { unlessAborted } from '../core/base/abort.ts';
import { decodeToken } from './decode.ts';
import { digestAuthorization } from './digest.ts';
import { type Authorization, type HttpOptions, openHttp } from './http.ts';
import { API_VERSION, type Caller, nameOf } from './problems.ts';
import { openRequester, type Requester, type RetryPolicy } from './request.ts';

export type AtlasCredentials =
  | { readonly kind: 'service-account'; readonly clientId: string; readonly clientSecret: string }
  | { readonly kind: 'api-key'; readonly publicKey: string; readonly privateKey: string };

export interface Session {
  /** The JSON at a path. Rejects with UpstreamError, or with the signal's reason. */
  get(ask: { readonly path: string; readonly what: string }, signal: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

const ACCEPT = `application/vnd.atlas.${API_VERSION}+json`;

export function openSession(
  options: HttpOptions & { readonly credentials: AtlasCredentials; readonly retries: RetryPolicy },
): Session {
  const { credentials, retries } = options;
  const http = openHttp(options);
  const caller = callerOf(credentials);
  const requester = openRequester({ http, caller, retries });
  const closing = new AbortController();
  const authorization =
    credentials.kind === 'api-key'
      ? digestAuthorization(credentials)
      : tokens({ credentials, requester, caller, now: retries.now, signal: closing.signal });
  return {
    get: ({ path, what }, signal) =>
      requester.json(
        { request: { method: 'GET', path, headers: { accept: ACCEPT } }, what, authorization },
        AbortSignal.any([signal, closing.signal]),
      ),
    async close() {
      closing.abort();
      await http.close();
    },
  };
}

function tokens(options: {
  readonly credentials: { readonly clientId: string; readonly clientSecret: string };
  readonly requester: Requester;
  readonly caller: Caller;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}): Authorization {
  const { credentials, requester, caller, now, signal } = options;
  const request = {
    method: 'POST',
    path: '/api/oauth/token',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      authorization: basicHeader(credentials.clientId, credentials.clientSecret),
    },
    body: 'grant_type=client_credentials',
  } as const;
  const what = `an access token for ${nameOf(caller)}`;
  return serviceAccountAuthorization({
    now,
    fetchToken: async () => decodeToken(await requester.json({ request, what, authorization: null }, signal)),
  });
}

function callerOf(credentials: AtlasCredentials): Caller {
  return credentials.kind === 'service-account'
    ? { kind: credentials.kind, id: credentials.clientId }
    : { kind: credentials.kind, id: credentials.publicKey };
}

// Tokens of a service account (OAuth client credentials): one at a time, reused until shortly before expiry.

interface AccessToken {
  readonly value: string;
  readonly lifetimeMs: number;
}

/** A token is replaced this long before expiry, so that it does not expire in transit. */
const MARGIN_MS = 60_000;

/**
 * `fetchToken` requests a token from Atlas and rejects with UpstreamError. Concurrent requests share one call. A
 * request that gives up does not cancel it for the others.
 */
function serviceAccountAuthorization(options: {
  readonly fetchToken: () => Promise<AccessToken>;
  readonly now: () => Date;
}): Authorization {
  let current: { readonly value: string; readonly renewAt: number } | null = null;
  let pending: Promise<string> | null = null;

  async function refresh(): Promise<string> {
    const askedAt = options.now().getTime();
    const { value, lifetimeMs } = await options.fetchToken();
    current = { value, renewAt: askedAt + lifetimeMs - Math.min(MARGIN_MS, lifetimeMs / 2) };
    return value;
  }

  return {
    async ticket(_request, signal) {
      if (current === null || options.now().getTime() >= current.renewAt) {
        pending ??= refresh().finally(() => {
          pending = null;
        });
        return bearer(await unlessAborted(pending, signal));
      }
      return bearer(current.value);
    },
    renew({ used, renewals }) {
      // Drops only the refused token: another request may have fetched a new one meanwhile.
      if (current?.value === used.proof) current = null;
      return renewals === 0;
    },
  };
}

/** The form that Atlas requires. It is not URL-encoded, because that breaks client ids with an underscore. */
function basicHeader(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
}

function bearer(token: string): { readonly header: string; readonly proof: string } {
  return { header: `Bearer ${token}`, proof: token };
}
