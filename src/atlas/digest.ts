// HTTP Digest (RFC 7616, MD5 with qop=auth) for Atlas API keys. A nonce is reused until Atlas sends another.

import { createHash, randomBytes } from 'node:crypto';
import type { Authorization, HttpAnswer } from './http.ts';

export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | null;
  readonly stale: boolean;
}

/** Credentials of an API key: the public key is the user, the private key the password. */
export function digestAuthorization(key: { readonly publicKey: string; readonly privateKey: string }): Authorization {
  let current: { readonly challenge: DigestChallenge; count: number } | null = null;
  return {
    async ticket({ method, target }) {
      if (current === null) return { header: null, proof: null };
      current.count += 1;
      // The client's nonce protects the password's hash, so it comes from the system and not from the jitter's source.
      const cnonce = randomBytes(16).toString('hex');
      const { challenge, count } = current;
      return { header: digestHeader({ challenge, count, cnonce, key, method, target }), proof: challenge.nonce };
    },
    renew({ answer, used, renewals }) {
      const challenge = challengeOf(answer);
      if (challenge === null) return false;
      // Of parallel requests refused with one nonce, only the first adopts a new one. A second adoption would reset the
      // count.
      if (used.proof === (current?.challenge.nonce ?? null)) current = { challenge, count: 0 };
      return renewals === 0 || (renewals === 1 && challenge.stale);
    },
  };
}

/**
 * The value of `Authorization`; `count` is the number of requests with this nonce, including this one.
 * @internal
 */
export function digestHeader(input: {
  readonly challenge: DigestChallenge;
  readonly count: number;
  readonly cnonce: string;
  readonly key: { readonly publicKey: string; readonly privateKey: string };
  readonly method: string;
  readonly target: string;
}): string {
  const { challenge, cnonce, key, method, target } = input;
  const nc = input.count.toString(16).padStart(8, '0');
  const secret = md5(`${key.publicKey}:${challenge.realm}:${key.privateKey}`);
  const response = md5(`${secret}:${challenge.nonce}:${nc}:${cnonce}:auth:${md5(`${method}:${target}`)}`);
  const opaque = challenge.opaque === null ? '' : `, opaque=${quoted(challenge.opaque)}`;
  return (
    `Digest username=${quoted(key.publicKey)}, realm=${quoted(challenge.realm)}, nonce=${quoted(challenge.nonce)}, ` +
    `uri=${quoted(target)}, algorithm=MD5, qop=auth, nc=${nc}, cnonce="${cnonce}", response="${response}"${opaque}`
  );
}

/** The Digest challenge of an answer; null if there is none that we support. */
export function challengeOf(answer: HttpAnswer): DigestChallenge | null {
  const offered = answer.headers['www-authenticate'];
  const lines = typeof offered === 'string' ? [offered] : (offered ?? []);
  const line = lines.find((value) => /^digest\s/i.test(value));
  if (line === undefined) return null;
  const fields = new Map<string, string>();
  for (const [, name = '', inQuotes, bare] of line.matchAll(/\b(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
    fields.set(name.toLowerCase(), inQuotes?.replace(/\\(.)/g, '$1') ?? bare ?? '');
  }
  const [realm, nonce] = [fields.get('realm'), fields.get('nonce')];
  const spoken =
    (fields.get('algorithm') ?? 'MD5').toUpperCase() === 'MD5' &&
    fields
      .get('qop')
      ?.split(',')
      .some((way) => way.trim() === 'auth');
  if (realm === undefined || nonce === undefined || !spoken) return null;
  return { realm, nonce, opaque: fields.get('opaque') ?? null, stale: fields.get('stale')?.toLowerCase() === 'true' };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
