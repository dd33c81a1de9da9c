// A report as a process sends it, and the request that carries it.

import { request } from 'node:http';

interface Put {
  readonly port: number;
  readonly token?: string | null;
  readonly method?: string;
  readonly path?: string;
  /** JSON, unless it is bytes or text already. */
  readonly report?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PutAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Rejects when the connection ends without an answer. */
export function putReport(input: Put): Promise<PutAnswer> {
  const { port, token = null, method = 'PUT', path = '/v1/pools', report, headers = {} } = input;
  const isRaw = typeof report === 'string' || Buffer.isBuffer(report);
  const body = report === undefined ? undefined : isRaw ? report : JSON.stringify(report);
  const { promise, resolve, reject } = Promise.withResolvers<PutAnswer>();
  const asked = request(
    {
      ...{ host: '127.0.0.1', port, method, path, agent: false },
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
    },
    (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
        }),
      );
    },
  );
  asked.on('error', reject);
  asked.end(body);
  return promise;
}

/** The example of the protocol. */
export function poolReport(
  more: { readonly seq?: number; readonly process?: object; readonly [field: string]: unknown } = {},
) {
  return {
    ...{ v: 1, seq: 17, everyMs: 5_000 },
    clients: [
      {
        n: 1,
        appName: 'billing',
        options: { maxPoolSize: 100, minPoolSize: 0 },
        pools: { 'shard-00-00.example.net:27017': pool() },
      },
    ],
    bye: false,
    ...more,
    process: {
      ...{ id: 'b51ad8a4-0000-4000-8000-000000000001', pid: 4711, host: 'web-7', app: 'billing' },
      startedAt: '2026-11-21T10:00:00Z',
      driver: { name: 'nodejs', version: '7.9.0' },
      ...more.process,
    },
  };
}

export function pool(total: object = {}) {
  return {
    now: { open: 12, pending: 0, inUse: 3, waiting: 0 },
    max: { open: 40, inUse: 38, waiting: 6 },
    total: {
      ...{ created: 61, closed: 49, checkouts: 81_233, failed: 0, timeouts: 0, cleared: 1, waitMs: 5_120 },
      ...total,
    },
  };
}
