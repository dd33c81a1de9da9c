// Names of stand-in nodes, as long as real ones, that no DNS knows: a process that has this module finds them on loopback.

import net from 'node:net';

/** In the environment of a process that begins with this module: ports of 127.0.0.1 by `host:port`, as JSON. */
const VARIABLE = 'STAND_IN_NAMES';

const ports = new Map<string, number>();
const connect = net.createConnection;

/** The environment in which every Node.js process finds these names. */
export function namesEnv(names: Readonly<Record<string, number>>): Readonly<Record<string, string>> {
  const options = [process.env['NODE_OPTIONS'], `--import ${import.meta.url}`].filter((option) => option !== undefined);
  return { NODE_OPTIONS: options.join(' '), [VARIABLE]: JSON.stringify(names) };
}

/** From now on this process finds these names too; returns how to forget them. */
export function findNames(names: Readonly<Record<string, number>>): () => void {
  for (const [name, port] of Object.entries(names)) ports.set(name, port);
  // The MongoDB driver connects by this property of the module.
  net.createConnection = found as typeof net.createConnection;
  return () => {
    for (const name of Object.keys(names)) ports.delete(name);
  };
}

function found(...given: readonly unknown[]): net.Socket {
  const [target, ...rest] = given;
  const { host, port: asked } =
    typeof target === 'object' && target !== null ? (target as net.TcpSocketConnectOpts) : {};
  const port = ports.get(`${host}:${asked}`);
  const args =
    port === undefined ? given : [{ ...(target as net.TcpSocketConnectOpts), host: '127.0.0.1', port }, ...rest];
  return Reflect.apply(connect, net, args);
}

const written = process.env[VARIABLE];
if (written !== undefined) findNames(JSON.parse(written));
