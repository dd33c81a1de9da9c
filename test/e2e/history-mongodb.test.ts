// The same with a store that replicas share: a real replica set under ANALYSIS_URI.

import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { decodeSnapshot } from '../../src/core/snapshots/snapshot.ts';
import { openMongoStore } from '../../src/store/mongodb/store.ts';
import { realSet } from '../cluster/real.ts';
import { password, type ReplicaSet } from '../sandbox/mongod/replica-set.ts';
import { snapshotsUntil, writeHistory } from './stored-history.ts';
import { ended, lineOf, openTerminal, type Terminal } from './terminal.ts';

const DAY = 86_400_000;
const keep = { readings: 35 * DAY, hours: 400 * DAY };
const settings = join(tmpdir(), `atlas-conns-watch-${process.pid}.yaml`);
let set: ReplicaSet | { readonly reason: string };
let terminal: Terminal;
const uris = { store: '', watched: '' };

beforeAll(async () => {
  set = await realSet({ members: 1 });
  if ('reason' in set) return;
  uris.store = set.uri('app').replace('/?', '/conns?');
  uris.watched = set.uri('watcher');
  terminal = await openTerminal({ PATH: process.env['PATH'] ?? '', ANALYSIS_URI: uris.store, LOG_LEVEL: 'warn' });
});
beforeEach((context) => {
  if ('reason' in set) context.skip(set.reason);
});
afterAll(async () => {
  await terminal?.close();
  if ('hosts' in set) await set.close();
});

test('history and its export come from the database that ANALYSIS_URI names, and the password from nowhere', async () => {
  const store = await openMongoStore({ uri: uris.store, keep, now: () => new Date() });
  const snapshots = snapshotsUntil(Date.now(), { days: 0.25 });
  await writeHistory(store, snapshots);
  await store.close();
  const exported = await terminal.type(['history', '--export']);
  expect(exported.code).toBe(0);
  const decoded = exported.out
    .trimEnd()
    .split('\n')
    .map((line) => decodeSnapshot(JSON.parse(line)));
  expect(decoded).toEqual(snapshots.map((snapshot) => ({ snapshot })));
  const { code, out } = await terminal.type(['history', '10.40', '--window', '6h']);
  expect(code).toBe(0);
  expect(out).toMatch(/^10\.40\.0\.0\/16 {2}prod/);
  const wrong = await terminal.type(['history'], { ANALYSIS_URI: uris.store.replace(password, 'wrong-horse') });
  expect(wrong).toMatchObject({ code: 1, out: '', err: expect.stringContaining('ANALYSIS_URI') });
  expect(wrong.err).not.toContain('wrong-horse');
});

test('check warns where history lives in the cluster that is watched', async () => {
  const { out, err } = await terminal.type(['check'], { MONGODB_URI: uris.watched });
  expect(out).toMatch(/^warning {2}store: MongoDB conns on 127\.0\.0\.1:\d+, can be written, history of prod$/m);
  expect(out.replaceAll(/\s+/g, ' ')).toMatch(
    /History and alerts live in a cluster that is watched \(127\.0\.0\.1:\d+\)/,
  );
  expect(out + err).not.toContain(password);
});

test('what a watch in the terminal decides waits for the replicas that are in Slack', async () => {
  const database = uris.store.replace('/conns?', '/other?');
  await writeFile(
    settings,
    `schedule: "* * * * * *"
slack: { channel: C0ALERTS }
projects:
  - clusters: [{ name: own, uri: "\${MONGODB_URI}" }]
rules:
  node-headroom: { warning: 0.000001, critical: 1 }
`,
  );
  const env = { ANALYSIS_URI: database, MONGODB_URI: uris.watched, ATLAS_CONNS_CONFIG: settings };
  const child = terminal.start(['watch', '--json'], env);
  const line = JSON.parse(await lineOf(child, 'stdout', /node-headroom/));
  expect(line).toMatchObject({ cluster: 'own', source: null, rule: 'node-headroom', event: 'firing' });
  child.kill('SIGINT');
  expect((await ended(child)).code).toBe(0);
  const store = await openMongoStore({ uri: database, keep, now: () => new Date() });
  expect((await store.waiting()).count).toBeGreaterThan(0);
  await store.close();
});
