// Thousands of connections to one mongod without thousands of drivers: raw sockets that say hello as a driver does,
// authenticate (SCRAM-SHA-256), and then sit idle or wait in a streaming heartbeat.

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Binary, type Document, deserialize, serialize } from 'bson';

export interface Crowd {
  readonly size: number;
  close(): Promise<void>;
}

export interface CrowdOptions {
  readonly port: number;
  readonly size: number;
  readonly addresses: number;
  readonly apps: number;
  readonly user: string;
  readonly password: string;
}

const atOnce = 50;
const exhaustAllowed = 1 << 16;

/** Every fifth connection of an address is a streaming heartbeat; the others are authenticated and idle. */
export async function openCrowd(options: CrowdOptions): Promise<Crowd> {
  const sockets: Socket[] = [];
  const close = () => Promise.all(sockets.map(end)).then(() => undefined);
  const salted = new Map<string, Buffer>();
  let next = 0;
  const opener = async () => {
    while (next < options.size) {
      const index = next++;
      const socket = await dial(options.port, index % options.addresses);
      sockets.push(socket);
      await settle(socket, { ...options, index, salted });
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, opener));
  } catch (error) {
    await close();
    throw error;
  }
  return { size: options.size, close };
}

function dial(port: number, address: number): Promise<Socket> {
  const localAddress = `127.1.${Math.floor(address / 250)}.${(address % 250) + 1}`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress }, () => resolve(socket));
    socket.once('error', reject);
  });
}

interface Seat extends CrowdOptions {
  readonly index: number;
  /** PBKDF2 is slow on purpose: once per salt, not once per connection. */
  readonly salted: Map<string, Buffer>;
}

async function settle(socket: Socket, seat: Seat): Promise<void> {
  const hello = await ask(socket, { hello: 1, helloOk: true, client: metadata(seat), $db: 'admin' });
  const heartbeat = Math.floor(seat.index / seat.addresses) % 5 === 0;
  if (!heartbeat) return authenticate(socket, seat);
  const { topologyVersion } = hello;
  socket.write(message({ hello: 1, topologyVersion, maxAwaitTimeMS: 3_600_000, $db: 'admin' }, exhaustAllowed));
  socket.resume();
}

function metadata({ index, apps }: Seat): Document {
  const app = index % apps;
  return {
    application: { name: `service-${app}` },
    driver: { name: app % 3 === 0 ? 'PyMongo' : 'nodejs', version: app % 2 === 0 ? '7.8.0' : '6.19.0' },
    os: { type: 'Linux', name: 'linux', architecture: 'x64', version: '6.1.0-27-amd64' },
    platform: app % 3 === 0 ? 'CPython 3.12.4.final.0' : 'Node.js v24.21.0, LE',
  };
}

async function authenticate(socket: Socket, { user, password, salted }: Seat): Promise<void> {
  const first = `n=${user},r=${randomBytes(18).toString('base64')}`;
  const start = { saslStart: 1, mechanism: 'SCRAM-SHA-256', options: { skipEmptyExchange: true }, $db: 'admin' };
  const challenge = await ask(socket, { ...start, payload: new Binary(Buffer.from(`n,,${first}`)) });
  const told = challenge['payload'].toString('utf8') as string;
  const { r, s, i } = Object.fromEntries(told.split(',').map((part) => [part[0], part.slice(2)]));
  const key = salted.get(s!) ?? pbkdf2Sync(password, Buffer.from(s!, 'base64'), Number(i), 32, 'sha256');
  salted.set(s!, key);
  const clientKey = createHmac('sha256', key).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest();
  const signature = createHmac('sha256', storedKey).update(`${first},${told},c=biws,r=${r}`).digest();
  const proof = clientKey.map((byte, at) => byte ^ signature[at]!);
  const final = Buffer.from(`c=biws,r=${r},p=${Buffer.from(proof).toString('base64')}`);
  const { conversationId } = challenge;
  await ask(socket, { saslContinue: 1, conversationId, payload: new Binary(final), $db: 'admin' });
}

function message(command: Document, flags = 0): Buffer {
  const body = serialize(command);
  const head = Buffer.alloc(21);
  head.writeInt32LE(21 + body.length, 0);
  head.writeInt32LE(2013, 12);
  head.writeInt32LE(flags, 16);
  return Buffer.concat([head, body]);
}

async function ask(socket: Socket, command: Document): Promise<Document> {
  const answer = new Promise<Document>((resolve, reject) => {
    let read = Buffer.alloc(0);
    const listen = (chunk: Buffer) => {
      read = Buffer.concat([read, chunk]);
      if (read.length < 4 || read.length < read.readInt32LE(0)) return;
      socket.off('data', listen);
      const reply = deserialize(read.subarray(21));
      if (reply['ok'] === 1) resolve(reply);
      else reject(new Error(`${Object.keys(command)[0]}: ${reply['errmsg']}`));
    };
    socket.on('data', listen);
    socket.once('error', reject);
  });
  socket.write(message(command));
  return answer;
}

function end(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve();
    socket.once('close', () => resolve());
    socket.destroy();
  });
}
