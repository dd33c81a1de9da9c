// The words of each diagnosis: one set for `why`, reports and alerts.

import type { DiagnosisId } from './diagnosis.ts';

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
  fork: 'A MongoClient created before fork',
  'idle-host': 'A host that holds connections and was never active',
  unnamed: 'Connections without a name of their own',
};

interface Words {
  readonly advice: string;
  readonly option: string | null;
}

export function wordsOf(_: DiagnosisId): Words {
  return {
    advice: 'Set appName in the connection string of each service: letters that say which one it is.',
    option: 'appName=<service>',
  };
}
