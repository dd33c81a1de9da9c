// Answers to `why` by hand, for the views.

import type { Diagnosis, ExpectedAndSeen, Why } from '../../../src/core/diagnosis/diagnosis.ts';

const PRIMARY = 'shard-00-00.abcde.mongodb.net:27017';
const SECONDARY = 'shard-00-01.abcde.mongodb.net:27017';
export const BILLING = '203.0.113.0/24';

export function diagnosis(more: Partial<Diagnosis> = {}): Diagnosis {
  return {
    id: 'client-per-request',
    source: BILLING,
    name: 'Billing API',
    title: 'One MongoClient for each request',
    evidence: ['240 clients hold 1.1 connections each on shard-00-00.', 'One client for each of 6 hosts is expected.'],
    wouldFree: { node: PRIMARY, connections: 468 },
    advice: 'Create one MongoClient for each process.',
    option: null,
    severity: 'warning',
    confidence: 'fits',
    ...more,
  };
}

export const tooLarge = diagnosis({
  id: 'pool-too-large',
  source: '203.0.113.64/26',
  name: 'Web EU',
  title: 'Pools larger than their use',
  evidence: ['6 clients hold 16 connections each, and use at most 4.'],
  wouldFree: { node: SECONDARY, connections: 66 },
  advice: 'Set a smaller pool:',
  option: 'maxPoolSize=5',
  confidence: 'likely',
});
const unnamed = diagnosis({
  id: 'unnamed',
  source: '198.51.100.9',
  name: '198.51.100.9',
  title: 'Connections without a name of their own',
  evidence: ['12 of 12 connections have no appName.'],
  wouldFree: null,
  advice: 'Set appName.',
  severity: 'info',
});

export const expected: ExpectedAndSeen = {
  clients: 12,
  nodes: [
    { host: PRIMARY, monitors: { expected: 24, seen: 24 }, pooled: 77, pooledPerClient: 6.42 },
    { host: SECONDARY, monitors: { expected: 24, seen: 26 }, pooled: 12, pooledPerClient: 1 },
  ],
  expected: 72,
  seen: 139,
  meaning: '67 more than expected: pools of 6.4 for each client.',
};

export const whyOfProd: Why = {
  diagnoses: [diagnosis(), tooLarge, unnamed],
  expected: null,
  limits: ['The store has no reading of prod yet.'],
};
export const whyOfBilling: Why = { diagnoses: [diagnosis()], expected, limits: [] };
export const NOTHING: Why = { diagnoses: [], expected: null, limits: [] };
