// The least that a process can do to tell how many connections three nodes have: connect, count, print.

import { MongoClient } from 'mongodb';

const uri = new URL((process.env['MONGODB_URI'] ?? '').replace(/,[^/]*/, ''));
const hosts = /@([^/]+)/.exec(process.env['MONGODB_URI'] ?? '')?.[1]?.split(',') ?? [];
const counts = hosts.map(async (host) => {
  const client = new MongoClient(
    `mongodb://${uri.username}:${uri.password}@${host}/?directConnection=true&maxPoolSize=1`,
    {
      serverMonitoringMode: 'poll',
      readPreference: 'secondaryPreferred',
    },
  );
  try {
    const pipeline = [{ $currentOp: { allUsers: true, idleConnections: true } }, { $count: 'connections' }];
    return await client.db('admin').aggregate(pipeline).toArray();
  } finally {
    await client.close();
  }
});
process.stdout.write(`${JSON.stringify(await Promise.all(counts))}\n`);
