// MongoDB's wire protocol: messages in and out of a socket. OP_MSG, and OP_QUERY for a driver's very first hello.

import { type Document, deserialize, serialize } from 'bson';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_BYTES = 16;
const CHECKSUM_PRESENT = 1 << 0;
const MORE_TO_COME = 1 << 1;
const EXHAUST_ALLOWED = 1 << 16;

export interface Request {
  readonly requestId: number;
  /** The command with `$db`; documents of a kind 1 section are joined in under their name. */
  readonly command: Document;
  /** Over OP_QUERY: the answer must be an OP_REPLY. */
  readonly legacy: boolean;
  /** The client takes answer after answer without asking again. */
  readonly exhaustAllowed: boolean;
  /** The client wants no answer. */
  readonly unacknowledged: boolean;
}

export interface Reply {
  readonly requestId: number;
  readonly responseTo: number;
  readonly body: Document;
  readonly legacy: boolean;
  readonly moreToCome: boolean;
}

/** Cuts whole messages off what has arrived so far; `rest` waits for more bytes. */
export function splitMessages(bytes: Buffer): { readonly messages: readonly Buffer[]; readonly rest: Buffer } {
  const messages: Buffer[] = [];
  let at = 0;
  while (bytes.length - at >= HEADER_BYTES) {
    const length = bytes.readInt32LE(at);
    if (length < HEADER_BYTES || length > 48_000_000) throw new Error(`a message of ${length} bytes`);
    if (bytes.length - at < length) break;
    messages.push(bytes.subarray(at, at + length));
    at += length;
  }
  return { messages, rest: bytes.subarray(at) };
}

export function decodeRequest(message: Buffer): Request {
  const requestId = message.readInt32LE(4);
  const opCode = message.readInt32LE(12);
  if (opCode === OP_MSG) return decodeMsg(requestId, message);
  if (opCode === OP_QUERY) return decodeQuery(requestId, message);
  throw new Error(`opcode ${opCode} is not spoken here`);
}

function decodeMsg(requestId: number, message: Buffer): Request {
  const flags = message.readUInt32LE(HEADER_BYTES);
  const end = message.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  let command: Document = {};
  const sequences: Document = {};
  let at = HEADER_BYTES + 4;
  while (at < end) {
    const kind = message.readUInt8(at);
    const length = message.readInt32LE(at + 1);
    const section = message.subarray(at + 1, at + 1 + length);
    if (kind === 0) command = deserialize(section);
    else Object.assign(sequences, decodeSequence(section));
    at += 1 + length;
  }
  return {
    requestId,
    command: { ...command, ...sequences },
    legacy: false,
    exhaustAllowed: (flags & EXHAUST_ALLOWED) !== 0,
    unacknowledged: (flags & MORE_TO_COME) !== 0,
  };
}

function decodeSequence(section: Buffer): Document {
  const nameEnd = section.indexOf(0, 4);
  const documents: Document[] = [];
  for (let at = nameEnd + 1; at < section.length; at += section.readInt32LE(at)) {
    documents.push(deserialize(section.subarray(at, at + section.readInt32LE(at))));
  }
  return { [section.toString('utf8', 4, nameEnd)]: documents };
}

function decodeQuery(requestId: number, message: Buffer): Request {
  const nameAt = HEADER_BYTES + 4;
  const nameEnd = message.indexOf(0, nameAt);
  const db = message.toString('utf8', nameAt, nameEnd).split('.')[0];
  const documentAt = nameEnd + 1 + 8;
  const query = deserialize(message.subarray(documentAt, documentAt + message.readInt32LE(documentAt)));
  const command: Document = query['$query'] ?? query;
  return { requestId, command: { ...command, $db: db }, legacy: true, exhaustAllowed: false, unacknowledged: false };
}

export function encodeReply(reply: Reply): Buffer {
  const body = serialize(reply.body, { ignoreUndefined: true });
  const head = Buffer.alloc(reply.legacy ? HEADER_BYTES + 20 : HEADER_BYTES + 5);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(reply.requestId, 4);
  head.writeInt32LE(reply.responseTo, 8);
  head.writeInt32LE(reply.legacy ? OP_REPLY : OP_MSG, 12);
  if (reply.legacy) {
    // AwaitCapable, no cursor, from 0, one document.
    head.writeInt32LE(8, HEADER_BYTES);
    head.writeInt32LE(1, HEADER_BYTES + 16);
  } else {
    head.writeUInt32LE(reply.moreToCome ? MORE_TO_COME : 0, HEADER_BYTES);
  }
  return Buffer.concat([head, body]);
}
