// What a reading costs the node, next to the cheapest and to the plainest question that could be put to it.

import { MongoClient } from 'mongodb';
import { decodeDocuments, decodeProbe, probe } from '../../src/cluster/current-op.ts';
import { findMongod } from '../sandbox/mongod/binary.ts';
import { password, startReplicaSet } from '../sandbox/mongod/replica-set.ts';
import { openCrowd } from './crowd.ts';
import { medianOf, type Row } from './row.ts';

const crowdSize = { size: 8_000, addresses: 300, apps: 12 };
const rounds = 31;

interface Question {
  readonly pipeline: object[];
  /** What is done with the answer here. */
  readonly digest: (documents: readonly unknown[]) => unknown;
}

interface Answer {
  /** One a round. */
  readonly times: readonly number[];
  readonly bytes: number;
}

/** Rejects where there is no mongod. Two file descriptors a connection at the node: a limit of 20,000 is enough. */
export async function benchReading(): Promise<Row[]> {
  const mongod = await findMongod();
  if ('reason' in mongod) throw new Error(mongod.reason);
  await using set = disposable(await startReplicaSet({ mongod, members: 1 }));
  const [host = ''] = set.hosts;
  const port = Number(host.split(':')[1]);
  await using _crowd = disposable(await openCrowd({ ...crowdSize, port, user: 'app', password }));
  await using client = disposable(
    new MongoClient(set.uri('watcher', host), { directConnection: true, maxPoolSize: 1 }),
  );
  const whole = probe({ threads: false, since: null }).slice(0, 1);
  const answers = await sideBySide(client, {
    count: { pipeline: [...whole, { $count: 'n' }], digest: (documents) => documents },
    reading: { pipeline: probe({ threads: false, since: 1 }), digest: decodeProbe },
    whole: { pipeline: whole, digest: decodeDocuments },
  });
  return rowsOf(answers);
}

function rowsOf({ count, reading, whole }: Record<'count' | 'reading' | 'whole', Answer>): Row[] {
  const cost = ratio(reading, count);
  const size = (100 * reading.bytes) / whole.bytes;
  const gain = ratio(whole, reading);
  const crowd = `one node with ${crowdSize.size.toLocaleString('en')} connections`;
  return [
    { what: `reading ${crowd}, against $count`, value: cost, unit: '×', reach: '≤ 1.5 ×', ok: cost <= 1.5 },
    { what: `bytes of that, against whole documents`, value: size, unit: '%', reach: '≤ 2 %', ok: size <= 2 },
    { what: `faster than grouping whole documents here`, value: gain, unit: '×', reach: '≥ 3 ×', ok: gain >= 3 },
  ];
}

/** In turn, round by round, so that what else the machine does hits all alike; the first round is not counted. */
async function sideBySide<Name extends string>(
  client: MongoClient,
  questions: Record<Name, Question>,
): Promise<Record<Name, Answer>> {
  const admin = client.db('admin');
  const names = Object.keys(questions) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const { pipeline, digest } = questions[name];
      const began = performance.now();
      digest(await admin.aggregate([...pipeline], { batchSize: 100_000 }).toArray());
      if (round > 0) times[name].push(performance.now() - began);
    }
  }
  const answers = {} as Record<Name, Answer>;
  for (const name of names) {
    const documents = await admin.aggregate([...questions[name].pipeline], { raw: true }).toArray();
    answers[name] = { times: times[name], bytes: documents.reduce((sum, { length }) => sum + length, 0) };
  }
  return answers;
}

/** Of what was asked in the same round, so that what else the machine did then cancels out. */
function ratio(one: Answer, other: Answer): number {
  return medianOf(one.times.map((time, round) => time / (other.times[round] ?? Number.NaN)));
}

function disposable<T extends { close(): Promise<void> }>(owned: T): T & AsyncDisposable {
  return Object.assign(owned, { [Symbol.asyncDispose]: () => owned.close() });
}
