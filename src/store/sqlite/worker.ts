// The store's thread: node:sqlite blocks whoever calls it. Opens the file, answers calls in their order, closes.

import { hrtime } from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { type Database, openDatabase } from './database.ts';
import { failureOf } from './failure.ts';
import { OPERATIONS } from './operations.ts';
import { releaseHolds } from './outbox.ts';
import { storeError } from './problems.ts';
import type { Answer, Call, Start } from './protocol.ts';

const start: Start = workerData;
const answer = (message: Answer) => parentPort?.postMessage(message);
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
  // Whoever asked was told that it took too long: doing it now would surprise them.
  if (hrtime.bigint() > by) return;
  try {
    answer({ id, value: name === 'close' ? database.close() : operation(name)(database, input) });
  } catch (error) {
    failed(id, error);
  }
  // Nothing keeps the thread alive then.
  if (name === 'close') parentPort?.close();
}

function operation(name: string): (database: Database, input: unknown) => unknown {
  const found = Object.entries<unknown>(OPERATIONS).find(([known]) => known === name)?.[1];
  if (typeof found !== 'function') throw new TypeError(`the store knows no operation ${name}`);
  return (database, input) => found(database, input);
}
