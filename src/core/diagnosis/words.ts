// The words of each diagnosis: one set for `why`, reports and alerts.

import { driverInWords } from '../drivers/driver.ts';
import { keepsDroppedClients } from '../drivers/versions.ts';
import type { Diagnosis, DiagnosisId } from './diagnosis.ts';
import { IDLE_MS, idleLimitFor } from './driver-options.ts';
import type { DriverFacts } from './facts.ts';

export const TITLES: Readonly<Record<DiagnosisId, string>> = {
  'client-per-request': 'One MongoClient for each request',
  'client-leak': 'MongoClients that are never closed',
  'pool-too-large': 'Pools larger than their use',
  'no-idle-limit': 'No limit for idle connections',
  'min-pool': 'minPoolSize keeps unused connections open',
  'pool-exhausted': 'Pools without a free connection',
  churn: 'Connections that live for seconds',
  'election-storm': 'Pools on the old and the new primary',
  functions: 'Functions with more connections than they use',
  fork: 'A MongoClient created before a fork',
  'idle-host': 'A host that holds connections and was never active',
  unnamed: 'Connections without a name of their own',
};

/** A longer pool has room for half as many operations more; a much longer one moves the queue to the server. */
const LONGER = 1.5;
/** The default of most drivers: up to here a pool may be as large as what waits for it, too. */
const COMMON = 100;

type Words = Pick<Diagnosis, 'advice' | 'option'>;

/**
 * What to change, with the option that fits these drivers.
 * @param drivers of the source, the largest first; none where they are unknown
 * @param size connections of a pool: the size to set; of an exhausted pool, its size now
 * @param demand of an exhausted pool: connections in use and operations that wait, where they are known
 */
export function wordsOf(id: DiagnosisId, drivers: readonly DriverFacts[], size?: number, demand = 0): Words {
  const idle = idleLimitFor(drivers);
  const driver = drivers[0]?.driver ?? null;
  switch (id) {
    case 'client-per-request':
      return {
        advice: 'Create one MongoClient when the process starts, and let all requests share it.',
        option: null,
      };
    case 'client-leak': {
      const kept =
        driver !== null && keepsDroppedClients(driver) === true
          ? ` The ${driverInWords(driver)} keeps a client open that is dropped without close().`
          : '';
      return { advice: `Create one MongoClient for each process, and close it on shutdown.${kept}`, option: null };
    }
    case 'pool-too-large': {
      if (size === undefined) return idle;
      const option = `maxPoolSize=${size}`;
      const and = idle.option === null ? '' : ` ${idle.advice}`;
      return {
        advice: `Set ${option}: a fifth more than the most that was seen active for each client. A client with more operations at once would wait.${and}`,
        option,
      };
    }
    case 'no-idle-limit':
      return idle;
    case 'min-pool':
      return {
        advice: `Set minPoolSize=0, which is the default, or as many as are used.${idle.option === null ? '' : ` ${idle.advice}`}`,
        option: 'minPoolSize=0',
      };
    case 'pool-exhausted': {
      const option =
        size === undefined ? null : `maxPoolSize=${Math.max(Math.ceil(LONGER * size), Math.min(demand, COMMON))}`;
      const longer = option === null ? '' : ` If they are short, set ${option}.`;
      return { advice: `Look for slow operations first: explain, indexes.${longer}`, option };
    }
    case 'churn':
      return {
        advice: `Keep connections: no MongoClient for each call${idle.option === null ? '' : `, and no maxIdleTimeMS below ${IDLE_MS}`}.`,
        option: idle.option,
      };
    case 'election-storm':
      return {
        advice: `${idle.advice} A driver with client backpressure (PyMongo from 4.17 on) slows down its retries.`,
        option: idle.option,
      };
    case 'functions':
      return {
        advice: `Create the client outside the handler, with maxPoolSize=1 and minPoolSize=0. An environment runs one request at a time; a parallel query needs one connection more. ${idle.advice}`,
        option: 'maxPoolSize=1',
      };
    case 'fork':
      return { advice: 'Create the MongoClient in each worker, after the fork.', option: null };
    case 'idle-host':
      return { advice: `Ask its owner whether it still needs them. ${idle.advice}`, option: idle.option };
    case 'unnamed':
      return {
        advice: 'Set an appName for each service in its connection string.',
        option: 'appName=<service>',
      };
  }
}
