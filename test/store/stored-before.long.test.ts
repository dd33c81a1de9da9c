// What the versions before this one stored and posted: this one opens it, goes on with it, and understands its buttons.

import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import { EJSON } from 'bson';
import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Store } from '../../src/core/ports/store.ts';
import type { Snapshot } from '../../src/core/snapshots/snapshot.ts';
import { openMongoStore } from '../../src/store/mongodb/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { clockAt } from '../app/monitor/clock.ts';
import { halt } from '../app/monitor/scene.ts';
import { realSet } from '../cluster/real.ts';
import { openTerminal, type Said } from '../e2e/terminal.ts';
import { openStage } from '../fixtures/stored/stage.ts';
import type { ReplicaSet } from '../sandbox/mongod/replica-set.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import type { Message } from '../sandbox/slack/stand-in.ts';
import { newSlack, OPS, optionOf } from '../slack/bot-fixture.ts';
import { portOf, postSigned } from '../slack/client/signed-post.ts';
import { emptied } from '../slack/notifier/fixture.ts';
import { pressed, toldTo } from '../slack/watch-fixture.ts';
import { DAY, HOUR, KEEP } from './sample.ts';

/** After the last reading that was stored, before the next. */
const NOW = '2026-11-19T08:00:20Z';
const BILLING = '["prod","dormant-spike","203.0.113.0/24",1795057200000]';
const NIGHTLY = '["prod","dormant-spike","10.9.0.0/24",1795069800000]';
const kept = (name: string) => new URL(`../fixtures/stored/v0.1/${name}`, import.meta.url).pathname;
const keptText = (name: string) => readFile(kept(name), 'utf8');
const now = () => new Date(NOW);

async function sqlite(): Promise<Store> {
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-before-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await cp(kept('sqlite'), directory, { recursive: true });
  return openSqliteStore({ directory, keep: KEEP, now });
}

let databases = 0;
async function mongodb(set: ReplicaSet, admin: MongoClient): Promise<Store> {
  const name = `before_${++databases}`;
  const kept: Readonly<Record<string, Document[]>> = EJSON.parse(await keptText('mongodb.json'), { relaxed: false });
  for (const [collection, documents] of Object.entries(kept))
    if (documents.length > 0) await admin.db(name).collection(collection).insertMany(documents);
  return openMongoStore({ uri: set.uri('app').replace('/?', `/${name}?`), keep: KEEP, now });
}

describe('a SQLite store', () => understands(sqlite, '1795059015.000000'));

test('a SQLite file that no bot of this version had open is not read beside it: the bot upgrades it first', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-before-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await cp(kept('sqlite'), directory, { recursive: true });
  const open = (readOnly: boolean) => openSqliteStore({ directory, keep: KEEP, now, readOnly });
  await expect(open(true)).rejects.toMatchObject({ problem: { code: 'store-older' } });
  await (await open(false)).close();
  const store = await open(true);
  expect(await store.clusters()).toEqual(['prod', 'staging']);
  await store.close();
});

const set = await realSet({ members: 1 });
if ('reason' in set) test.skip(`a store in MongoDB: ${set.reason}`, () => undefined);
else
  describe('a store in MongoDB', () => {
    const admin = new MongoClient(set.uri('root'));
    // Its own clock would remove what is old.
    beforeAll(() => admin.db('admin').command({ setParameter: 1, ttlMonitorEnabled: false }));
    afterAll(async () => {
      await admin.close();
      await set.close();
    });
    understands(() => mongodb(set, admin), '1795059030.000000');
  });

/** @param ts where the message of Billing API stands */
function understands(openKept: () => Promise<Store>, ts: string): void {
  const open = async () => {
    const store = await openKept();
    onTestFinished(() => store.close());
    return store;
  };

  test('has its readings, figures and sources', async () => {
    const store = await open();
    expect(await store.clusters()).toEqual(['prod', 'staging']);
    let [readings, last]: [number, Snapshot | null] = [0, null];
    for await (last of store.snapshots({ cluster: 'prod', after: 0, until: Date.parse(NOW) })) readings += 1;
    expect([readings, last?.at]).toEqual([64, Date.parse('2026-11-19T07:30:00Z')]);
    expect(last?.sources.find(({ name }) => name === 'Billing API')).toMatchObject({
      ...{ id: '203.0.113.0/24', class: 'listed', active: 0, dormant: 360 },
      apps: [{ name: 'billing', active: 0, dormant: 360 }],
      hosts: [{ name: '203.0.113.7', active: 0, dormant: 360 }],
    });
    const to = Date.parse('2026-11-19T08:00:00Z');
    const [series] = await store.series({
      cluster: 'prod',
      source: '203.0.113.0/24',
      node: null,
      from: to - DAY,
      to,
      buckets: 1,
    });
    expect(series).toMatchObject({ readings: 48, incomplete: 0, dormant: { min: 20, median: 20, max: 360 } });
    expect(await store.sources('staging')).toMatchObject([{ id: '203.0.113.0/24', name: 'Billing API' }]);
    expect(await store.lastClaim('prod')).toEqual({ slot: Date.parse('2026-11-19T07:30:00Z'), instance: 'A' });
  });

  test('has its alerts, their group, and the silences', async () => {
    const store = await open();
    const alerts = await store.alerts({ cluster: null, endedSince: 0 });
    const rows = alerts.map(({ who, state, value, usual, since, lastAction }) => {
      return [who, state, value, usual, new Date(since).toISOString().slice(0, 16), lastAction?.by ?? null];
    });
    expect(rows.toSorted()).toEqual([
      ['Billing API', 'acknowledged', 360, 20, '2026-11-19T03:00', 'U0000ANNA1'],
      ['Nightly', 'firing', 180, 20, '2026-11-19T06:30', null],
      ['Reporting', 'ended', 20, 20, '2026-11-19T01:00', null],
      ['Web EU', 'silenced', 140, 20, '2026-11-19T04:00', 'U0000ANNA1'],
      ...[1, 2, 3, 4, 5, 6].map((n) => [`Worker ${n}`, 'firing', 100 + n, 20, '2026-11-19T05:00', null]),
    ]);
    const group = '["prod","group","C0000DBOPS",1795066200000]';
    const grouped = alerts.filter((alert) => alert.group === group);
    expect(grouped).toHaveLength(6);
    expect((await store.group(group))?.alerts.toSorted()).toEqual(grouped.map(({ id }) => id).toSorted());
    const silence = { cluster: 'prod', node: null, by: 'U0000ANNA1', hold: false, endedAt: null };
    expect((await store.silences()).toSorted((one, other) => one.until - other.until)).toMatchObject([
      { ...silence, source: '198.51.100.0/26', rule: 'dormant-spike', reason: 'load test', until: 1795150799999 },
      { ...silence, source: null, rule: 'churn', who: 'rule churn', reason: null, until: 1795672799999 },
    ]);
  });

  test('has what waits for Slack, what is in doubt, and where messages stand', async () => {
    const store = await open();
    expect(await store.waiting()).toEqual({ count: 3, oldest: 1795071600000 });
    expect(await store.place(BILLING)).toEqual({ channel: OPS, ts });
    const taken = await store.take({ instance: 'B', now: Date.parse(NOW), leaseMs: HOUR, limit: 9, refreshes: 9 });
    expect(taken.map(({ id, kind, inDoubt, refresh }) => [id, kind, inDoubt, refresh])).toEqual([
      [`${NIGHTLY}/message`, 'message', true, null],
      [`${BILLING}/message`, 'message', false, null],
    ]);
  });

  test('gets its baselines from the readings: the next reading continues its alerts and begins none', async () => {
    const store = await open();
    const clock = clockAt(NOW);
    const asked: number[] = [];
    const snapshots: Store['snapshots'] = (range) => {
      asked.push(range.after);
      return store.snapshots(range);
    };
    const { watch } = await openStage({ store: { ...store, snapshots }, slack: await newSlack(), clock });
    await watch.start();
    await clock.pass(HOUR / 2);
    await halt(watch, clock);
    // The checkpoint of that version has another form, so two weeks are evaluated again.
    expect(Math.min(...asked)).toBe(Date.parse('2026-11-04T00:00:00Z'));
    const usual = await watch.monitor.usual('prod', new AbortController().signal);
    expect(usual.size).toBe(10);
    expect(usual.get('203.0.113.0/24')).toMatchObject({ usual: 20, isNew: false });
    const alerts = await store.alerts({ cluster: null, endedSince: 0 });
    const judged = alerts.filter(({ judgedAt }) => judgedAt > Date.parse(NOW));
    expect([alerts.length, judged.length]).toEqual([10, 9]);
    expect(await store.alert(BILLING)).toMatchObject({ state: 'acknowledged', value: 360, usual: 20 });
    // What was usual is stored from the first reading of this version on; the past is not guessed.
    const request = { cluster: 'prod', source: '203.0.113.0/24', window: 2 * HOUR, points: 4 };
    const { buckets } = await watch.monitor.history({ ...request, signal: new AbortController().signal });
    const figures = buckets.map(({ dormant, usual }) => [dormant?.max, usual?.dormant.max ?? null, usual?.pooled.max]);
    expect(figures).toEqual([
      [120, null, undefined],
      [360, null, undefined],
      [undefined, null, undefined],
      [360, 20, 20],
    ]);
  });
}

async function typed(argv: readonly string[]): Promise<Said> {
  const terminal = await openTerminal({ PATH: process.env['PATH'] ?? '' });
  onTestFinished(() => terminal.close());
  return terminal.type(argv);
}

test('the exported history is replayed', async () => {
  const { code, out } = await typed(['replay', kept('history.ndjson'), '--json']);
  expect(code).toBe(0);
  const told: readonly { at: string; event: string; source: string }[] = JSON.parse(
    `[${out.trim().replaceAll('\n', ',')}]`,
  );
  expect(told.map(({ at, event, source }) => `${at.slice(8, 16)} ${event} ${source}`)).toEqual([
    '19T01:30 firing 192.0.2.0/28',
    '19T02:30 resolved 192.0.2.0/28',
    '19T03:30 firing 203.0.113.0/24',
    '19T04:30 firing 198.51.100.0/26',
    ...[6, 5, 4, 3, 2, 1].map((n) => `19T05:30 firing 10.${n}.0.0/24`),
    '19T07:00 firing 10.9.0.0/24',
    '19T07:30 worse 203.0.113.0/24',
  ]);
});

test('a report as JSON keeps its form and its figures; only sentences may change', async () => {
  const found = (name: string) => new URL(`../fixtures/found/${name}`, import.meta.url).pathname;
  const saved = ['--from', found('dumps/base-dump.json'), '--access-list', found('lists/base-list.json')];
  const { out } = await typed(['report', '--json', ...saved]);
  const wordless = (text: string) =>
    JSON.parse(text, (key, value) => (['at', 'readAt', 'text', 'remedy'].includes(key) ? key : value));
  expect(wordless(out)).toEqual(wordless(await keptText('report.json')));
});

interface Kept extends Message {
  readonly name: string | null;
}

/** A bot on the kept store, in a Slack that has the kept messages where they stood. */
async function bot() {
  const clock = clockAt(NOW);
  let posted = new Date(0);
  const slack = await newSlack({ now: clock.now, posted: () => posted });
  const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl });
  const post = ({ text, blocks, ephemeralTo, threadTs, metadata }: Kept) => {
    const method = ephemeralTo === null ? 'chat.postMessage' : 'chat.postEphemeral';
    const thread = threadTs === null ? {} : { thread_ts: threadTs };
    return client.apiCall(method, { channel: OPS, user: ephemeralTo, text, blocks, metadata, ...thread });
  };
  const { messages, home, modal }: { messages: Kept[]; home: Pick<Message, 'blocks'>; modal: object } = JSON.parse(
    (await keptText('slack.json')).replaceAll('SLACK_URL', slack.url),
  );
  for (const message of messages) {
    posted = new Date(Number(message.ts) * 1_000);
    await post(message);
  }
  posted = clock.now();
  const store = await sqlite();
  onTestFinished(() => store.close());
  const { bot, log } = await openStage({ store, slack, clock, transport: 'http' });
  await bot.start();
  onTestFinished(() => bot.stop());
  slack.deliverTo(`http://127.0.0.1:${portOf({ log })}/slack/events`);
  await emptied(store);
  /** The kept message once more, so that each press finds it as it was. */
  const again = async (name: string): Promise<Message> => {
    const message = messages.find((one) => one.name === name);
    if (message === undefined) throw new Error(`no ${name} was kept`);
    await post({ ...message, threadTs: null });
    return slack.until(() => slack.messages(OPS, ANNA.id).at(-1));
  };
  return { slack, store, log, client, again, home, modal };
}

test('messages of alerts are found by their metadata, and edited where they are', async () => {
  const { slack } = await bot();
  const posted = slack.messages(OPS, '').filter(({ metadata }) => metadata !== undefined);
  const told = posted.filter(({ text }) => /Billing API|Nightly|Worse/.test(text));
  expect(told.map(({ ts, edits, threadTs }) => [ts, edits, threadTs])).toEqual([
    ['1795059015.000000', 1, null],
    ['1795071600.000000', 1, null],
    ['1795075220.000000', 0, '1795059015.000000'],
  ]);
});

const SOURCE = 'Billing API · 203.0.113.0/24';
const REPORT = 'prod — 1,321';
const PRESSES: readonly (readonly [message: string, action: string, shows: string, option?: string])[] = [
  ['acknowledged', 'alert_details', SOURCE],
  ['group', 'group_select', 'Worker 6 · 10.6.0.0/24', 'Worker 6'],
  ['group', 'alert_acknowledge', 'Worker 6, Worker 5, Worker 4'],
  ['report', 'choose_source', SOURCE, 'Billing API'],
  ['report', 'refresh', REPORT],
  ['report', 'nodes', 'prod — 1 node'],
  ['shared', 'choose_source', SOURCE, 'Billing API'],
  ['shared', 'nodes', 'prod — 1 node'],
  ['nodes', 'back', REPORT],
  ['nodes', 'refresh', 'prod — 1 node'],
  ['source', 'back', REPORT],
  ['source', 'refresh', SOURCE],
  ['source', 'history', 'last 24h'],
  ...['1h', '24h', '7d', '35d', '400d'].map((window) => ['history', `history_${window}`, `last ${window}`] as const),
  ['history', 'back', SOURCE],
  ['sources', 'history', 'Worker 1 in prod', 'Worker 1'],
  ['hygiene', 'back', REPORT],
  ['hygiene', 'refresh', 'prod — no findings'],
  ['clusters', 'choose_cluster', 'staging — 20', 'staging'],
  ['choice', 'silence_chosen', 'Billing API in prod'],
  ['board', 'group_select', 'Worker 1 · 10.1.0.0/24', 'Worker 1'],
  ['silence', 'unsilence', 'rule churn'],
];

test('buttons and menus of messages lead to what they led to', async () => {
  const { slack, store, again } = await bot();
  for (const [name, action, shows, option] of PRESSES) {
    const message = await again(name);
    const chosen = option === undefined ? {} : { option: optionOf(message, option) };
    expect((await pressed(slack, message, action, chosen)).text, `${action} of ${name}`).toContain(shows);
  }
  const alerts = await store.alerts({ cluster: null, endedSince: 0 });
  expect(alerts.filter(({ state }) => state === 'acknowledged')).toHaveLength(6);
  expect((await store.silences()).map(({ who, until, hold }) => [who, until, hold]).toSorted()).toEqual([
    ['Billing API', 1795082399999, true],
    ['Web EU', 1795150799999, false],
  ]);
  const { ts } = await again('report');
  await slack.press({ user: ANNA.id, message: { channel: OPS, ts }, actionId: 'share' });
  await slack.until(() => slack.messages(OPS, '').find((one) => one.ts > ts && one.text.includes(REPORT)));
});

test('the buttons of App Home and the form of a silence go on', async () => {
  const { slack, store, log, client, again, home, modal } = await bot();
  await client.apiCall('views.publish', { user_id: ANNA.id, view: { type: 'home', blocks: home.blocks } });
  await slack.press({ user: ANNA.id, message: null, actionId: 'open_cluster' });
  await slack.until(() => JSON.stringify(slack.home(ANNA.id)).includes('1,321'));

  const { ts } = await again('acknowledged');
  await slack.press({ user: ANNA.id, message: { channel: OPS, ts }, actionId: 'alert_silence' });
  await slack.until(() => JSON.stringify(slack.modal(ANNA.id)).includes('Billing API'));

  const values = { duration: { duration: { type: 'radio_buttons', selected_option: { value: '4h' } } } };
  const user = { id: ANNA.id, team_id: 'T0000STAND' };
  const view = { ...modal, id: 'V1', state: { values } };
  const payload = { type: 'view_submission', user, team: { id: 'T0000STAND' }, trigger_id: '1', view };
  const time = String(Date.parse(NOW) / 1_000);
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const said = await toldTo(slack, () => postSigned(slack, { log }, { body, time }));
  expect(said.text).toContain('Web EU');
  const until = Date.parse(NOW) + 4 * HOUR;
  expect(await store.silences()).toContainEqual(
    expect.objectContaining({ source: '198.51.100.0/26', rule: 'dormant-spike', until }),
  );
});
