// A way to a server on which answers are lost: the request arrives, and then the connection is no more.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Cut {
  /** `host:port` of the way. */
  readonly host: string;
  /** From now on the connection ends when the server answers a request that has this text in it, so many times. */
  after(text: string, options: { readonly times: number }): void;
  /** How often it ended since then. */
  count(): number;
  close(): Promise<void>;
}

export async function cutting(target: string): Promise<Cut> {
  const [host = '', port = ''] = target.split(':');
  const open = new Set<Socket>();
  let wanted = { text: '', times: 0 };
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    let isDoomed = false;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', end).on('close', () => {
        open.delete(socket);
        end();
      });
    }
    client.on('data', (bytes) => {
      isDoomed = cuts < wanted.times && bytes.includes(wanted.text);
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (!isDoomed) return void client.write(bytes);
      cuts += 1;
      end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    after(text, { times }) {
      wanted = { text, times };
      cuts = 0;
    },
    count: () => cuts,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
