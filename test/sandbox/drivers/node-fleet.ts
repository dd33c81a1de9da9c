// A process of an application with the Node.js driver: opens clients, runs operations, and holds all until its input ends.
// argv, as JSON: a FleetSpec of fleet.ts.

import { once } from 'node:events';
import { MongoClient } from 'mongodb';

const { uri, clients, primary, secondary, busy = false } = JSON.parse(process.argv[2] ?? '');

/** Slow enough that operations at once are at once: each may have to wait for a login. */
const slow = { $where: `sleep(${Math.max(700, 100 * primary)}) || true` };
const endless = { $where: 'sleep(600000) || true' };

function read(client: MongoClient, mode: 'primary' | 'secondary', filter: object): Promise<unknown> {
  return client.db('fleet').collection('one').find(filter, { readPreference: mode }).toArray();
}

async function work(): Promise<void> {
  const client = new MongoClient(uri, { heartbeatFrequencyMS: 500 });
  await client.connect();
  const atOnce = (filter: object) => Array.from({ length: primary }, () => read(client, 'primary', filter));
  if (primary > 1) for (let round = 0; round < 3; round++) await Promise.all(atOnce(slow));
  else if (primary === 1) await read(client, 'primary', {});
  // One after another, so that each secondary has one connection.
  if (secondary > 0) for (let round = 0; round < 40; round++) await read(client, 'secondary', {});
  if (busy) for (const operation of atOnce(endless)) operation.catch(() => undefined);
}

await Promise.all(Array.from({ length: clients }, work));
process.stdout.write('ready\n');
process.stdin.resume();
await once(process.stdin, 'end');
process.exit();
