// Slack's proof that a request is its own. https://docs.slack.dev/authentication/verifying-requests-from-slack

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const FARTHEST_S = 5 * 60;

/** Why a request is not taken for Slack's; null where it is. */
export function signatureRefusal(input: {
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  readonly secret: string;
  readonly now: Date;
}): string | null {
  const { headers, body, secret, now } = input;
  // Node.js joins a doubled header with a comma, so that it is no number.
  const { 'x-slack-request-timestamp': time, 'x-slack-signature': signature } = headers;
  if (typeof time !== 'string' || !/^\d{1,12}$/.test(time)) return 'there is no timestamp';
  const off = Math.floor(now.getTime() / 1_000) - Number(time);
  if (Math.abs(off) > FARTHEST_S) return `the timestamp is ${Math.abs(off)} s in the ${off > 0 ? 'past' : 'future'}`;
  if (typeof signature !== 'string') return 'there is no signature';
  const [given, right] = [
    signature,
    `v0=${createHmac('sha256', secret).update(`v0:${time}:`).update(body).digest('hex')}`,
  ];
  const isRight = given.length === right.length && timingSafeEqual(Buffer.from(given, 'latin1'), Buffer.from(right));
  return isRight ? null : 'the signature is of another secret or body';
}
