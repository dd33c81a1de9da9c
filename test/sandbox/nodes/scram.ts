// The server's half of SCRAM-SHA-256 (RFC 5802, RFC 7677): real verification, so that a wrong password fails.

import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

/** The least that drivers accept: more would only make tests slow. */
const ITERATIONS = 4096;

export interface ScramSecret {
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** A conversation after the client's first message: what the server said, and what it needs to judge the answer. */
export interface Conversation {
  readonly user: string;
  readonly nonce: string;
  readonly clientFirstBare: string;
  readonly serverFirst: string;
  readonly secret: ScramSecret;
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

export function scramSecret(password: string): ScramSecret {
  const salt = randomBytes(28);
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ITERATIONS, 32, 'sha256');
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest();
  return { salt, storedKey, serverKey: hmac(salted, 'Server Key') };
}

/** Null for a user that is not there or a message that is none. */
export function startConversation(
  payload: Uint8Array,
  secretOf: (user: string) => ScramSecret | undefined,
): Conversation | null {
  const clientFirstBare = Buffer.from(payload)
    .toString('utf8')
    .replace(/^n,[^,]*,/, '');
  const fields = attributes(clientFirstBare);
  const user = fields.get('n')?.replaceAll('=2C', ',').replaceAll('=3D', '=');
  const clientNonce = fields.get('r');
  const secret = user === undefined ? undefined : secretOf(user);
  if (user === undefined || clientNonce === undefined || secret === undefined) return null;
  const nonce = clientNonce + randomBytes(24).toString('base64');
  const serverFirst = `r=${nonce},s=${secret.salt.toString('base64')},i=${ITERATIONS}`;
  return { user, nonce, clientFirstBare, serverFirst, secret };
}

/** The server's final message; null where the proof does not hold. */
export function finishConversation(conversation: Conversation, payload: Uint8Array): string | null {
  const clientFinal = Buffer.from(payload).toString('utf8');
  const fields = attributes(clientFinal);
  const proof = Buffer.from(fields.get('p') ?? '', 'base64');
  const withoutProof = clientFinal.replace(/,p=[^,]*$/, '');
  const authMessage = [conversation.clientFirstBare, conversation.serverFirst, withoutProof].join(',');
  const { storedKey, serverKey } = conversation.secret;
  const signature = hmac(storedKey, authMessage);
  if (fields.get('r') !== conversation.nonce || proof.length !== signature.length) return null;
  const clientKey = Buffer.from(proof.map((byte, i) => byte ^ (signature[i] ?? 0)));
  const holds = timingSafeEqual(createHash('sha256').update(clientKey).digest(), storedKey);
  return holds ? `v=${hmac(serverKey, authMessage).toString('base64')}` : null;
}

function attributes(message: string): Map<string, string> {
  return new Map(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}
