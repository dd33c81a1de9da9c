// Errors of the driver that no server has caused, as the driver wraps them.

import { MongoAWSError, MongoMissingDependencyError, MongoNetworkError, MongoOIDCError } from 'mongodb';
import { expect, test } from 'vitest';
import { nodeProblem } from '../../src/cluster/problems.ts';
import { driverProblem } from '../../src/driver/problem.ts';
import { storeProblem } from '../../src/store/mongodb/problems.ts';

const asked = { host: 'a:1', user: null };
const store = { ...asked, database: 'd', authSource: 'admin', role: 'read' } as const;
const missing = (dependencyName: string) =>
  new MongoMissingDependencyError('secret', { dependencyName, cause: new Error('secret') });

test.each([
  ['snappy', 'the package snappy is not installed, and the compression snappy needs it.'],
  ['zstd', 'the package @mongodb-js/zstd is not installed, and the compression zstd needs it.'],
  ['socks', 'the package socks is not installed, and proxyHost needs it.'],
  ['kerberos', 'the package kerberos is not installed, and authMechanism=GSSAPI needs it.'],
  ['mongodb-client-encryption', 'the package mongodb-client-encryption is not installed, and client-side encryption'],
  ['gcp-metadata', 'the package gcp-metadata is not installed'],
  ['something-new', 'the package something-new is not installed, and this connection string needs it.'],
])('%s that is missing is named, however deep the driver wraps it', (name, expected) => {
  const error = missing(name);
  const wrapped = new MongoNetworkError('wrapped', { cause: new Error('again', { cause: error }) });
  for (const one of [error, wrapped]) {
    for (const problem of [nodeProblem(one, asked), storeProblem(one, store)]) {
      expect(problem.text).toContain(expected);
      expect(problem.remedy).toContain('npm install ');
      expect(JSON.stringify(problem)).not.toContain('secret');
    }
  }
});

test('credentials and files that the environment does not give are named', () => {
  const aws = new MongoAWSError('no provider', { cause: new Error('secret') });
  expect(driverProblem(aws, asked)?.text).toContain('gives no credentials for authMechanism=MONGODB-AWS');
  expect(driverProblem(new MongoOIDCError('x'), asked)?.text).toContain('authMechanism=MONGODB-OIDC');
  const file = Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'open', path: '/var/run/token' });
  expect(driverProblem(file, asked)?.text).toContain('the file /var/run/token is needed to log in');
  const reset = Object.assign(new Error('x'), { code: 'ECONNRESET', syscall: 'read' });
  expect(driverProblem(reset, asked)).toBeNull();
  expect(driverProblem(new MongoNetworkError('x'), asked)).toBeNull();
  expect(driverProblem('text', asked)).toBeNull();
});
