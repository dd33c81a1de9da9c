// One request to another process of this tool, with a bound on the answer.

import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';

export interface Question {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes of the answer at most. */
  readonly most: number;
  readonly signal: AbortSignal;
}

/** Rejects when no whole answer comes. */
export function exchange({ url, headers = {}, most, signal }: Question): Promise<{
  readonly status: number;
  readonly body: string;
}> {
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly status: number; readonly body: string }>();
  const get = url.protocol === 'https:' ? getSecure : getPlain;
  // Its own agent: the default agent of the process may use a proxy.
  const request = get(url, { agent: false, headers: { ...headers }, signal }, (response) => {
    const parts: Buffer[] = [];
    let size = 0;
    response.on('data', (part: Buffer) => {
      size += part.length;
      if (size > most) response.destroy(new Error('the answer has no end'));
      else parts.push(part);
    });
    response.on('error', reject);
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
  });
  request.on('error', reject);
  return promise;
}

/** A server on all interfaces is reached at this machine's own address. An IPv6 address stands in brackets. */
export function urlOf({ host, port }: { readonly host: string; readonly port: number }): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
