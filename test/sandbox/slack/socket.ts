// Socket Mode: a hello, envelopes that one connection each acknowledges, and goodbyes of several kinds.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { isFields, textOf } from './answer.ts';
import { type Courier, lost, type Parcel, type Receipt } from './courier.ts';
import { parsedOr } from './request.ts';
import { BOT, type Workspace } from './workspace.ts';

/** Below the half minute after which the app takes a silent Slack for gone. */
const PING_MS = 10_000;
const GOODBYE_MS = 500;

/** How a connection can begin badly: `deaf` says hello and hears nothing any more, not even pings. */
export type Greeting = 'none' | 'close' | 'disconnect' | 'deaf';

export interface SocketMode extends Courier {
  /** Of the next connections. */
  greet(greeting: Greeting, times: number): void;
  /** Goes to every connection as it is; text, or a binary message. */
  send(message: string | Uint8Array): void;
  /** Ids of envelopes, in the order in which the app acknowledged them. */
  readonly acknowledged: readonly string[];
  /** The URL of one new connection. */
  open(url: string): string;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Connections that take deliveries. */
  connected(): number;
  disconnect(reason: string): void;
  drop(): void;
  /** Says goodbye and waits for it to be heard. */
  close(): Promise<void>;
}

interface Connection {
  readonly socket: WebSocket;
  readonly waiting: Map<string, (receipt: Receipt) => void>;
  isLeaving: boolean;
}

export function createSocketMode(workspace: Workspace, ackMs: number): SocketMode {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const connections = new Set<Connection>();
  const greetings: Greeting[] = [];
  const acknowledged: string[] = [];
  let turn = 0;

  const pinging = setInterval(() => {
    for (const { socket } of connections) socket.ping();
  }, PING_MS).unref();

  function welcome(socket: WebSocket): void {
    const connection: Connection = { socket, waiting: new Map(), isLeaving: false };
    connections.add(connection);
    socket.on('message', (data) => {
      const message = parsedOr(String(data), null);
      if (isFields(message)) acknowledged.push(textOf(message['envelope_id']));
      acknowledge(connection, message);
      workspace.changed();
    });
    // A broken connection is what tests make on purpose; its end is what counts.
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      connections.delete(connection);
      for (const settle of connection.waiting.values()) settle(lost('dispatch_failed'));
      workspace.changed();
    });
    const greeting = greetings.shift();
    // Such a connection is given nothing.
    connection.isLeaving = greeting !== undefined;
    if (greeting === 'none') return;
    if (greeting === 'close') return void socket.close();
    if (greeting === 'disconnect') return void leave(connection, 'warning');
    const info = { connection_info: { app_id: BOT.app }, debug_info: { host: 'stand-in' } };
    socket.send(JSON.stringify({ type: 'hello', num_connections: connections.size, ...info }));
    if (greeting === 'deaf') socket.pause();
    workspace.changed();
  }

  function leave({ socket }: Connection, reason: string): void {
    socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'stand-in' } }));
  }

  function next(): Connection | null {
    const ready = [...connections].filter(({ socket, isLeaving }) => !isLeaving && socket.readyState === socket.OPEN);
    turn += 1;
    return ready[turn % ready.length] ?? null;
  }

  return {
    acknowledged,
    greet: (greeting, times) => void greetings.push(...Array.from({ length: times }, () => greeting)),
    send(message) {
      for (const { socket } of connections) socket.send(message);
    },
    open(url) {
      const ticket = workspace.newId('ticket');
      tickets.add(ticket);
      return `${url.replace('http', 'ws')}/link/?ticket=${ticket}`;
    },
    upgrade(request, socket, head) {
      const ticket = new URL(request.url ?? '', 'http://slack').searchParams.get('ticket') ?? '';
      if (!tickets.delete(ticket)) return void socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      server.handleUpgrade(request, socket, head, welcome);
    },
    connected: () => [...connections].filter(({ isLeaving }) => !isLeaving).length,
    disconnect(reason) {
      for (const connection of connections) {
        // A warning comes about ten seconds before the end: until then all goes on.
        if (reason !== 'warning') connection.isLeaving = true;
        leave(connection, reason);
      }
      workspace.changed();
    },
    drop() {
      for (const { socket } of connections) socket.terminate();
    },
    async close() {
      clearInterval(pinging);
      await Promise.all([...connections].map(({ socket }) => goodbye(socket)));
      server.close();
    },
    deliver(parcel) {
      const connection = next();
      return connection === null ? Promise.resolve(lost('dispatch_failed')) : hand(connection, parcel);
    },
  };

  function hand(connection: Connection, parcel: Parcel): Promise<Receipt> {
    const id = `${workspace.newId('envelope')}`;
    const sentAt = performance.now();
    return new Promise((resolve) => {
      const settle = (receipt: Receipt) => {
        clearTimeout(timer);
        connection.waiting.delete(id);
        resolve(receipt.acknowledged ? { ...receipt, tookMs: performance.now() - sentAt } : receipt);
      };
      const timer = setTimeout(() => settle(lost('operation_timeout')), ackMs);
      connection.waiting.set(id, settle);
      connection.socket.send(JSON.stringify(envelope(id, parcel)));
    });
  }
}

/** Where the app hears nothing any more, the connection is cut. */
async function goodbye(socket: WebSocket): Promise<void> {
  const closed = once(socket, 'close');
  socket.close(1001);
  const cut = setTimeout(() => socket.terminate(), GOODBYE_MS);
  await closed;
  clearTimeout(cut);
}

function envelope(id: string, { kind, payload, retry }: Parcel): unknown {
  const common = { envelope_id: id, type: kind, payload, accepts_response_payload: kind !== 'events_api' };
  if (kind !== 'events_api') return common;
  return { ...common, retry_attempt: retry?.attempt ?? 0, retry_reason: retry?.reason ?? '' };
}

function acknowledge(connection: Connection, message: unknown): void {
  if (!isFields(message)) return;
  const settle = connection.waiting.get(textOf(message['envelope_id']));
  settle?.({ acknowledged: true, tookMs: null, answer: message['payload'] ?? null, failure: null });
}
