// Requests to one Atlas under one set of credentials: GET, and the POST that fetches a token.

import type { Authorization } from './authorization.ts';
import { decodeToken } from './decode.ts';
import { digestAuthorization } from './digest.ts';
import { type HttpOptions, openHttp } from './http.ts';
import { API_VERSION, type Caller, nameOf } from './problems.ts';
import { openRequester, type Patience, type Requester } from './request.ts';
import { basicHeader, serviceAccountAuthorization } from './service-account.ts';

export type AtlasCredentials =
  | { readonly kind: 'service-account'; readonly clientId: string; readonly clientSecret: string }
  | { readonly kind: 'api-key'; readonly publicKey: string; readonly privateKey: string };

export interface Session {
  /** The JSON at a path. Rejects with UpstreamError, or with the signal's reason where somebody aborted it. */
  get(ask: { readonly path: string; readonly what: string }, signal: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

const ACCEPT = `application/vnd.atlas.${API_VERSION}+json`;

export function openSession(
  options: HttpOptions & { readonly credentials: AtlasCredentials; readonly patience: Patience },
): Session {
  const { credentials, patience } = options;
  const http = openHttp(options);
  const caller = callerOf(credentials);
  const requester = openRequester({ http, caller, patience });
  const closing = new AbortController();
  const authorization =
    credentials.kind === 'api-key'
      ? digestAuthorization(credentials)
      : tokens({ credentials, requester, caller, now: patience.now, signal: closing.signal });
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
