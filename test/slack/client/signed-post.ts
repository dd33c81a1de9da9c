// A request at the bot's HTTP port, signed as Slack signs it unless told otherwise.

import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Running, Slack } from '../bot-fixture.ts';

export interface SignedPost {
  readonly body: string | Uint8Array;
  /** A form unless told; null for none. */
  readonly type?: string | null;
  /** Seconds since 1970, as the header has it. */
  readonly time?: string;
  readonly secret?: string;
  /** Beside or in place of the signed ones. */
  readonly headers?: readonly (readonly [string, string])[];
  /** Whether there is any proof. */
  readonly isSigned?: boolean;
}

export const secondsNow = (): number => Math.floor(Date.now() / 1_000);

export function portOf({ log }: Pick<Running, 'log'>): number {
  const address = log.find(({ message }) => message === 'listening for Slack')?.['address'] as AddressInfo;
  return address.port;
}

function signatureOf(secret: string, time: string, body: string | Uint8Array): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${time}:`).update(body).digest('hex')}`;
}

export function postSigned(
  slack: Pick<Slack, 'signingSecret'>,
  running: Pick<Running, 'log'>,
  { body, type = 'application/x-www-form-urlencoded', isSigned = true, ...post }: SignedPost,
): Promise<Response> {
  const { time = String(secondsNow()), secret = slack.signingSecret, headers = [] } = post;
  const proof = { 'x-slack-request-timestamp': time, 'x-slack-signature': signatureOf(secret, time, body) };
  const all = new Headers({ ...(type !== null && { 'content-type': type }), ...(isSigned && proof) });
  for (const [name, value] of headers) all.append(name, value);
  const sent = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body);
  return fetch(`http://127.0.0.1:${portOf(running)}/slack/events`, { method: 'POST', headers: all, body: sent });
}
