// What the reporter costs an application: one event, and operations a second of a real driver with it and without.

import { EventEmitter } from 'node:events';
import { MongoClient } from 'mongodb';
import { reportPools } from '../../src/reporter/reporter.ts';
import { findMongod } from '../sandbox/mongod/binary.ts';
import { startReplicaSet } from '../sandbox/mongod/replica-set.ts';
import { medianOf, type Row } from './row.ts';

const EVENTS = 1_000_000;
const CONNECTIONS = 100;
const ROUNDS = 151;
const OPERATIONS = 400;
const AT_ONCE = 20;
/** Nothing answers there: its reports fail, which costs more than those that arrive. */
const NOWHERE = { url: 'http://127.0.0.1:1', token: 'a-token-of-the-bench', everyMs: 1_000 };

export async function benchReporter(): Promise<Row[]> {
  const nanoseconds = await eventCost();
  const event = { value: nanoseconds / 1_000, unit: 'µs', reach: '< 2', ok: nanoseconds < 2_000 };
  return [{ what: 'the pool reporter in one event of the driver', ...event }, ...(await throughput())];
}

/** Of the thread's own time, with what the emitter costs. */
async function eventCost(): Promise<number> {
  const client = new EventEmitter();
  const stop = reportPools(client, NOWHERE);
  const address = '127.0.0.1:27017';
  for (let connectionId = 0; connectionId < CONNECTIONS; connectionId++) {
    client.emit('connectionCreated', { address, connectionId });
    client.emit('connectionReady', { address, connectionId });
  }
  const work = (events: number) => {
    for (let index = 0; index < events / 3; index++) {
      const connectionId = index % CONNECTIONS;
      client.emit('connectionCheckOutStarted', { address });
      client.emit('connectionCheckedOut', { address, connectionId, durationMS: 1 });
      client.emit('connectionCheckedIn', { address, connectionId });
    }
  };
  work(EVENTS / 10);
  const began = process.threadCpuUsage();
  work(EVENTS);
  const { user, system } = process.threadCpuUsage(began);
  await stop();
  return ((user + system) * 1_000) / EVENTS;
}

async function throughput(): Promise<Row[]> {
  const mongod = await findMongod();
  if ('reason' in mongod) throw new Error(mongod.reason);
  const set = await startReplicaSet({ mongod, members: 1 });
  const clients = [1, 2].map(() => new MongoClient(set.uri('app'), { maxPoolSize: AT_ONCE }));
  const [bare, reported] = clients as [MongoClient, MongoClient];
  const stop = reportPools(reported, NOWHERE);
  try {
    for (let round = 0; round < 20; round++) for (const client of clients) await secondsOf(client);
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      // Side by side, and each is the first in every other round.
      const order = round % 2 === 0 ? [bare, reported] : [reported, bare];
      const seconds = new Map<MongoClient, number>();
      for (const client of order) seconds.set(client, await secondsOf(client));
      ratios.push((seconds.get(bare) ?? Number.NaN) / (seconds.get(reported) ?? Number.NaN));
    }
    const sorted = ratios.toSorted((one, other) => one - other);
    const quartile = (part: number) => (sorted[Math.floor(ROUNDS * part)] ?? Number.NaN).toFixed(2);
    const value = medianOf(ratios);
    const spread = `half of ${ROUNDS} rounds between ${quartile(0.25)} and ${quartile(0.75)}`;
    const what = `operations per second with the pool reporter, against the same driver without (${spread})`;
    return [{ what, value, unit: '×', reach: '≥ 0.95', ok: value >= 0.95 }];
  } finally {
    await stop();
    await Promise.all(clients.map((client) => client.close()));
    await set.close();
  }
}

/** The smallest operation: the reporter weighs most in it. */
async function secondsOf(client: MongoClient): Promise<number> {
  const admin = client.db('admin');
  const began = performance.now();
  const worker = async () => {
    for (let index = 0; index < OPERATIONS / AT_ONCE; index++) await admin.command({ ping: 1 });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return (performance.now() - began) / 1_000;
}
