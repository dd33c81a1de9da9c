// A process of an application, as old as Node.js 18: it makes MongoClients, reports their pools, and does what each line
// of its input says. The answer of each is one line of JSON. argv, as JSON: driver (a folder), reporter (a file).

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { driver, reporter } = JSON.parse(process.argv[2]);
const { MongoClient } = createRequire(import.meta.url)(driver);
const { reportPools } = await import(reporter);
const clients = [];
const stops = [];
let held = [];

const acts = {
  open({ uri, everyMs }) {
    const client = new MongoClient(uri);
    clients.push(client);
    stops.push(reportPools(client, { everyMs }));
  },
  /** So many operations at once. They go on. */
  hold({ client = 0, count, ms }) {
    const collection = clients[client].db('fleet').collection('one');
    const slow = () => collection.find({ $where: `sleep(${ms}) || true` }).toArray();
    held.push(...Array.from({ length: count }, slow).map((work) => work.then(() => 'done').catch(({ name }) => name)));
  },
  /** What became of them. */
  async settle() {
    const outcomes = await Promise.all(held);
    held = [];
    return outcomes;
  },
  /** Operations that are aborted while they wait for a connection. */
  async abort({ client = 0, count }) {
    const controller = new AbortController();
    const collection = clients[client].db('fleet').collection('one');
    const find = () => collection.find({}, { signal: controller.signal }).toArray();
    const waiting = Array.from({ length: count }, find).map((work) =>
      work.then(() => 'done').catch(({ name }) => name),
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    controller.abort();
    return Promise.all(waiting);
  },
  close: ({ client = 0 }) => clients[client].close(),
  stop: ({ client = 0 }) => stops[client](),
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const answer = await acts[command.act](command);
  process.stdout.write(`${JSON.stringify(answer ?? null)}\n`);
}
await Promise.all(clients.map((client) => client.close()));
