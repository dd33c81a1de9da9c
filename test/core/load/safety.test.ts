// Where a run may open connections: by addresses, names of Atlas, and what a person repeats.

import { describe, expect, test } from 'vitest';
import { type LoadConsent, nameOfHost, whyUnsafe } from '../../../src/core/load/safety.ts';

const NOBODY: LoadConsent = { hosts: [], clusters: [] };
const typed = (...hosts: string[]) => ({ typed: hosts, isSrv: false, isDiscovered: false });

describe('without a word of the user', () => {
  test.each([
    ['127.0.0.1:27017', ['127.0.0.1']],
    ['127.9.9.9:27017', ['127.9.9.9']],
    ['[::1]:27017', ['::1']],
    ['localhost:27017', ['127.0.0.1', '::1']],
    ['10.1.2.3', ['10.1.2.3']],
    ['172.31.255.255:1', ['172.31.255.255']],
    ['192.168.0.7', ['192.168.0.7']],
    ['100.64.0.1', ['100.64.0.1']],
    ['169.254.3.4', ['169.254.3.4']],
    ['[fd00::7]:27017', ['fd00::7']],
    ['[fe80::1%eth0]', ['fe80::1%eth0']],
    ['[::ffff:10.0.0.1]:27017', ['::ffff:10.0.0.1']],
    ['nas.local:27017', ['192.168.1.20', 'fe80::20']],
    ['db.example.com:27017', ['10.0.0.5', 'fd00::5']],
    ['/tmp/mongodb-27017.sock', []],
  ])('%s at %j is inside', (host, addresses) => {
    expect(whyUnsafe({ host, addresses }, NOBODY, typed(host))).toBeNull();
  });

  test.each([
    ['8.8.8.8:27017', ['8.8.8.8']],
    ['172.32.0.1', ['172.32.0.1']],
    ['192.169.0.1', ['192.169.0.1']],
    ['100.128.0.1', ['100.128.0.1']],
    ['0.0.0.0:27017', ['0.0.0.0']],
    ['[::]:27017', ['::']],
    ['[2001:db8::1]:27017', ['2001:db8::1']],
    ['[::ffff:8.8.8.8]:27017', ['::ffff:8.8.8.8']],
    ['localhost:27017', ['127.0.0.1', '203.0.113.9']],
    ['nas.local', ['203.0.113.9']],
    ['db.example.com:27017', ['10.0.0.5', '2001:db8::5']],
  ])('%s at %j is outside', (host, addresses) => {
    const problem = whyUnsafe({ host, addresses }, NOBODY, typed(host));
    expect(problem?.code).toBe('load-outside');
    expect(problem?.remedy).toContain(`--yes-this-host ${nameOfHost(host)}.`);
  });

  test('a name without an address is refused, because nobody knows where it is', () => {
    const host = 'db.example.com';
    expect(whyUnsafe({ host, addresses: [] }, NOBODY, typed(host))?.code).toBe('load-unresolved');
  });

  test.each([
    'cluster0.ab1cd.mongodb.net',
    'cluster0-shard-00-01.ab1cd.mongodb.net:27017',
    'CLUSTER0.ab1cd.MongoDB.net.',
    'cluster0.ab1cd.mongodb-dev.net',
    'cluster0.ab1cd.mongodb-qa.net',
    'cluster0.ab1cd.mongodbgov.net',
  ])('%s is of Atlas, even at a private address', (host) => {
    const problem = whyUnsafe({ host, addresses: ['10.0.0.1'] }, NOBODY, typed(host));
    expect(problem?.code).toBe('load-atlas');
    expect(problem?.remedy).toContain('--i-own-this-cluster cluster0.');
  });

  test.each(['mongodb.net.example.com', 'notmongodb.net', 'mongodb.network'])('%s is no name of Atlas', (host) => {
    expect(whyUnsafe({ host, addresses: ['10.0.0.1'] }, NOBODY, typed(host))).toBeNull();
  });
});

describe('a host that is repeated', () => {
  const at = { host: 'db.example.com:27017', addresses: ['203.0.113.9'] };

  test.each(['db.example.com', 'db.example.com:27017', 'DB.example.com'])('%s is the host', (name) => {
    expect(whyUnsafe(at, { hosts: [name], clusters: [] }, typed(at.host))).toBeNull();
  });

  test.each(['example.com', 'db', '203.0.113.9', 'db.example.com:27018', 'db2.example.com'])(
    '%s is another one',
    (name) => {
      expect(whyUnsafe(at, { hosts: [name], clusters: [] }, typed(at.host))?.code).toBe('load-outside');
    },
  );

  test('each host of several needs its own word', () => {
    const consent = { hosts: ['a.example.com'], clusters: [] };
    const all = ['a.example.com', 'b.example.com'].map((host) =>
      whyUnsafe({ host, addresses: ['203.0.113.9'] }, consent, typed('a.example.com', 'b.example.com')),
    );
    expect(all.map((problem) => problem?.code ?? null)).toEqual([null, 'load-outside']);
  });

  test('an SRV name stands for the hosts that DNS lists, and not for what a node lists', () => {
    const consent = { hosts: ['cluster.example.com'], clusters: [] };
    const srv = { typed: ['cluster.example.com'], isSrv: true, isDiscovered: false };
    expect(whyUnsafe(at, consent, srv)).toBeNull();
    const discovered = whyUnsafe(at, consent, { ...srv, isDiscovered: true });
    expect(discovered?.text).toContain('which a node of the cluster lists');
    expect(whyUnsafe(at, { hosts: ['db.example.com'], clusters: [] }, { ...srv, isDiscovered: true })).toBeNull();
  });

  test('it never stands for a cluster of Atlas', () => {
    const host = 'cluster0.ab1cd.mongodb.net';
    expect(whyUnsafe({ host, addresses: [] }, { hosts: [host], clusters: [] }, typed(host))?.code).toBe('load-atlas');
  });
});

describe('a cluster of Atlas that is the user’s own', () => {
  const consent = { hosts: [], clusters: ['Cluster0'] };

  test.each([
    ['cluster0.ab1cd.mongodb.net', 'cluster0.ab1cd.mongodb.net'],
    ['cluster0-shard-00-02.ab1cd.mongodb.net:27017', 'cluster0-shard-00-02.ab1cd.mongodb.net:27017'],
    ['cluster0-pl-0.ab1cd.mongodb.net', 'cluster0-pl-0.ab1cd.mongodb.net'],
    ['ac-x1y2z3-shard-00-01.ab1cd.mongodb.net:27017', 'cluster0.ab1cd.mongodb.net'],
  ])('%s may be loaded with the string of %s', (host, name) => {
    expect(whyUnsafe({ host, addresses: ['203.0.113.1'] }, consent, typed(name))).toBeNull();
  });

  test.each([
    ['cluster1.ab1cd.mongodb.net', 'cluster1.ab1cd.mongodb.net'],
    ['cluster01.ab1cd.mongodb.net', 'cluster01.ab1cd.mongodb.net'],
    ['ac-x1y2z3-shard-00-01.zz9zz.mongodb.net:27017', 'cluster0.ab1cd.mongodb.net'],
    ['ac-x1y2z3-shard-00-01.ab1cd.mongodb.net:27017', 'cluster0.example.com'],
  ])('%s may not, with the string of %s', (host, name) => {
    expect(whyUnsafe({ host, addresses: ['203.0.113.1'] }, consent, typed(name))?.code).toBe('load-atlas');
  });

  test('it stands for no other host', () => {
    const host = 'cluster0.example.com';
    expect(whyUnsafe({ host, addresses: ['203.0.113.1'] }, consent, typed(host))?.code).toBe('load-outside');
  });
});
