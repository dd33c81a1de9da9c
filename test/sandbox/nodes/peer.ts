// One real connection: takes requests off the socket in order and answers them, hello after hello where asked to.

import type { Socket } from 'node:net';
import type { Document } from 'bson';
import { awaited, commandName, runCommand } from './command.ts';
import type { NodeState, Peer } from './state.ts';
import { decodeRequest, encodeReply, type Request, splitMessages } from './wire.ts';

/** Enough for any test; a demo that runs for days must not grow. */
const RECEIVED_KEPT = 5000;

export function servePeer(state: NodeState, socket: Socket): void {
  const closed = new AbortController();
  state.created += 1;
  const peer: Peer = {
    id: 18_000 + state.created,
    socket,
    client: clientText(socket),
    gone: closed.signal,
    metadata: null,
    account: null,
    conversation: null,
    op: null,
  };
  state.peers.add(peer);
  let pending: Buffer = Buffer.alloc(0);
  let turn: Promise<void> = Promise.resolve();
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    // What is no message ends the connection, as a server ends it.
    const { messages, rest } = split(pending.length === 0 ? chunk : Buffer.concat([pending, chunk]), socket);
    pending = rest;
    for (const message of messages) {
      turn = turn.then(() => answer(state, peer, decodeRequest(message))).catch((cause) => void socket.destroy(cause));
    }
  });
  // A reset by the client is the client's right.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    state.peers.delete(peer);
    closed.abort();
  });
}

function split(bytes: Buffer, socket: Socket): ReturnType<typeof splitMessages> {
  try {
    return splitMessages(bytes);
  } catch {
    socket.destroy();
    return { messages: [], rest: Buffer.alloc(0) };
  }
}

async function answer(state: NodeState, peer: Peer, request: Request): Promise<void> {
  note(state, peer, request.command);
  let { command, requestId } = request;
  for (;;) {
    const body = await execute(state, peer, command);
    if (peer.gone.aborted || request.unacknowledged) return;
    const exhaust = request.exhaustAllowed && awaited(command) !== null && body['ok'] === 1;
    const id = nextId(state);
    send(state, peer, {
      name: commandName(command),
      bytes: encodeReply({ requestId: id, responseTo: requestId, body, legacy: request.legacy, moreToCome: exhaust }),
    });
    if (!exhaust) return;
    // The next answer replies to this one, and waits from where this one left off.
    command = { ...command, topologyVersion: body['topologyVersion'] };
    requestId = id;
  }
}

async function execute(state: NodeState, peer: Peer, command: Document): Promise<Document> {
  peer.op = { opid: 90_000 + nextId(state), startedAt: state.now(), command };
  try {
    await state.trouble.wait(commandName(command), peer.gone);
    return await runCommand({ state, peer, command });
  } finally {
    peer.op = null;
  }
}

function send(state: NodeState, peer: Peer, reply: { readonly name: string; readonly bytes: Buffer }): void {
  if (state.trouble.drops(reply.name)) {
    const half = reply.bytes.subarray(0, Math.ceil(reply.bytes.length / 2));
    peer.socket.write(half, () => peer.socket.destroy());
    return;
  }
  state.bytesSent += reply.bytes.length;
  peer.socket.write(reply.bytes);
}

function note(state: NodeState, peer: Peer, command: Document): void {
  const appName: unknown = (command['client'] ?? peer.metadata)?.application?.name;
  state.received.push({
    name: commandName(command),
    command,
    connectionId: peer.id,
    appName: typeof appName === 'string' ? appName : null,
  });
  if (state.received.length > RECEIVED_KEPT) state.received.splice(0, RECEIVED_KEPT / 2);
}

function nextId(state: NodeState): number {
  state.lastOpid = (state.lastOpid + 1) % 0x7fffffff;
  return state.lastOpid;
}

function clientText(socket: Socket): string {
  const address = socket.remoteAddress ?? '0.0.0.0';
  return address.includes(':') ? `[${address}]:${socket.remotePort}` : `${address}:${socket.remotePort}`;
}
