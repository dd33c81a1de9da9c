// Tokens of a service account (OAuth client credentials): one at a time, reused until shortly before it ends.

import { unlessAborted } from '../core/base/abort.ts';
import type { Authorization } from './authorization.ts';

export interface AccessToken {
  readonly value: string;
  readonly lifetimeMs: number;
}

/** A token is replaced this long before its end, so that it cannot end between us and Atlas. */
const MARGIN_MS = 60_000;

/**
 * `fetchToken` asks Atlas for a token and rejects with UpstreamError. It is called once however many requests wait for
 * it, and belongs to none of them: a request that gives up leaves it running for the others.
 */
export function serviceAccountAuthorization(options: {
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
      // Only the token that was refused is dropped: another request may have brought a new one meanwhile.
      if (current?.value === used.proof) current = null;
      return renewals === 0;
    },
  };
}

/** The form that Atlas wants: not URL-encoded, which would break client ids with an underscore. */
export function basicHeader(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
}

function bearer(token: string): { readonly header: string; readonly proof: string } {
  return { header: `Bearer ${token}`, proof: token };
}
