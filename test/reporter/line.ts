// A connection between an application and a server that can be cut, or refuse to be made.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CutLine {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** Connections from now on are closed as soon as they are made. */
  isRefusing: boolean;
  /** Ends every connection of this moment. */
  cut(): void;
  close(): Promise<void>;
}

export async function startLine(target: string): Promise<CutLine> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket, other: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket) && other.destroy());
  };
  const [address = '', port = ''] = target.split(':');
  const server = createServer((socket) => {
    if (line.isRefusing) return void socket.on('error', () => undefined).destroy();
    const through = connect(Number(port), address);
    keep(socket, through);
    keep(through, socket);
    socket.pipe(through).pipe(socket);
  });
  const line: CutLine = {
    host: '',
    isRefusing: false,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      line.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(line, { host: `127.0.0.1:${(server.address() as AddressInfo).port}` });
}
