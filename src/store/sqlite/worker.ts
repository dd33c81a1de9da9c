// The store's thread, because node:sqlite blocks its caller. It opens the file, answers calls in order, and closes.

import { hrtime } from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { checkpointHead, checkpointPage, saveCheckpoint } from './checkpoints.ts';
import { type Database, openDatabase } from './database.ts';
import { adopt, doubted, dropped, forget, place, postponed, releaseHolds, sent, take, waiting } from './outbox.ts';
import { storeError } from './problems.ts';
import { type Call, failureOf, type WorkerAnswer, type WorkerStart } from './protocol.ts';
import { alert, alerts, clusters, group, head, silences, snapshotPage, sources } from './readings.ts';
import { tidyStep } from './retention.ts';
import { series } from './series.ts';
import { claim, hasReading, keepShown, lastClaim, shown, write } from './write.ts';

const start: WorkerStart = workerData;
const answer = (message: WorkerAnswer) => parentPort?.postMessage(message);
const failed = (id: number, error: unknown) => answer({ id, failure: failureOf(storeError(error, start.file)) });

try {
  const database = openDatabase(start);
  if (!start.readOnly && start.again !== true) releaseHolds(database);
  parentPort?.on('message', (call: Call) => reply(database, call));
  answer({ id: 0, value: null });
} catch (error) {
  failed(0, error);
}

function reply(database: Database, { id, name, input, by }: Call): void {
  // The caller already got a timeout; running the call now would surprise it.
  if (hrtime.bigint() > by) return;
  try {
    answer({ id, value: name === 'close' ? database.close() : operation(name)(database, input) });
  } catch (error) {
    failed(id, error);
  }
  // After this nothing keeps the thread alive.
  if (name === 'close') parentPort?.close();
}

function operation(name: string): (database: Database, input: unknown) => unknown {
  const found = Object.entries<unknown>(OPERATIONS).find(([known]) => known === name)?.[1];
  if (typeof found !== 'function') throw new TypeError(`the store knows no operation ${name}`);
  return (database, input) => found(database, input);
}

// All operations that the worker runs for the bot, by name.

export const OPERATIONS = {
  claim,
  lastClaim,
  write,
  hasReading,
  keepShown,
  shown,
  head,
  checkpointHead,
  checkpointPage,
  saveCheckpoint,
  snapshotPage,
  series,
  sources,
  clusters,
  alerts,
  alert,
  group,
  silences,
  take,
  sent,
  postponed,
  doubted,
  dropped,
  adopt,
  place,
  forget,
  waiting,
  tidyStep,
} as const;

export type Operations = typeof OPERATIONS;
export type OperationName = keyof Operations;
export type Input<Name extends OperationName> = Parameters<Operations[Name]>[1];
export type Output<Name extends OperationName> = ReturnType<Operations[Name]>;
