// One HTTP exchange with Atlas over our own connection pool, without redirects and retries.

import { type Dispatcher, Pool } from 'undici';
import type { Observer } from '../core/ports/telemetry.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Includes the query, from the root of the API: `/api/atlas/v2/groups`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface Http {
  /** `host:port` for messages. */
  readonly host: string;
  /** The path on the server for `path`: a base URL may have its own path. */
  target(path: string): string;
  /** Rejects as undici does, or with the signal's reason. */
  exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** A page of 500 access list entries is far smaller. A larger body is not an answer of Atlas. */
const LARGEST_BODY_BYTES = 32 * 1024 * 1024;
const MOST_CONNECTIONS = 8;

export interface HttpOptions {
  readonly baseUrl: string;
  readonly userAgent: string;
  /** Called after every exchange. */
  readonly onCall?: Observer['atlasCall'];
  /** Used with a proxy, instead of our own connection pool. */
  readonly request?: ((options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>) | undefined;
}

export function openHttp(options: HttpOptions): Http {
  const { onCall = () => undefined } = options;
  const base = new URL(options.baseUrl);
  const prefix = base.pathname.replace(/\/+$/, '');
  const pool = new Pool(base.origin, { connections: MOST_CONNECTIONS, maxResponseSize: LARGEST_BODY_BYTES });
  const ask = options.request ?? ((options: Dispatcher.RequestOptions) => pool.request(options));
  const target = (path: string) => `${prefix}${path}`;
  return {
    host: base.host,
    target,
    async exchange(request, signal) {
      try {
        const { statusCode, headers, body } = await ask({
          origin: base.origin,
          method: request.method,
          path: target(request.path),
          headers: { 'user-agent': options.userAgent, ...request.headers },
          body: request.body ?? null,
          signal,
        });
        const answer = { status: statusCode, headers, body: await body.text() };
        onCall({ status: statusCode });
        return answer;
      } catch (error) {
        onCall({ status: null });
        throw error;
      }
    },
    // Aborts running exchanges: the caller no longer waits.
    close: () => pool.destroy(),
  };
}

/** The first value of a header, or null. */
export function headerOf(answer: HttpAnswer, name: string): string | null {
  const value = answer.headers[name];
  return (typeof value === 'string' ? value : value?.[0]) ?? null;
}

// Common interface of both kinds of Atlas credentials: a ticket, and a new one after a refusal.

/** The authorization of one request. */
export interface Ticket {
  /** Value of the `Authorization` header; null if the server must send a challenge first. */
  readonly header: string | null;
  /** The token or nonce of the ticket: shows whether another request has renewed it meanwhile. */
  readonly proof: string | null;
}

export interface Authorization {
  /** Rejects with UpstreamError, or with the signal's reason. `target` is the path as the server sees it. */
  ticket(request: { readonly method: string; readonly target: string }, signal: AbortSignal): Promise<Ticket>;
  /** After a 401: whether the request should be sent again with the next ticket. */
  renew(refusal: { readonly answer: HttpAnswer; readonly used: Ticket; readonly renewals: number }): boolean;
}
