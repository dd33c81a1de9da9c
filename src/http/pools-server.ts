// The daemon's listener: applications put reports of their pools, and the terminal reads the view of all.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { MINUTE, SECOND } from '../core/base/duration.ts';
import { jsonIn } from '../core/base/json.ts';
import { decodePoolReport, POOL_VERSIONS } from '../core/pools/decode.ts';
import { poolsJson } from '../core/pools/json.ts';
import type { PoolReport } from '../core/pools/report.ts';
import type { PoolsView } from '../core/pools/view.ts';
import type { PutResult } from '../core/ports/pools.ts';
import type { Log } from '../core/ports/telemetry.ts';
import { UpstreamError } from '../errors.ts';
import { type Exchange, plain, type RunningServer, type ServerAnswer, send, startListener } from './listener.ts';
import { discard, LARGEST_REPORT, readReport } from './pools-body.ts';
import { POOLS_PATH } from './pools-client.ts';

export interface PoolsServerInput {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Each is valid; two while one is replaced. */
  readonly tokens: readonly string[];
  readonly put: (report: PoolReport) => PutResult;
  /** Another pace for a process, in milliseconds; null if its own suits. */
  readonly pace: (report: PoolReport) => number | null;
  readonly view: (signal: AbortSignal) => Promise<PoolsView>;
  /** Called with the status of each answer. */
  readonly onAnswer: (status: number) => void;
  readonly now: () => Date;
  readonly log: Log;
}

/** Of all unfinished bodies together. */
const MOST_BYTES = 128 * LARGEST_REPORT;
const VIEW_MS = 4 * SECOND;
const LOGGED_EVERY_MS = MINUTE;
/** How long a process waits before it tries again. */
const RETRY_FULL_S = 60;
const RETRY_RATE_S = 5;
const RETRY_VIEW_S = 5;

/** Rejects with UpstreamError if another program uses the port, with ConfigError for an unusable address. */
export function startPoolsServer(input: PoolsServerInput): Promise<RunningServer> {
  const { host, port, tokens, log, onAnswer } = input;
  const isToken = tokenCheck(tokens);
  const budget = createBudget(input.now);
  const drawn = sharedBody(input.view);
  let quietUntil = 0;
  const warn = (reason: string) => {
    const at = input.now().getTime();
    if (at < quietUntil) return;
    quietUntil = at + LOGGED_EVERY_MS;
    log.warn({ reason }, 'pool request refused');
  };
  const answer = async (exchange: Exchange) => {
    const { request, response, complete } = exchange;
    try {
      const found = await answerOf(exchange, { ...input, isToken, budget, drawn });
      complete();
      if (!request.complete) discard(request);
      if (found.status === 401) warn('the token is missing or wrong');
      onAnswer(found.status);
      // Thousands of processes that each keep a connection open between reports would shut the others out.
      send(response, { ...found, headers: { connection: 'close', ...found.headers } });
    } catch (err) {
      // The client disconnected, or was cut off, during its request.
      log.debug({ err }, 'unfinished pool request cut off');
      request.socket.destroy();
    }
  };
  return startListener({
    ...{ host, port, log, answer },
    is: { name: 'pools', fails: 'Pool reports cannot be taken', setting: 'POOLS', mostBytes: MOST_BYTES },
    about: { path: POOLS_PATH },
  });
}

interface Parts extends PoolsServerInput {
  readonly isToken: (given: string) => boolean;
  readonly budget: Budget;
  /** The view as JSON. Rejects as `view` does. */
  readonly drawn: () => Promise<Buffer>;
}

async function answerOf(exchange: Exchange, parts: Parts): Promise<ServerAnswer> {
  const { request } = exchange;
  const [path = ''] = (request.url ?? '').split('?');
  if (path !== POOLS_PATH) return plain(404, `Path: ${POOLS_PATH}.`);
  if (request.method !== 'PUT' && request.method !== 'GET')
    return { ...plain(405, 'Only GET and PUT.'), headers: { allow: 'GET, PUT' } };
  // Before the body: without a token, nothing of it is read.
  if (!parts.isToken(bearerOf(request)))
    return {
      ...plain(401, 'The token is missing or wrong. Expected the header "Authorization: Bearer <POOLS_TOKEN>".'),
      headers: { 'www-authenticate': 'Bearer realm="atlas-conns pools"' },
    };
  return request.method === 'GET' ? viewAnswer(parts) : putAnswer(exchange, parts);
}

function bearerOf({ headers }: IncomingMessage): string {
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}

/** In the same time for each wrong token, whatever its length: the digests are compared, and every one of them. */
function tokenCheck(tokens: readonly string[]): (given: string) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const digests = tokens.map(digest);
  return (given) => {
    const own = digest(given);
    return digests.map((known) => timingSafeEqual(known, own)).includes(true);
  };
}

async function viewAnswer({ drawn, log }: Parts): Promise<ServerAnswer> {
  try {
    return { status: 200, type: JSON_TYPE, body: await drawn() };
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    if (error instanceof UpstreamError || isLate) return later(503, RETRY_VIEW_S, 'The reports cannot be read now.');
    log.error({ err: error }, 'pool request failed');
    return plain(500, 'Internal error: see the log.');
  }
}

/** A smaller view is drawn for each who asks, in bytes. */
const SMALL = 256 * 1024;
/** A megabyte takes about 20 ms to write: this is about a tenth of the event loop, with the view before it. */
const SHARED_MS_A_MEGABYTE = 500;
const MOST_SHARED_MS = 5 * SECOND;

/**
 * The view of 10,000 processes takes a second and 15 MB. All who ask at once, and soon after, get the same bytes: many
 * terminals cost as much as one.
 */
function sharedBody(view: PoolsServerInput['view']): () => Promise<Buffer> {
  let last: { readonly body: Promise<Buffer>; until: number } | null = null;
  return () => {
    if (last !== null && performance.now() < last.until) return last.body;
    const draw = async () => {
      const found = await view(AbortSignal.timeout(VIEW_MS));
      const body = Buffer.from(`${JSON.stringify(poolsJson(found))}\n`);
      const sharedMs = Math.min(MOST_SHARED_MS, (body.length / 2 ** 20) * SHARED_MS_A_MEGABYTE);
      mine.until = body.length < SMALL ? 0 : performance.now() + sharedMs;
      return body;
    };
    const body = Promise.resolve().then(draw);
    const mine = { body, until: Number.POSITIVE_INFINITY };
    last = mine;
    body.catch(() => {
      mine.until = 0;
    });
    return body;
  };
}

async function putAnswer({ request, holds }: Exchange, { budget, put, pace, log }: Parts): Promise<ServerAnswer> {
  if (!budget.has()) return later(429, RETRY_RATE_S, 'Too many reports at once.');
  const read = await readReport(request, holds);
  if (read.kind !== 'body') {
    budget.spend(0);
    return UNREAD[read.kind];
  }
  budget.spend(read.body.length);
  const data = jsonIn(read.body.toString());
  if (data === undefined) return wrong('', 'JSON in UTF-8');
  const decoded = decodePoolReport(data);
  if (!decoded.ok) return wrong(decoded.field, decoded.expected);
  const { report } = decoded;
  const everyMs = report.bye ? null : pace(report);
  try {
    // The process reports at this pace from now on: until it is late for it, it is not stale.
    const result = put(everyMs === null ? report : { ...report, everyMs });
    if (result === 'conflict') return json(409, { restart: true, text: CONFLICT });
    if (result === 'full') return later(503, RETRY_FULL_S, 'There is no room for another process.');
  } catch (err) {
    log.error({ err }, 'pool report not kept');
    return plain(500, 'Internal error: see the log.');
  }
  return everyMs === null ? { status: 204, type: TEXT, body: '' } : json(200, { everyMs });
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';
const CONFLICT = 'The id belongs to another process. Take a new id and begin with seq 1.';

const UNREAD = {
  length: plain(411, 'The body is missing: expected a report with Content-Length or in chunks.'),
  large: plain(413, `The report is too large: ${LARGEST_REPORT} bytes at most, before and after compression.`),
  encoding: {
    ...plain(415, 'The body has an unknown Content-Encoding: expected gzip, or none.'),
    headers: { 'accept-encoding': 'gzip' },
  },
  damaged: wrong('', 'a body in gzip, as its Content-Encoding says'),
} as const;

function wrong(field: string, expected: string): ServerAnswer {
  const text = `${field === '' ? 'The report' : field} is not as expected. Expected ${expected}.`;
  const versions = field === 'v' ? { versions: POOL_VERSIONS } : {};
  return json(400, { field, expected, ...versions, text });
}

function json(status: number, value: object): ServerAnswer {
  return { status, type: JSON_TYPE, body: `${JSON.stringify(value)}\n` };
}

function later(status: 429 | 503, seconds: number, why: string): ServerAnswer {
  return { ...plain(status, `${why} Try again in ${seconds} seconds.`), headers: { 'retry-after': String(seconds) } };
}

// The event loop belongs to Slack and the readings, too: reports may cost only a part of it.

interface Budget {
  has(): boolean;
  spend(bytes: number): void;
}

/** Reports a second, and as many at once. A report of 4 KB counts as one more, and each 4 KB above it. */
const PER_SECOND = 1_000;
const BURST = 2_000;
const COUNTED_BYTES = 4 * 1024;

function createBudget(now: () => Date): Budget {
  let left = BURST;
  let at = now().getTime();
  return {
    has() {
      const time = now().getTime();
      // A clock that was set back refills nothing.
      left = Math.min(BURST, left + (Math.max(0, time - at) / SECOND) * PER_SECOND);
      at = time;
      return left >= 1;
    },
    spend(bytes) {
      left -= 1 + bytes / COUNTED_BYTES;
    },
  };
}
