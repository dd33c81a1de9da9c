// Deliveries by HTTP: signed as Slack signs them, acknowledged by a 2xx within three seconds.

import { createHmac } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Fields } from './answer.ts';
import { type Courier, lost, type Parcel, type ParcelKind } from './courier.ts';
import { parsedOr } from './request.ts';

const STALE_SECONDS = 6 * 60;

export interface HttpDelivery extends Courier {
  /** Where the app listens from now on. */
  url: string | null;
  /** Slack's question whether this URL is the app's; resolves with whether it was answered rightly. */
  verify(): Promise<boolean>;
}

export interface HttpDeliveryOptions {
  readonly url: string | null;
  readonly signingSecret: string;
  readonly ackMs: number;
  readonly now: () => Date;
  /** What to get wrong in the next request. */
  readonly forgery: () => 'signature' | 'timestamp' | null;
}

export function createHttpDelivery(options: HttpDeliveryOptions): HttpDelivery {
  const { ackMs, now, signingSecret } = options;

  function signed(body: string, type: string, retry: Parcel['retry']): RequestInit {
    const forgery = options.forgery();
    const seconds = Math.floor(now().getTime() / 1000) - (forgery === 'timestamp' ? STALE_SECONDS : 0);
    const secret = forgery === 'signature' ? 'another secret' : signingSecret;
    const signature = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex');
    const headers = {
      'content-type': type,
      'x-slack-request-timestamp': String(seconds),
      'x-slack-signature': `v0=${signature}`,
      ...(retry !== null && { 'x-slack-retry-num': String(retry.attempt), 'x-slack-retry-reason': retry.reason }),
    };
    return { method: 'POST', body, headers, signal: AbortSignal.timeout(ackMs) };
  }

  const delivery: HttpDelivery = {
    url: options.url,
    async deliver({ kind, payload, retry }) {
      if (delivery.url === null) return lost('dispatch_failed');
      const sentAt = performance.now();
      try {
        const { body, type } = bodyOf(kind, payload);
        const response = await fetch(delivery.url, signed(body, type, retry));
        const text = await response.text();
        if (!response.ok) return lost('dispatch_failed');
        const isJson = response.headers.get('content-type')?.includes('json') === true;
        const answer = text === '' ? null : isJson ? parsedOr(text, null) : { text };
        return { acknowledged: true, tookMs: performance.now() - sentAt, answer, failure: null };
      } catch (error) {
        const isLate = error instanceof DOMException && error.name === 'TimeoutError';
        return lost(isLate ? 'operation_timeout' : 'dispatch_failed');
      }
    },
    async verify() {
      if (delivery.url === null) return false;
      const body = JSON.stringify({ type: 'url_verification', token: 'stand-in', challenge: 'prove it' });
      const response = await fetch(delivery.url, signed(body, 'application/json', null));
      return response.ok && (await response.text()).includes('prove it');
    },
  };
  return delivery;
}

function bodyOf(kind: ParcelKind, payload: Fields): { readonly body: string; readonly type: string } {
  if (kind === 'events_api') return { body: JSON.stringify(payload), type: 'application/json' };
  const fields =
    kind === 'interactive'
      ? { payload: JSON.stringify(payload) }
      : Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, String(value)]));
  return { body: new URLSearchParams(fields).toString(), type: 'application/x-www-form-urlencoded' };
}
