// Where a run goes: what the clients of a run get of the string, and how their sockets find the hosts.

import { expect, test } from 'vitest';
import { findTarget, type LoadTarget, type Resolver } from '../../src/load/target.ts';

const unknown = () => Promise.reject(new Error('none'));
const names: Resolver = {
  addresses: async () => ['::ffff:10.0.0.7', 'fd00::7', '10.0.0.8'],
  srv: async () => [{ name: 'n0.set.invalid', port: 27_018 }],
  txt: unknown,
};

function targetOf(uri: string, resolver = names): Promise<LoadTarget> {
  const problemOf = () => ({ code: 'x', text: 'It failed.', remedy: '' });
  return findTarget({ uri, setting: '--uri', consent: { hosts: [], clusters: [] }, resolver, problemOf });
}

test('the pattern decides the connections, and not the string', async () => {
  const pools = 'maxPoolSize=3&minPoolSize=50&maxIdleTimeMS=1000&waitQueueTimeoutMS=1&maxConnecting=9';
  const nodes = 'readPreference=nearest&maxStalenessSeconds=90&serverMonitoringMode=poll&heartbeatFrequencyMS=500';
  const { uri, uriOf } = await targetOf(`mongodb://n0.set.invalid/?${pools}&${nodes}&authSource=admin`);
  for (const one of [uri, uriOf('n0.set.invalid:27017')])
    expect(one).not.toMatch(/pool|idle|queue|connecting|prefer|stale|monitoring|heartbeat/i);
  expect(uri).toContain('authSource=admin');
});

test('options of an SRV name are not in the string of its hosts', async () => {
  const { uri } = await targetOf('mongodb+srv://c0.set.invalid/?srvMaxHosts=2&srvServiceName=mongodb');
  expect(uri).toMatch(/^mongodb:\/\/n0\.set\.invalid:27018\//);
  expect(uri).not.toContain('srv');
});

test('a socket has the family of the text of its address', async () => {
  const { lookup } = await targetOf('mongodb://n0.set.invalid');
  const found = await new Promise((resolve) =>
    lookup('n0.set.invalid', { all: true }, (_, addresses) => resolve(addresses)),
  );
  expect(found).toEqual([
    { address: '::ffff:10.0.0.7', family: 6 },
    { address: 'fd00::7', family: 6 },
    { address: '10.0.0.8', family: 4 },
  ]);
});
