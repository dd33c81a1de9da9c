// The wire between one bot and Slack: it is cut when the bot dies, and an answer may come when nobody waits for it any more.

import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fate } from './fate.ts';

export interface Wire {
  /** Where this bot finds Slack. */
  readonly apiUrl: string;
  /** Requests that Slack has not answered. */
  busy(): number;
  /** Keeps back the answers to the next posts for so long. */
  delay(times: number, ms: number): void;
  close(): Promise<void>;
}

const POST = 'chat.postMessage';

export async function startWire(slackUrl: string, fate: Fate): Promise<Wire> {
  let underWay = 0;
  let delayed = { times: 0, ms: 0 };
  const carry = async (incoming: IncomingMessage, response: ServerResponse) => {
    const path = incoming.url ?? '';
    const method = path.slice(path.lastIndexOf('/') + 1);
    const body = await buffer(incoming);
    await fate.pass(`${method}/before`, { isOnItsWay: true });
    const { status, headers, content } = await ask(`${slackUrl}${path}`, { incoming, body });
    if (method === POST && delayed.times > 0) {
      delayed = { ...delayed, times: delayed.times - 1 };
      await pause(delayed.ms);
    }
    return async () => {
      await fate.pass(`${method}/after`);
      const { 'transfer-encoding': _, ...rest } = headers;
      response.writeHead(status, { ...rest, 'content-length': content.length }).end(content);
    };
  };
  const server = createServer(async (incoming, response) => {
    underWay += 1;
    const answer = await carry(incoming, response)
      .catch(() => null)
      .finally(() => {
        underWay -= 1;
      });
    // Slack cut the connection.
    if (answer === null) response.destroy();
    else await answer();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    await closed;
  };
  fate.onDeath(() => void close());
  return {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    busy: () => (fate.isDead() ? 0 : underWay),
    delay(times, ms) {
      delayed = { times, ms };
    },
    close,
  };
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly content: Buffer;
}

async function ask(url: string, asked: { incoming: IncomingMessage; body: Buffer }): Promise<Answered> {
  const { host: _, connection: __, ...headers } = asked.incoming.headers;
  const asking = request(url, { method: asked.incoming.method ?? 'POST', headers, agent: false });
  asking.end(asked.body);
  const [response]: IncomingMessage[] = await once(asking, 'response');
  if (response === undefined) throw new Error('no response');
  return { status: response.statusCode ?? 500, headers: response.headers, content: await buffer(response) };
}
