// HTTP answers of the page, with the headers that keep hostile text from ever becoming a script.

import type { IncomingMessage, ServerResponse } from 'node:http';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export interface Reply {
  readonly status: number;
  readonly type: 'text/html' | 'text/css' | 'text/javascript' | 'application/json' | 'text/plain';
  readonly body: string;
}

export const headers = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

export function send(response: ServerResponse, { status, type, body }: Reply): void {
  response.writeHead(status, { ...headers, 'content-type': `${type}; charset=utf-8` }).end(body);
}

export function json(status: number, body: unknown): Reply {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}

/** Why a request is not answered: it came from elsewhere, or from a page of elsewhere; null where it may go on. */
export function refusalOf(request: IncomingMessage): string | null {
  const local = /^(127\.|::1$|::ffff:127\.)/;
  if (!local.test(request.socket.remoteAddress ?? '')) return 'This page is for the machine that it runs on.';
  // A name that points here from outside (DNS rebinding) would let a foreign page read along.
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(request.headers.host ?? '')) return 'Unknown host name.';
  const site = request.headers['sec-fetch-site'];
  if (request.method === 'POST' && site !== undefined && site !== 'same-origin') return 'Only this page may ask that.';
  return null;
}

/** The JSON object of a POST; rejects where it is longer than any message or no JSON. */
export async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > 1_000_000) throw new Error('a request of more than a million bytes');
    chunks.push(bytes);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
