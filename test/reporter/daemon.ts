// A stand-in for the bot's listener: it speaks `PUT /v1/pools`, takes only what the bot can read, keeps the reports, and
// answers as a test tells it to.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { decodePoolReport } from '../../src/core/pools/decode.ts';

export const TOKEN = 'a-token-of-the-tests';

export interface PoolFigures {
  readonly now: { readonly open: number; readonly pending: number; readonly inUse: number; readonly waiting: number };
  readonly max: { readonly open: number; readonly inUse: number; readonly waiting: number };
  readonly total: Readonly<
    Record<'created' | 'closed' | 'checkouts' | 'failed' | 'timeouts' | 'cleared' | 'waitMs', number>
  >;
}

export interface PoolReport {
  readonly v: number;
  readonly seq: number;
  readonly everyMs: number;
  readonly process: {
    readonly id: string;
    readonly pid: number;
    readonly host: string;
    readonly app: string;
    readonly startedAt: string;
    readonly driver: { readonly name: string; readonly version: string };
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly clients: readonly {
    readonly n: number;
    readonly appName: string;
    readonly options: Readonly<Record<string, number>>;
    readonly pools: Readonly<Record<string, PoolFigures>>;
  }[];
  readonly left?: number;
  readonly reporter: { readonly failed: number };
  readonly bye: boolean;
}

interface DaemonAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface DaemonStandIn {
  readonly url: string;
  /** Those with the right token that the bot can read, oldest first, whatever the answer was. */
  readonly reports: PoolReport[];
  /** Bytes of each. */
  readonly sizes: number[];
  /** From now on each report is answered so; `hang` never answers. Null: 204. */
  answer: ((report: PoolReport) => DaemonAnswer | 'hang') | null;
  /** Reports that wait for ever. */
  hanging: number;
  last(): PoolReport | undefined;
  /** Away, with every connection. */
  close(): Promise<void>;
  /** Back at the same address. */
  open(): Promise<void>;
}

export async function startDaemon(): Promise<DaemonStandIn> {
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;
  const daemon: DaemonStandIn = {
    url: '',
    ...{ reports: [], sizes: [], answer: null, hanging: 0 },
    last: () => daemon.reports.at(-1),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      if (server !== null) await new Promise((resolve) => server?.close(resolve));
      server = null;
    },
    open: async () => {
      server = createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk);
        const isPools = request.method === 'PUT' && request.url === '/v1/pools';
        if (!isPools) return response.writeHead(404).end();
        if (request.headers.authorization !== `Bearer ${TOKEN}`) return response.writeHead(401).end();
        const text = Buffer.concat(chunks);
        const report = JSON.parse(text.toString());
        const decoded = decodePoolReport(report);
        if (!decoded.ok) {
          // No test that waits for a report goes on without it.
          console.error(`the bot cannot read a report: ${JSON.stringify(decoded)}`);
          return response.writeHead(400).end();
        }
        daemon.reports.push(report);
        daemon.sizes.push(text.length);
        const answer = daemon.answer?.(report) ?? { status: 204 };
        if (answer === 'hang') return void daemon.hanging++;
        return response.writeHead(answer.status, answer.headers).end(answer.body);
      });
      server.on('connection', (socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
      });
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      ({ port } = server.address() as AddressInfo);
      Object.assign(daemon, { url: `http://127.0.0.1:${port}` });
    },
  };
  await daemon.open();
  return daemon;
}
