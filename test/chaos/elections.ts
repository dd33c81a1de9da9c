// Schedules on a real replica set that elects in the middle; nothing where there is no mongod.

import { MongoClient } from 'mongodb';
import { findMongod } from '../sandbox/mongod/binary.ts';
import { startReplicaSet } from '../sandbox/mongod/replica-set.ts';
import { type Outcome, runSchedule } from './run.ts';
import { type Fault, type FaultKind, type Schedule, scheduleFor } from './schedule.ts';
import { setShelf } from './shelf.ts';

export interface Elections {
  run(seed: number): Promise<Outcome>;
  close(): Promise<void>;
}

/** What a client of a replica set may meet beside its election. */
const BESIDE: readonly FaultKind[] = ['kill', 'answer-lost', '5xx-after', 'pause'];

function electionSchedule(seed: number): Schedule {
  const schedule = scheduleFor(seed, BESIDE);
  const at = Math.floor(schedule.readings / 2);
  const election: Fault = { kind: 'election', at, replica: 0, point: 'any', skip: 0, minutes: 1, times: 1 };
  return { ...schedule, replicas: 2, faults: [...schedule.faults, election] };
}

/** Or why there are none. */
export async function openElections(): Promise<Elections | { readonly reason: string }> {
  const mongod = await findMongod();
  if ('reason' in mongod) return mongod;
  const set = await startReplicaSet({ mongod, members: 3 });
  const elect = async () => {
    const client = new MongoClient(set.uri('root'));
    try {
      await client.db('admin').command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5, force: true });
    } finally {
      await client.close();
    }
  };
  let opened = 0;
  return {
    run(seed) {
      opened += 1;
      const uri = set.uri('app').replace('/?', `/chaos${opened}?`);
      return runSchedule(electionSchedule(seed), (now) => setShelf(uri, now), elect);
    },
    close: set.close,
  };
}
