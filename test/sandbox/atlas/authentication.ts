// Who may ask the stand-in: tokens of the service account, and HTTP Digest with nonces that are counted and run out.

import { createHash, randomUUID } from 'node:crypto';
import type { AtlasScenario } from './scenario.ts';

type Verdict = { ok: true } | { ok: false; status: number; body: unknown; headers?: Record<string, string> };

export interface Authentication {
  /** The token endpoint. */
  issueToken(request: { authorization: string | undefined; contentType: string | undefined; body: string }): Verdict & {
    body?: unknown;
  };
  verify(request: { method: string; target: string; authorization: string | undefined }): Verdict;
  /** Ends every token and nonce that was given out. */
  expire(): void;
}

const REALM = 'MMS Public API';

export function authentication(scenario: AtlasScenario, now: () => Date): Authentication {
  const tokens = new Map<string, number>();
  /** Per nonce the counts that were used. */
  const nonces = new Map<string, Set<string>>();
  const expired = new Set<string>();

  function challenge(stale: boolean): Verdict {
    const nonce = randomUUID();
    nonces.set(nonce, new Set());
    const value = `Digest realm="${REALM}", domain="", nonce="${nonce}", algorithm=MD5, qop="auth", stale=${stale}`;
    const body = { error: 401, reason: 'Unauthorized', detail: 'You are not authorized for this resource.' };
    return { ok: false, status: 401, body, headers: { 'www-authenticate': value } };
  }

  function verifyDigest(request: { method: string; target: string; header: string }): Verdict {
    const fields = new Map<string, string>();
    for (const [, name = '', quoted, bare] of request.header.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)) {
      fields.set(name, quoted ?? bare ?? '');
    }
    const field = (name: string) => fields.get(name) ?? '';
    const [nonce, nc] = [field('nonce'), field('nc')];
    const used = nonces.get(nonce);
    if (used === undefined || expired.has(nonce) || used.size >= scenario.nonceUses) return challenge(true);
    const { publicKey, privateKey } = scenario.apiKey;
    const secret = md5(`${publicKey}:${REALM}:${privateKey}`);
    const target = md5(`${request.method}:${request.target}`);
    const expected = md5(`${secret}:${nonce}:${nc}:${field('cnonce')}:auth:${target}`);
    const spoken = field('qop') === 'auth' && field('realm') === REALM && field('username') === publicKey;
    // A count that was used before is a replayed request.
    if (!spoken || field('uri') !== request.target || used.has(nc) || field('response') !== expected) {
      return challenge(false);
    }
    used.add(nc);
    return { ok: true };
  }

  return {
    issueToken({ authorization, contentType, body }) {
      const { clientId, clientSecret } = scenario.serviceAccount;
      const form = contentType?.startsWith('application/x-www-form-urlencoded') ? new URLSearchParams(body) : null;
      if (form?.get('grant_type') !== 'client_credentials') {
        return { ok: false, status: 400, body: { error: 'unsupported_grant_type' } };
      }
      if (authorization !== `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`) {
        const error_description = 'Invalid credentials provided.';
        return { ok: false, status: 401, body: { error: 'invalid_client', error_description } };
      }
      const token = `token-${randomUUID()}`;
      tokens.set(token, now().getTime() + scenario.tokenSeconds * 1_000);
      return { ok: true, body: { access_token: token, expires_in: scenario.tokenSeconds, token_type: 'Bearer' } };
    },
    verify({ method, target, authorization }) {
      if (authorization?.startsWith('Digest ')) return verifyDigest({ method, target, header: authorization });
      const token = authorization?.startsWith('Bearer ') ? authorization.slice('Bearer '.length) : null;
      if (token === null) return challenge(false);
      if ((tokens.get(token) ?? 0) > now().getTime()) return { ok: true };
      return { ok: false, status: 401, body: { error: 401, reason: 'Unauthorized', detail: 'Invalid access token.' } };
    },
    expire() {
      tokens.clear();
      for (const nonce of nonces.keys()) expired.add(nonce);
    },
  };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
