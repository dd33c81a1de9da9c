// `watch` as a person types it: the schedule without Slack, on a stand-in project and a real store.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StandInProject, startProject } from '../sandbox/project.ts';
import { ended, lineOf, openTerminal, type Terminal } from './terminal.ts';

let directory: string;
let project: StandInProject;
let terminal: Terminal;

/** Every second, so that nobody waits; and a rule that the first reading breaks. */
const SETTINGS = `
schedule: "* * * * * *"
projects:
  - id: \${MONGODB_ATLAS_PROJECT_ID}
    clientId: \${MONGODB_ATLAS_CLIENT_ID}
    clientSecret: \${MONGODB_ATLAS_CLIENT_SECRET}
    username: \${MONGODB_USERNAME}
    password: \${MONGODB_PASSWORD}
    clusters: [prod]
rules:
  dormant-threshold: { limit: 1, readings: "1 of 1" }
`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-watch-'));
  project = await startProject();
  await writeFile(join(directory, 'settings.yaml'), SETTINGS);
  const places = {
    ATLAS_CONNS_CONFIG: join(directory, 'settings.yaml'),
    ATLAS_CONNS_DATA_DIR: join(directory, 'data'),
    LOG_LEVEL: 'warn',
  };
  terminal = await openTerminal({ ...project.env, ...places });
});
afterAll(async () => {
  await terminal?.close();
  await project?.close();
  await rm(directory, { recursive: true });
});

test('watch prints notifications as lines of JSON, writes the history, and exits with 0', async () => {
  const child = terminal.start(['watch', '--json']);
  const begun = lineOf(child, 'stderr', /Watching prod; the history goes to /);
  const first = JSON.parse(await lineOf(child, 'stdout', /dormant-threshold/));
  expect(Object.keys(first)).toEqual(
    expect.arrayContaining(['at', 'cluster', 'source', 'node', 'rule', 'event', 'severity', 'value', 'usual', 'text']),
  );
  expect(first).toMatchObject({ cluster: 'prod', rule: 'dormant-threshold', event: 'firing', severity: 'warning' });
  expect(await begun).toContain(directory);

  const alerts = await terminal.type(['alerts', '--json']);
  expect(alerts.code).toBe(0);
  const { alerts: open } = JSON.parse(alerts.out);
  expect(open).toContainEqual(expect.objectContaining({ rule: 'dormant-threshold', state: 'firing', cluster: 'prod' }));
  const history = await terminal.type(['history', '--json']);
  expect(history.code).toBe(0);
  expect(JSON.parse(history.out).series[0].now.dormant).toBeGreaterThan(0);

  const second = await terminal.type(['watch']);
  expect(second.code).toBe(1);
  expect(second.err).toContain('Another bot has the store');
  const check = await terminal.type(['check']);
  expect(check.out).toMatch(
    /^ok {7}store: SQLite .*, held by a bot that runs \(process \d+ on .+\): ask its `health`, history of prod$/m,
  );

  child.kill('SIGINT');
  const end = await ended(child);
  expect(end.code).toBe(0);
});

test('a notification in the terminal is not posted again by a later bot in Slack', async () => {
  const { openSqliteStore } = await import('../../src/store/sqlite/store.ts');
  const day = 86_400_000;
  const keep = { readings: 35 * day, hours: 400 * day };
  const store = await openSqliteStore({ directory: join(directory, 'data'), keep, now: () => new Date() });
  try {
    expect((await store.alerts({ cluster: 'prod', endedSince: 0 })).length).toBeGreaterThan(0);
    expect(await store.waiting()).toEqual({ count: 0, oldest: null });
  } finally {
    await store.close();
  }
});

test('people read sentences; SIGTERM ends watch with exit code 0', async () => {
  const child = terminal.start(['watch'], { ATLAS_CONNS_DATA_DIR: join(directory, 'other') });
  const line = await lineOf(child, 'stdout', /dormant-threshold/);
  expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d {2}firing {4}prod {2}dormant-threshold {2}.* dormant connections/);
  child.kill('SIGTERM');
  expect((await ended(child)).code).toBe(0);
});

test('wrong rules and schedules are named before anything is read', async () => {
  const config = join(directory, 'wrong.yaml');
  await writeFile(config, SETTINGS.replace('limit: 1', 'limt: 1').replace('* * * * * *', 'every minute or so'));
  const before = project.scenario.cluster('prod').set.nodes.map((node) => node.received().length);
  const { code, out, err } = await terminal.type(['watch'], { ATLAS_CONNS_CONFIG: config });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('limt');
  expect(err).toContain('schedule');
  expect(project.scenario.cluster('prod').set.nodes.map((node) => node.received().length)).toEqual(before);
});

test('a store in a directory without write permission is an error, with exit code 1', async () => {
  const file = join(directory, 'settings.yaml');
  const { code, out, err } = await terminal.type(['watch'], { ATLAS_CONNS_DATA_DIR: join(file, 'below-a-file') });
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain('ATLAS_CONNS_DATA_DIR');
});
