// Deliveries by HTTP, from the connection to the acknowledgement. Bolt's own receiver reads a body without checks,
// accepts requests from the future, and unfinished requests can block Slack's.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { App, Receiver } from '@slack/bolt';
import { createCrowd } from '../../core/base/connection-shedding.ts';
import { MINUTE } from '../../core/base/duration.ts';
import { type Fields, jsonIn } from '../../core/base/json.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { type IncomingKind, LARGEST_DELIVERY, readIncoming } from './incoming.ts';

export interface HttpReceiver extends Receiver {
  /** Rejects when the server cannot listen there. */
  start(place: { readonly port: number; readonly host?: string }): Promise<AddressInfo | string | null>;
  /** Closes connections that are still open after a moment. */
  stop(): Promise<void>;
}

const PATH = '/slack/events';
const CLOSING_MS = 2_000;
const DEADLINES = {
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};
/** Connections without a complete request. Slack itself needs a handful. */
const MOST_WAITING = 512;
const MOST_CONNECTIONS = 2 * MOST_WAITING;
/** For all unfinished requests together, because no signature has been checked yet. */
const MOST_BYTES = 32 * LARGEST_DELIVERY;
/**
 * Slack's has two short fields. A form of a megabyte takes a second to read, so no larger form is read without a
 * signature.
 */
const LONGEST_TLS_CHECK = 1_024;
const LOGGED_EVERY_MS = MINUTE;

type Answer = { readonly status: number; readonly body?: unknown };
/** `reason` is for the log; nothing is logged without one. */
type Outcome =
  | { readonly kind: 'delivery'; readonly body: Fields }
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string }
  | { readonly kind: 'skipped'; readonly status: number; readonly reason: string; readonly type: string | null };

export function createHttpReceiver(input: {
  readonly signingSecret: string;
  readonly now: () => Date;
  readonly log: Log;
}): HttpReceiver {
  const { signingSecret, now, log } = input;
  let app: App | null = null;
  let quietUntil = 0;

  const crowd = createCrowd<Socket>({
    most: MOST_WAITING,
    mostBytes: MOST_BYTES,
    cut(socket) {
      socket.destroy();
      const at = now().getTime();
      if (at < quietUntil) return;
      quietUntil = at + LOGGED_EVERY_MS;
      log.warn({ most: MOST_WAITING }, 'unfinished requests cut off');
    },
  });

  const send = ({ socket }: IncomingMessage, response: ServerResponse, { status, body }: Answer) => {
    if (response.headersSent) return;
    const json = body === undefined || body === '' ? '' : JSON.stringify(body);
    response.writeHead(status, json === '' ? {} : { 'content-type': 'application/json' }).end(json);
    if (!socket.destroyed) crowd.waits(socket);
  };
  const handle = async (body: Fields, request: IncomingMessage, response: ServerResponse) => {
    try {
      const ack = async (answer?: unknown) => send(request, response, { status: 200, body: answer });
      await app?.processEvent({ body, ack });
    } catch (err) {
      log.error({ err }, 'delivery failed');
    }
    // Every listener acknowledges first, so a delivery without an acknowledgement has failed.
    send(request, response, { status: 500 });
  };
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const outcome = await outcomeOf(request);
    if (outcome.kind === 'delivery') return handle(outcome.body, request, response);
    if (outcome.kind === 'refused') log.warn({ reason: outcome.reason }, 'request refused');
    if (outcome.kind === 'skipped') {
      const { reason, type, status } = outcome;
      log.warn({ type, reason, acknowledged: status === 200 }, 'delivery not understood');
    }
    send(request, response, outcome.kind === 'answer' ? outcome.answer : outcome);
  };

  const outcomeOf = async (request: IncomingMessage): Promise<Outcome> => {
    if (request.method !== 'POST' || request.url?.split('?')[0] !== PATH) return answer({ status: 404 });
    const body = await bodyOf(request, (bytes) => crowd.holds(request.socket, bytes));
    if (body === null) return { kind: 'refused', status: 413, reason: 'the body is too long' };
    crowd.leaves(request.socket);
    const isForm = hasForm(request);
    // Slack sends this without a signature, only to check TLS.
    if (isForm && body.length <= LONGEST_TLS_CHECK && formOf(body)['ssl_check'] === '1') return answer({ status: 200 });
    const refusal = signatureRefusal({ headers: request.headers, body, secret: signingSecret, now: now() });
    if (refusal !== null) return { kind: 'refused', status: 401, reason: refusal };
    return read(isForm ? formOf(body) : body);
  };

  const server = createServer({ ...DEADLINES }, (request, response) => {
    // Rejects only when the client disconnects during its request.
    respond(request, response).catch((err: unknown) => {
      log.debug({ err }, 'unfinished request cut off');
      request.socket.destroy();
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  // Also closes the connection of a client that does not read its answer.
  server.setTimeout(DEADLINES.requestTimeout);
  server.on('connection', (socket) => {
    crowd.waits(socket);
    socket.once('close', () => crowd.leaves(socket));
  });

  return {
    init(given) {
      app = given;
    },
    async start(place) {
      server.listen(place);
      await once(server, 'listening');
      server.on('error', (err) => log.error({ err }, 'server for Slack failed'));
      return server.address();
    },
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      const timer = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

function answer(given: Answer): Outcome {
  return { kind: 'answer', answer: given };
}

/** Null for a body longer than any of Slack's. */
async function bodyOf(request: IncomingMessage, onBytes: (bytes: number) => void): Promise<Buffer | null> {
  if (Number(request.headers['content-length']) > LARGEST_DELIVERY) return null;
  const pieces: Buffer[] = [];
  let size = 0;
  // A body that is not read to its end gets an answer too.
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    size += piece.length;
    if (size > LARGEST_DELIVERY) break;
    onBytes(size);
    pieces.push(piece);
  }
  if (size <= LARGEST_DELIVERY) return Buffer.concat(pieces);
  // Otherwise the connection's next request would wait behind the rest of the body.
  request.resume();
  return null;
}

function hasForm({ headers }: IncomingMessage): boolean {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase() === 'application/x-www-form-urlencoded';
}

function formOf(body: Buffer): Fields {
  return Object.fromEntries(new URLSearchParams(body.toString()));
}

/** A form holds a command, or everything else in one JSON field. Events come only as JSON. */
function read(body: Fields | Buffer): Outcome {
  if (!Buffer.isBuffer(body)) {
    const { payload } = body;
    if (payload === undefined) return readAs('slash_commands', body);
    return readAs('interactive', jsonIn(String(payload)));
  }
  const event = jsonIn(body.toString());
  if (!isUrlVerification(event)) return readAs('events_api', event);
  const { challenge } = event;
  if (typeof challenge === 'string') return answer({ status: 200, body: { challenge } });
  return { kind: 'skipped', status: 400, reason: 'the challenge is missing', type: 'url_verification' };
}

function isUrlVerification(body: unknown): body is { readonly challenge?: unknown } {
  return typeof body === 'object' && body !== null && 'type' in body && body.type === 'url_verification';
}

/** Slack stops deliveries to an app that refuses many of them. So every JSON object is acknowledged. */
function readAs(kind: IncomingKind, payload: unknown): Outcome {
  const incoming = readIncoming(kind, payload);
  if (incoming.ok) return { kind: 'delivery', body: incoming.body };
  const isDelivery = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
  return { kind: 'skipped', status: isDelivery ? 200 : 400, reason: incoming.reason, type: incoming.type };
}

// Slack's signature of a request. https://docs.slack.dev/authentication/verifying-requests-from-slack

const FARTHEST_S = 5 * 60;

/** Why a request is not accepted as Slack's; null when it is. */
function signatureRefusal(input: {
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  readonly secret: string;
  readonly now: Date;
}): string | null {
  const { headers, body, secret, now } = input;
  // Node.js joins a doubled header with a comma, so it is not a number.
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
