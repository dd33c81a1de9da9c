// The store's connection string as people have it: it works on a real MongoDB, or one sentence says what is wrong.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { UpstreamError, UserError } from '../../src/errors.ts';
import { openMongoStore } from '../../src/store/mongodb/store.ts';
import { realSet } from '../cluster/real.ts';
import { PASSWORD_PIECES, triedStrings } from '../core/lint/tried-strings.ts';
import { password, type ReplicaSet } from '../sandbox/mongod/replica-set.ts';
import { KEEP, T0 } from './sample.ts';

let set: ReplicaSet | { reason: string };
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-store-'));
  set = await realSet({ members: 1 });
});
beforeEach((context) => {
  if ('reason' in set) context.skip(set.reason);
});
afterAll(async () => {
  await rm(directory, { recursive: true });
  if ('close' in set) await set.close();
});

function uri(options: string, login = `app:${password}`): string {
  if ('reason' in set) throw new Error(set.reason);
  return `mongodb://${login}@${set.hosts[0]}/history?authSource=admin&${options}`;
}

async function open(address: string) {
  const store = await openMongoStore({ uri: address, keep: KEEP, now: () => new Date(T0) });
  onTestFinished(() => store.close());
  return store;
}

async function refusal(address: string): Promise<string> {
  const error = await open(address).catch((reason: unknown) => reason);
  if (!(error instanceof UpstreamError || error instanceof UserError)) throw new Error(`no refusal: ${error}`);
  expect(JSON.stringify([error.message, String(error.cause), error.stack])).not.toContain(password);
  if (error instanceof UserError) return `${error.message} ${error.remedy}`;
  return `${error.problem.text} ${error.problem.remedy}`;
}

test.each([
  'compressors=snappy',
  'compressors=zstd,snappy,zlib',
  'compressors=zlib&zlibCompressionLevel=11',
  'uuidRepresentation=standard&keepAlive=true&useNewUrlParser=true&waitQueueMultiple=5&ssl_cert_reqs=CERT_NONE',
  'timeoutMS=1&socketTimeoutMS=1&connectTimeoutMS=1&serverSelectionTimeoutMS=1&maxPoolSize=0&minPoolSize=20',
  'waitQueueTimeoutMS=1&maxIdleTimeMS=1&maxConnecting=0&heartbeatFrequencyMS=1',
  'w=0&journal=true&readConcernLevel=local&retryWrites=ture&retryReads=false',
  'readPreference=secondary&readPreferenceTags=nodeType:ANALYTICS&readPreferenceTags=&maxStalenessSeconds=90',
  'srvMaxHosts=2&appName=devrel',
  'authSource=admin&amp;retryWrites=true&amp;w=majority',
  'replicaSet=rs0;w=majority',
])('%s: the store opens all the same, and writes', async (options) => {
  const store = await open(uri(options));
  expect(await store.claim({ cluster: options, slot: T0, instance: 'one' })).toBe(true);
});

test('the store lives behind a Unix socket as well', async () => {
  if ('reason' in set) throw new Error(set.reason);
  const socket = set.socket(set.hosts[0] ?? '');
  const store = await open(`mongodb://app:${password}@${encodeURIComponent(socket)}/socket?authSource=admin`);
  expect(store.about.where).toBe(`socket on ${socket}`);
  const missing = join(directory, 'mongodb-1.sock');
  expect(await refusal(`mongodb://${encodeURIComponent(missing)}/?directConnection=true`)).toContain(missing);
});

test.each([
  ['authMechanism=MONGODB-AWS', '', '@aws-sdk/credential-providers'],
  ['authMechanism=GSSAPI', 'user%40REALM', 'kerberos'],
  ['proxyHost=127.0.0.1&proxyPort=1', `app:${password}`, 'socks'],
])('%s without its package names the package and how to add it', async (options, login, name) => {
  const address = uri(options, login).replace('//@', '//');
  const said = await refusal(options.startsWith('proxy') ? address : address.replace('authSource=admin&', ''));
  expect(said).toContain(`the package ${name} is not installed`);
  expect(said).toContain(`Run \`npm install ${name}\` beside atlas-conns`);
});

test('a file for TLS is named with its option, its setting and its cause', async () => {
  const path = join(directory, 'ca.pem');
  expect(await refusal(uri(`tls=true&tlsCAFile=${path}`))).toContain(
    `The file ${path}, which tlsCAFile in ANALYSIS_URI names, does not exist.`,
  );
  await writeFile(path, 'no certificate');
  expect(await refusal(uri(`tls=true&tlsCAFile=${path}`))).toContain('holds no certificate: it is not PEM.');
});

const REFUSED = [
  'placeholder',
  'unescaped-at',
  'unescaped-hash',
  'bad-percent',
  'ipv6-no-brackets',
  'no-scheme',
  'two-uris',
  'srv-with-port',
  'srv-two',
];

test.each(triedStrings().filter(({ name }) => REFUSED.includes(name)))(
  '$name is refused in a sentence about ANALYSIS_URI',
  async ({ uri: address }) => {
    const said = await refusal(address);
    expect(said).toMatch(/^ANALYSIS_URI is not a usable connection string\. (The|A) /);
    for (const piece of PASSWORD_PIECES) expect(said).not.toContain(piece);
  },
);
