// A small HTTP server for probes and scrapers: GET and HEAD only, bounded in time and size.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { plain, type RunningServer, type ServerAnswer, send, startListener } from './listener.ts';

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

/** Rejects with UpstreamError if another program uses the port, with ConfigError for an unusable address. */
export function startServer({ routes, ...input }: ServerInput): Promise<RunningServer> {
  return startListener({
    ...input,
    // The body is not kept.
    is: { name: 'health', fails: 'Health cannot be served', setting: 'HEALTH', mostBytes: 0 },
    about: { paths: Object.keys(routes) },
    answer: ({ request, response, complete }) => {
      complete();
      return respond({ request, response, routes, log: input.log });
    },
  });
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

// The answers to probes.

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
