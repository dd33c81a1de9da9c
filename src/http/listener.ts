// An HTTP server of the bot, bounded in time, size and connections. Health and pools each have one.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createCrowd } from '../core/base/connection-shedding.ts';
import { ConfigError, UpstreamError } from '../errors.ts';

export interface ListenerInput {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly is: ListenerKind;
  readonly answer: (exchange: Exchange) => Promise<void>;
  /** Fields of the line in the log that says where it listens. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly log: {
    info(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}

/** How errors and the log name a listener. */
interface ListenerKind {
  readonly name: 'health' | 'pools';
  /** The start of a sentence that ends with the place. */
  readonly fails: string;
  readonly setting: 'HEALTH' | 'POOLS';
  /** Bytes of all unfinished bodies together; 0 if no body is kept. */
  readonly mostBytes: number;
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** This many bytes of the body are in memory. */
  holds(bytes: number): void;
  /** The request is complete, or is not read any further. */
  complete(): void;
}

export interface RunningServer {
  readonly port: number;
  /** Cuts connections that are still open after a second. */
  close(): Promise<void>;
}

/** Connections without a request must not block others. */
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
export async function startListener({ host, port, is, answer, about, log }: ListenerInput): Promise<RunningServer> {
  const crowd = createCrowd<Socket>({
    most: MOST_WAITING,
    mostBytes: is.mostBytes,
    cut: (socket) => socket.destroy(),
  });
  const server = createServer({ ...TIMEOUTS, maxHeaderSize: LARGEST_HEAD }, async (request, response) => {
    const { socket } = request;
    await answer({
      request,
      response,
      holds: (bytes) => crowd.holds(socket, bytes),
      complete: () => crowd.leaves(socket),
    });
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
    throw listenFailure(error, { host, port, is });
  }
  server.on('error', (err) => log.error({ err }, `${is.name} server failed`));
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  log.info({ host, port: bound, ...about }, `${is.name} server listening`);
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

function listenFailure(cause: unknown, { host, port, is }: Pick<ListenerInput, 'host' | 'port' | 'is'>): Error {
  const failed = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const text = `${is.fails} on ${host} port ${port} (${failed})`;
  const code = `${is.name}-port`;
  if (failed === 'EADDRINUSE') {
    const remedy = `Set ${is.setting}_PORT to a free port, or stop the other program.`;
    return new UpstreamError({ code, text: `${text}: another program uses that port.`, remedy }, { cause });
  }
  const remedy =
    failed === 'EACCES'
      ? `Set ${is.setting}_PORT to 1024 or above: this user may not use lower ports.`
      : `Set ${is.setting}_HOST to an address of this machine, e.g. 127.0.0.1, or 0.0.0.0 for all of them.`;
  return new ConfigError([{ code, text: `${text}.`, remedy }]);
}

// An answer, complete before it is sent.

export interface ServerAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export function plain(status: number, text: string): ServerAnswer {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n` };
}

export function send(response: ServerResponse, { status, type, body, headers = {} }: ServerAnswer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(body);
}
