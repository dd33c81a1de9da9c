// A stand-in for the Atlas Admin API on loopback: enforces what the real one enforces, and logs who asked what.

import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { type Authentication, authentication } from './authentication.ts';
import { apiError, type Faults, scriptedFaults, send } from './fault.ts';
import { findResource } from './resource.ts';
import { type AtlasScenario, emptyScenario } from './scenario.ts';

interface LoggedRequest {
  method: string;
  /** With its query. */
  target: string;
  headers: IncomingMessage['headers'];
  /** Null until answered, and for good where the connection was cut. */
  status: number | null;
}

export interface AtlasStandIn {
  url: string;
  requests: LoggedRequest[];
  scenario: AtlasScenario;
  faults: Faults;
  /** Resolves when a request whose path and query match has arrived, also one of earlier. */
  arrived(path: RegExp): Promise<void>;
  /** Ends every token and nonce that was given out, as a revocation would. */
  expireCredentials(): void;
  close(): Promise<void>;
}

/** `now` decides when tokens end; the system's clock unless told. */
export async function startAtlas(options: { scenario?: AtlasScenario; now?: () => Date } = {}): Promise<AtlasStandIn> {
  const { scenario = emptyScenario(), now = () => new Date() } = options;
  const faults = scriptedFaults();
  const requests: LoggedRequest[] = [];
  const access = authentication(scenario, now);
  const ending = new AbortController();
  const arrivals = new EventEmitter();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: target = '', headers } = request;
    const logged: LoggedRequest = { method, target, headers, status: null };
    requests.push(logged);
    arrivals.emit('request');
    response.on('finish', () => {
      logged.status = response.statusCode;
    });
    const body = await text(request);
    const fault = faults.take(target);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'drop') return void request.socket.destroy();
    if (fault?.kind === 'slow') await setTimeout(fault.ms, undefined, { signal: ending.signal });
    if (fault?.kind === 'answer') return send(response, fault);
    send(response, answer({ request, body, scenario, access }));
  }

  const server = createServer((request, response) => {
    // Ends here only when the client or the stand-in itself goes away in the middle of a request.
    serve(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    scenario,
    faults,
    async arrived(path) {
      while (!requests.some(({ target }) => path.test(target))) await once(arrivals, 'request');
    },
    expireCredentials: access.expire,
    async close() {
      ending.abort();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** What the real API would say: token endpoint, then authentication, API access list, role and resource. */
function answer(asked: { request: IncomingMessage; body: string; scenario: AtlasScenario; access: Authentication }): {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
} {
  const { request, body, scenario, access } = asked;
  const { method = '', url: target = '', headers } = request;
  const { authorization } = headers;
  const url = new URL(target, `http://${headers.host}`);
  if (url.pathname === '/api/oauth/token') {
    if (method !== 'POST') return apiError(405, 'METHOD_NOT_ALLOWED');
    const issued = access.issueToken({ authorization, contentType: headers['content-type'], body });
    return issued.ok ? { status: 200, body: issued.body } : issued;
  }
  if (!url.pathname.startsWith('/api/atlas/v2/')) return { status: 404, body: 'not found' };
  const verdict = access.verify({ method, target, authorization });
  if (!verdict.ok) return verdict;
  // The list applies to using a token, not to fetching one.
  const address = request.socket.remoteAddress ?? '';
  if (scenario.apiAccessList !== null && !scenario.apiAccessList.includes(address)) {
    const detail = `IP address ${address} is not allowed to access this resource.`;
    return apiError(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST', { detail, parameters: [address] });
  }
  if (method !== 'GET') return apiError(405, 'METHOD_NOT_ALLOWED');
  return findResource({ scenario, url, accept: headers.accept });
}
