// What stands between a connection string and a node, on a real set: packages, files, sockets, and names that lead nowhere.

import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { openCluster } from '../../src/cluster/cluster.ts';
import type { ClusterReading } from '../../src/core/connections/reading.ts';
import { SELF_SIGNED } from '../sandbox/atlas/certificate.ts';
import { password } from '../sandbox/mongod/replica-set.ts';
import { nodesRead, now, patience, somebody, useRealSet } from './real.ts';

let directory: string;
const { real, closers } = useRealSet({ members: 2 });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-tls-'));
  closers.push(() => rm(directory, { recursive: true }));
});

function watch(uri: string, more: { readonly now?: () => Date; readonly deadlineMs?: number } = {}) {
  const cluster = openCluster({ name: 'prod', uri, setting: 'MONGODB_URI', now, ...more });
  onTestFinished(cluster.close);
  return cluster;
}

const read = (uri: string): Promise<ClusterReading> => watch(uri).read({ signal: patience() });

/** The problem of the one node; the password is nowhere in the reading. */
async function problemOf(uri: string, at?: Date) {
  const cluster = watch(uri, at === undefined ? {} : { now: () => at });
  const reading = await cluster.read({ signal: patience() });
  expect(JSON.stringify(reading)).not.toContain(password);
  const [node] = reading.nodes;
  if (node?.kind !== 'unread') throw new Error(`was read: ${JSON.stringify(reading)}`);
  return `${node.problem.code}: ${node.problem.text} ${node.problem.remedy}`;
}

const single = (options: string) => `${real().uri('watcher', real().hosts[0])}&directConnection=true&${options}`;

test.each([
  ['snappy', /: The compression snappy is not installed and is left out\. Run `npm install snappy`/],
  ['zstd,snappy,zlib', /: The compression snappy is not installed and is left out/],
  ['snappy,zlib', /: The compression snappy is not installed and is left out/],
])('compressors=%s: what is not installed is left out and said, the rest works', async (compressors, remark) => {
  const cluster = watch(single(`compressors=${compressors}`));
  expect(cluster.remarks).toEqual([expect.stringMatching(remark)]);
  expect(nodesRead(await cluster.read({ signal: patience() }))).toHaveLength(1);
});

test('compressors=zstd,zlib works as it is', async () => {
  const cluster = watch(single('compressors=zstd,zlib&zlibCompressionLevel=6'));
  expect(cluster.remarks).toEqual([]);
  expect(nodesRead(await cluster.read({ signal: patience() }))).toHaveLength(1);
});

test.each([
  ['authMechanism=MONGODB-AWS', '', '@aws-sdk/credential-providers', 'authMechanism=MONGODB-AWS'],
  ['authMechanism=GSSAPI', 'user%40REALM@', 'kerberos', 'authMechanism=GSSAPI'],
  ['proxyHost=127.0.0.1&proxyPort=1', `watcher:${password}@`, 'socks', 'proxyHost'],
])('%s without its package names the package and how to add it', async (options, login, name, purpose) => {
  const said = await problemOf(`mongodb://${login}${real().hosts[0]}/?directConnection=true&${options}`);
  expect(said).toContain(`the package ${name} is not installed, and ${purpose} needs it.`);
  expect(said).toContain(`Run \`npm install ${name}\` beside atlas-conns`);
});

test('a token that the platform does not give is named by its file', async () => {
  const uri = `mongodb://${real().hosts[0]}/?directConnection=true&authMechanism=MONGODB-OIDC`;
  const said = await problemOf(`${uri}&authMechanismProperties=ENVIRONMENT:k8s`);
  expect(said).toContain('the file /var/run/secrets/kubernetes.io/serviceaccount/token is needed');
});

test.each([
  'timeoutMS=1&socketTimeoutMS=1&connectTimeoutMS=1&serverSelectionTimeoutMS=1&maxPoolSize=0&minPoolSize=20',
  'readPreference=nearest&readPreferenceTags=nodeType:ANALYTICS&readPreferenceTags=&maxStalenessSeconds=90',
  'appName=somebody&w=0&journal=true&readConcernLevel=linearizable&loadBalanced=false',
  'uuidRepresentation=standard&keepAlive=true&useNewUrlParser=true&ssl_cert_reqs=CERT_NONE&3t.uriVersion=3',
])('%s changes nothing of how a node is read', async (options) => {
  const uri = real().uri('watcher', real().hosts[0]);
  const reading = await read(`${uri}&directConnection=true&${options}`);
  const [node] = nodesRead(reading);
  const own = node?.groups.filter(({ app }) => app === 'atlas-conns') ?? [];
  expect(own.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(3);
  expect(node?.groups.some(({ app }) => app === 'somebody')).toBe(false);
});

const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' });
const locked = createPrivateKey(SELF_SIGNED.key).export({
  format: 'pem',
  type: 'pkcs8',
  cipher: 'aes-256-cbc',
  passphrase: 'right',
});
const DER = Buffer.from('3082018f30820136a003020102', 'hex');

const FILES: readonly (readonly [string, string | Buffer | null, string, string])[] = [
  ['tlsCAFile', null, '', 'does not exist'],
  ['tlsCAFile', 'directory', '', 'is a directory'],
  ['tlsCAFile', '', '', 'is empty'],
  ['tlsCAFile', 'db-node-1\n', '', 'holds no certificate: it is not PEM'],
  ['tlsCAFile', DER, '', 'holds no certificate: it is not PEM'],
  ['tlsCAFile', SELF_SIGNED.key, '', 'holds no certificate'],
  ['tlsCAFile', SELF_SIGNED.cert.replace('MIIB', 'MIIX'), '', 'holds a certificate that cannot be parsed'],
  ['tlsCertificateKeyFile', null, '', 'does not exist'],
  ['tlsCertificateKeyFile', SELF_SIGNED.key, '', 'holds a key and no certificate'],
  ['tlsCertificateKeyFile', SELF_SIGNED.cert, '', 'holds a certificate and no private key'],
  ['tlsCertificateKeyFile', 'nothing', '', 'holds neither a key nor a certificate: it is not PEM'],
  ['tlsCertificateKeyFile', `${SELF_SIGNED.cert}${other}`, '', 'holds a key that does not belong to its certificate'],
  ['tlsCertificateKeyFile', `${SELF_SIGNED.cert}${locked}`, '', 'holds an encrypted key'],
  [
    'tlsCertificateKeyFile',
    `${locked}${SELF_SIGNED.cert}`,
    '&tlsCertificateKeyFilePassword=wr0ng',
    'holds a key that its password does not open',
  ],
  ['tlsCRLFile', SELF_SIGNED.cert, '', 'holds no revocation list'],
];

test.each(FILES.map(([option, content, more, cause]) => ({ option, content, more, cause })))(
  '$option that $cause is named with its path',
  async ({ option, content, more, cause }) => {
    const path = join(await mkdtemp(join(directory, 'case-')), 'file.pem');
    if (content === 'directory') await mkdir(path);
    else if (content !== null) await writeFile(path, content);
    const said = await problemOf(single(`tls=true&${option}=${encodeURIComponent(path)}${more}`));
    expect(said).toContain(`tls-file: The file ${path}, which ${option} in MONGODB_URI names, ${cause}.`);
    expect(said).not.toContain('wr0ng');
  },
);

test('a relative path is reported with its directory, and a device is not read', async () => {
  expect(await problemOf(single('tls=true&tlsCAFile=global-bundle.pem'))).toContain(
    `The file global-bundle.pem (that is ${join(process.cwd(), 'global-bundle.pem')}, from the working directory)`,
  );
  expect(await problemOf(single('tls=true&tlsCAFile=/dev/zero'))).toContain('is not a regular file');
});

test('an expired certificate is reported where the connection fails, and only there', async () => {
  const path = join(directory, 'valid.pem');
  await writeFile(path, `${SELF_SIGNED.cert}${SELF_SIGNED.key}`);
  const files = `tls=true&tlsCAFile=${path}&tlsCertificateKeyFile=${path}`;
  const later = await problemOf(single(files), new Date('2200-01-01'));
  expect(later).toContain('holds a certificate that expired at 2126-');
  expect(await problemOf(single(files), new Date('2000-01-01'))).toContain('is valid only from 2026-');
  expect(await problemOf(single(files))).not.toContain('tls-file');
  // Without TLS no file is read, and that is said.
  const cluster = watch(single('tlsCAFile=/nowhere.pem'));
  expect(cluster.remarks).toEqual(['MONGODB_URI: Without tls=true, nothing reads tlsCAFile. Add tls=true.']);
  expect(nodesRead(await cluster.read({ signal: patience() }))).toHaveLength(1);
});

test('a Unix socket is read by itself, and leads to the set without directConnection', async () => {
  const [host = ''] = real().hosts;
  const socket = real().socket(host);
  const uri = `mongodb://watcher:${password}@${encodeURIComponent(socket)}/?authSource=admin`;
  const guest = await somebody(uri.replace('watcher', 'app'), { appName: 'neighbour', directConnection: true });
  closers.push(() => guest.close());
  const [alone, ...more] = nodesRead(await read(`${uri}&directConnection=true`));
  expect(more).toEqual([]);
  expect(alone).toMatchObject({ host: socket });
  const neighbour = alone?.groups.find(({ app }) => app === 'neighbour');
  expect(neighbour?.client).toBe('anonymous unix socket');
  const whole = await read(uri);
  expect(nodesRead(whole).map((node) => node.host)).toEqual(real().hosts);
  expect(whole.problems).toEqual([]);
});

test('a Unix socket without a server is named', async () => {
  const missing = join(directory, 'mongodb-1.sock');
  const said = await problemOf(`mongodb://${encodeURIComponent(missing)}/?directConnection=true`);
  expect(said).toContain(`refused: ${missing} refuses connections: nothing listens there.`);
});

/** A port-forward to a member of a set whose names lead nowhere from here: each name in what it says is another. */
async function forward(host: string): Promise<{ readonly seed: string; readonly renamed: (host: string) => string }> {
  const [address = '', port = ''] = host.split(':');
  const renamed = (name: string) => name.replace('127.0.0.1', '127.0.0.9');
  const server = createServer((client: Socket) => {
    const upstream = dial(Number(port), address);
    client.pipe(upstream);
    upstream.on('data', (data) => {
      const text = real().hosts.reduce((all, name) => all.replaceAll(name, renamed(name)), data.toString('latin1'));
      client.write(Buffer.from(text, 'latin1'));
    });
    for (const [one, end] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => end.destroy());
      one.on('close', () => end.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  const at = server.address();
  return { seed: `127.0.0.1:${typeof at === 'object' ? at?.port : ''}`, renamed };
}

test('behind a port-forward the seed is read, and the members that cannot be reached are named', async () => {
  const [first = '', second = ''] = real().hosts;
  const { seed, renamed } = await forward(first);
  const cluster = watch(real().uri('watcher', seed));
  for (let time = 0; time < 2; time++) {
    const reading = await cluster.read({ signal: patience() });
    expect(nodesRead(reading).map(({ host, role }) => [host, role])).toEqual([[seed, 'primary']]);
    expect(reading.nodes.map(({ host }) => host)).toEqual([seed, renamed(second)]);
    const [problem, ...more] = reading.problems;
    expect(more).toEqual([]);
    expect(problem?.code).toBe('members-unreachable');
    expect(problem?.text).toContain(`${renamed(first)} and ${renamed(second)}`);
    expect(problem?.text).toContain(`${seed} answered instead`);
    expect(problem?.remedy).toContain('directConnection=true');
  }
  const headroom = await cluster.headroom({ signal: patience() });
  expect(headroom.map(({ host, kind }) => [host, kind])).toContainEqual([seed, 'headroom']);
  const direct = await read(`${real().uri('watcher', seed)}&directConnection=true`);
  expect(direct).toMatchObject({ problems: [], nodes: [{ host: seed, kind: 'read' }] });
});

test('a set that is reached under other names than its own, each through a port-forward, is read whole', async () => {
  const seeds = await Promise.all(real().hosts.map((host) => forward(host)));
  const uri = real().uri('watcher', seeds.map(({ seed }) => seed).join(','));
  const reading = await read(uri);
  expect(
    nodesRead(reading)
      .map(({ host }) => host)
      .sort(),
  ).toEqual(seeds.map(({ seed }) => seed).sort());
  expect(reading.problems).toMatchObject([{ code: 'members-unreachable' }]);
});
