// A relay between applications and a bot whose clock is faster: the time between two reports is told in time of the bot.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { putReport } from '../http/pools-fixture.ts';

export interface PoolsRelay {
  readonly url: string;
  close(): Promise<void>;
}

/** @param input.speed milliseconds of the bot in one of the applications */
export async function startRelay({
  port,
  speed,
}: {
  readonly port: number;
  readonly speed: number;
}): Promise<PoolsRelay> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const report = JSON.parse(Buffer.concat(parts).toString());
    const token = (request.headers.authorization ?? '').replace('Bearer ', '');
    try {
      const faster = { ...report, everyMs: report.everyMs * speed };
      const { status, body } = await putReport({ port, token, report: faster });
      const pace = status === 200 ? { everyMs: JSON.parse(body).everyMs / speed } : null;
      response.writeHead(status).end(pace === null ? '' : JSON.stringify(pace));
    } catch {
      // The bot is away.
      response.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
