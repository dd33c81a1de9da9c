// The body of a report: read only up to its limit, and inflated only up to it.

import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** Of the body as sent, and of the JSON in it. */
export const LARGEST_REPORT = 64 * 1024;
/** What a refused client may still send before its connection is cut. */
const MOST_DISCARDED = 4 * LARGEST_REPORT;

/** `length`: the request has no body. `damaged`: it is not gzip. */
export type ReportBody =
  | { readonly kind: 'body'; readonly body: Buffer }
  | { readonly kind: 'length' | 'large' | 'encoding' | 'damaged' };

const inflate = promisify(gunzip);

/** Rejects when the client disconnects. @param onBytes called with the bytes in memory so far */
export async function readReport(request: IncomingMessage, onBytes: (bytes: number) => void): Promise<ReportBody> {
  const { headers } = request;
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip') return { kind: 'encoding' };
  const length = headers['content-length'];
  if (length === undefined && headers['transfer-encoding'] === undefined) return { kind: 'length' };
  if (Number(length) > LARGEST_REPORT) return { kind: 'large' };
  const sent = await bytesOf(request, onBytes);
  if (sent === null) return { kind: 'large' };
  return encoding === 'gzip' ? inflated(sent) : { kind: 'body', body: sent };
}

async function bytesOf(request: IncomingMessage, onBytes: (bytes: number) => void): Promise<Buffer | null> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    size += piece.length;
    if (size > LARGEST_REPORT) return null;
    onBytes(size);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** A small body can hold gigabytes: zlib stops at the limit. */
async function inflated(body: Buffer): Promise<ReportBody> {
  try {
    return { kind: 'body', body: await inflate(body, { maxOutputLength: LARGEST_REPORT }) };
  } catch (error) {
    const isLarge = error instanceof RangeError;
    return { kind: isLarge ? 'large' : 'damaged' };
  }
}

/** The rest of a body that is not read. Without this, the answer would be lost with a reset of the connection. */
export function discard(request: IncomingMessage): void {
  let size = 0;
  request.on('data', (piece: Buffer) => {
    size += piece.length;
    if (size > MOST_DISCARDED) request.socket.destroy();
  });
  request.on('error', () => undefined);
}
