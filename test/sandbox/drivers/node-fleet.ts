// A process of an application with the Node.js driver: opens clients, runs operations, and holds all until its input ends.
// argv: { uri, clients, primary, secondary } as JSON; the last two are operations at once of each client.

import { once } from 'node:events';
import { MongoClient } from 'mongodb';

const { uri, clients, primary, secondary } = JSON.parse(process.argv[2] ?? '');

/** Slow enough that operations at once are at once. */
const slow = { $where: 'sleep(700) || true' };

async function work(): Promise<void> {
  const client = new MongoClient(uri, { heartbeatFrequencyMS: 500 });
  await client.connect();
  const read = (mode: 'primary' | 'secondary', filter: object) =>
    client.db('fleet').collection('one').find(filter, { readPreference: mode }).toArray();
  if (primary > 1)
    for (let round = 0; round < 3; round++)
      await Promise.all(Array.from({ length: primary }, () => read('primary', slow)));
  else if (primary === 1) await read('primary', {});
  // One after another, so that each secondary has one connection.
  if (secondary > 0) for (let round = 0; round < 40; round++) await read('secondary', {});
}

await Promise.all(Array.from({ length: clients }, work));
process.stdout.write('ready\n');
process.stdin.resume();
await once(process.stdin, 'end');
process.exit();
