// Reads what the app sends: forms whose nested values are JSON, JSON, and uploads.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Fields } from './answer.ts';
import { isFields } from './answer.ts';

const NESTED = ['blocks', 'attachments', 'metadata', 'view', 'files'];

/** The fields of a Web API call; a nested value that is no JSON stays the text it was. */
export async function fieldsOf(request: IncomingMessage): Promise<Fields> {
  const body = (await buffer(request)).toString();
  if (request.headers['content-type']?.startsWith('application/json')) {
    const parsed = parsedOr(body, {});
    return isFields(parsed) ? parsed : {};
  }
  const fields = [...new URLSearchParams(body)].map(([name, value]) => [
    name,
    NESTED.includes(name) ? parsedOr(value, value) : value,
  ]);
  return Object.fromEntries(fields);
}

export function parsedOr(text: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}

/** The bytes of an upload: the body itself, or the file of a multipart form. */
export async function uploadedBytes(request: IncomingMessage): Promise<Buffer> {
  const bytes = await buffer(request);
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return bytes;
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
  for (const value of form.values()) {
    if (typeof value !== 'string') return Buffer.from(await value.arrayBuffer());
  }
  return Buffer.alloc(0);
}

export function sendJson(
  response: ServerResponse,
  answer: { readonly status?: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> },
): void {
  const headers = { 'content-type': 'application/json; charset=utf-8', ...answer.headers };
  response.writeHead(answer.status ?? 200, headers).end(JSON.stringify(answer.body));
}
