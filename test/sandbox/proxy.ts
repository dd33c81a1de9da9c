// A CONNECT proxy on loopback: passes connections on, asks for a password where it has one, and refuses as told.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ProxyStandIn {
  /** With the user and password, where it asks for them. */
  url: string;
  port: number;
  /** `host:port` of each connection that was asked for, and the status it got. */
  asked: { target: string; status: number }[];
  /** From now on every connection is refused so; null passes them on. */
  refuse(answer: { status: number; body?: string } | null): void;
  close(): Promise<void>;
}

export async function startProxy(account: { user: string; password: string } | null = null): Promise<ProxyStandIn> {
  const asked: ProxyStandIn['asked'] = [];
  const sockets = new Set<Socket>();
  const wanted = account && `Basic ${Buffer.from(`${account.user}:${account.password}`).toString('base64')}`;
  let refusal: { status: number; body?: string } | null = null;
  // What is not CONNECT is none of its business.
  const server = createServer((_, response) => void response.writeHead(405).end());
  server.on('connection', (socket) => keep(socket));
  server.on('connect', (request, socket: Socket, head) => {
    const target = request.url ?? '';
    const status =
      refusal?.status ?? (wanted === null || request.headers['proxy-authorization'] === wanted ? 200 : 407);
    asked.push({ target, status });
    socket.on('error', () => socket.destroy());
    if (status !== 200) {
      const body = refusal?.body ?? '';
      const length = `content-length: ${Buffer.byteLength(body)}`;
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-type: text/html\r\n${length}\r\nconnection: close\r\n\r\n${body}`);
      return;
    }
    const { hostname, port } = new URL(`http://${target}`);
    const through = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      through.write(head);
      through.pipe(socket).pipe(through);
    });
    keep(through);
    through.on('error', () => socket.destroy());
    socket.on('close', () => through.destroy());
  });
  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const who = account === null ? '' : `${encodeURIComponent(account.user)}:${encodeURIComponent(account.password)}@`;
  return {
    url: `http://${who}127.0.0.1:${port}`,
    port,
    asked,
    refuse: (answer) => {
      refusal = answer;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
