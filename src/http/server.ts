// A small HTTP server for probes and scrapers: GET and HEAD only, bounded in time and size.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createCrowd } from '../core/base/connection-shedding.ts';
import { ConfigError, UpstreamError } from '../errors.ts';

export interface ServerInput {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Responses by path. */
  readonly routes: Readonly<Record<string, () => Promise<ServerAnswer>>>;
  readonly log: {
    info(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}

export interface RunningServer {
  readonly port: number;
  /** Cuts connections that are still open after a second. */
  close(): Promise<void>;
}

/** Connections without a request must not block probes. */
const MOST_WAITING = 256;
const MOST_CONNECTIONS = 2 * MOST_WAITING;
const LARGEST_HEAD = 8 * 1024;
const CLOSING_MS = 1_000;
const TIMEOUTS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};

/** Rejects with UpstreamError if another program uses the port, with ConfigError for an unusable address. */
export async function startServer({ host, port, routes, log }: ServerInput): Promise<RunningServer> {
  // The body is not kept.
  const crowd = createCrowd<Socket>({ most: MOST_WAITING, mostBytes: 0, cut: (socket) => socket.destroy() });
  const server = createServer({ ...TIMEOUTS, maxHeaderSize: LARGEST_HEAD }, async (request, response) => {
    const { socket } = request;
    crowd.leaves(socket);
    await respond({ request, response, routes, log });
    if (!socket.destroyed) crowd.waits(socket);
  });
  server.on('connection', (socket) => {
    crowd.waits(socket);
    socket.once('close', () => crowd.leaves(socket));
  });
  server.maxConnections = MOST_CONNECTIONS;
  // Also applies to a client that does not read its answer.
  server.setTimeout(TIMEOUTS.requestTimeout);
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw listenFailure(error, { host, port });
  }
  server.on('error', (err) => log.error({ err }, 'health server failed'));
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  log.info({ host, port: bound, paths: Object.keys(routes) }, 'health server listening');
  return {
    port: bound,
    async close() {
      const closed = once(server, 'close');
      server.close();
      const timer = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function respond(exchange: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly routes: ServerInput['routes'];
  readonly log: ServerInput['log'];
}): Promise<void> {
  const { request, response, routes, log } = exchange;
  // The body is discarded; the request timeout limits it.
  request.resume();
  const [path = ''] = (request.url ?? '').split('?');
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return send(response, plain(404, `Paths: ${Object.keys(routes).join(', ')}.`));
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return send(response, plain(405, 'Only GET and HEAD.'));
  }
  try {
    send(response, await route());
  } catch (err) {
    log.error({ err, path }, 'health request failed');
    send(response, plain(500, 'Internal error: see the log.'));
  }
}

function send(response: ServerResponse, { status, type, body }: ServerAnswer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

function listenFailure(cause: unknown, { host, port }: { readonly host: string; readonly port: number }): Error {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const text = `Health cannot be served on ${host} port ${port} (${code})`;
  if (code === 'EADDRINUSE') {
    const remedy = 'Set HEALTH_PORT to a free port, or stop the other program.';
    return new UpstreamError(
      { code: 'health-port', text: `${text}: another program uses that port.`, remedy },
      { cause },
    );
  }
  const remedy =
    code === 'EACCES'
      ? 'Set HEALTH_PORT to 1024 or above: this user may not use lower ports.'
      : 'Set HEALTH_HOST to an address of this machine, e.g. 127.0.0.1, or 0.0.0.0 for all of them.';
  return new ConfigError([{ code: 'health-port', text: `${text}.`, remedy }]);
}

// An answer of the health server, complete before it is sent.

export interface ServerAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** One check and its result in words. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly says: string;
}

/**
 * 200 if every check is ok, else 503.
 * @param input.redact removes secrets from a text
 */
export function answerOf(input: {
  readonly checks: readonly Check[];
  readonly more?: Readonly<Record<string, unknown>>;
  readonly redact: (text: string) => string;
}): ServerAnswer {
  const { checks, more = {}, redact } = input;
  const ok = checks.every((check) => check.ok);
  // Redacts each text separately: a short secret such as "true" must not match JSON keywords.
  const shown = (_key: string, value: unknown) => (typeof value === 'string' ? redact(value) : value);
  const body = JSON.stringify({ ok, checks, ...more }, shown, 2);
  return { status: ok ? 200 : 503, type: 'application/json; charset=utf-8', body: `${body}\n` };
}

function plain(status: number, text: string): ServerAnswer {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n` };
}
