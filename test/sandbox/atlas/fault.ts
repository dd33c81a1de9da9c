// Scripted misbehaviour of the stand-in: the next requests whose path and query match are answered as told.

import type { ServerResponse } from 'node:http';

export type Misbehaviour =
  /** Any answer; a body that is not a string is sent as JSON. */
  | { kind: 'answer'; status: number; body?: unknown; headers?: Record<string, string> }
  /** The connection is cut without an answer. */
  | { kind: 'drop' }
  /** No answer ever; the connection stays open until the stand-in closes. */
  | { kind: 'hang' }
  /** The right answer, after so many milliseconds. */
  | { kind: 'slow'; ms: number };

export interface Faults {
  /** `times` defaults to every request from now on; the oldest fault that matches goes first. */
  add(path: RegExp, misbehaviour: Misbehaviour, times?: number): void;
  clear(): void;
  /** Uses up one of the matching faults. */
  take(path: string): Misbehaviour | null;
}

export function scriptedFaults(): Faults {
  let faults: { path: RegExp; misbehaviour: Misbehaviour; left: number }[] = [];
  return {
    add: (path, misbehaviour, times = Number.POSITIVE_INFINITY) => {
      faults.push({ path, misbehaviour, left: times });
    },
    clear: () => {
      faults = [];
    },
    take: (path) => {
      const fault = faults.find((candidate) => candidate.left > 0 && candidate.path.test(path));
      if (fault === undefined) return null;
      fault.left -= 1;
      return fault.misbehaviour;
    },
  };
}

/** An error in the Admin API's shape. */
export function apiError(status: number, errorCode: string, more: { detail?: string; parameters?: unknown[] } = {}) {
  const { detail = '', parameters = [] } = more;
  return { kind: 'answer', status, body: { error: status, errorCode, detail, reason: '', parameters } } as const;
}

/** What a full token bucket answers. */
export function rateLimited(retryAfterSeconds: number) {
  return {
    ...apiError(429, 'RATE_LIMITED_TOKEN_BUCKET', { parameters: ['api/atlas/v2', retryAfterSeconds, 10, 5, 60] }),
    headers: { 'retry-after': String(retryAfterSeconds), 'ratelimit-limit': '10', 'ratelimit-remaining': '0' },
  };
}

/** Sends an answer as it is. */
export function send(
  response: ServerResponse,
  answer: { status: number; body?: unknown; headers?: Record<string, string> },
): void {
  const { status, body = '', headers = {} } = answer;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(text);
}
