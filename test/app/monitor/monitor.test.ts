import { expect, test } from 'vitest';
import { NO_PAST } from '../../../src/core/diagnosis/past.ts';
import { ConfigError } from '../../../src/errors.ts';
import { HOUR, MINUTE, never, type Scene, SOURCES, scene } from './scene.ts';
import { readingsIn } from './watched-store.ts';

const [BILLING = '', VPC = ''] = SOURCES;
const loud = (source: string) => (asked: string) => (asked === source ? 250 : 20);

async function watched(made: Scene) {
  const { store, delivered } = await made.store();
  const { monitor, start } = made.replica(store);
  await start();
  return { monitor, store, delivered, kinds: () => delivered.map(({ kind }) => kind) };
}

test('a source above its line in two readings is one alert with one message; back below, it ends with a reply', async () => {
  const made = scene();
  const { monitor, kinds, delivered } = await watched(made);
  await made.clock.pass(16 * MINUTE);
  expect(kinds()).toEqual([]);
  made.play.dormant = loud(VPC);
  await made.clock.pass(10 * MINUTE);
  const { alerts, waiting } = await monitor.board(never);
  expect(alerts).toMatchObject([{ rule: 'dormant-threshold', source: VPC, state: 'firing', value: 250, version: 1 }]);
  expect(kinds()).toEqual(['message']);
  expect(waiting.count).toBe(1);
  made.play.dormant = () => 20;
  await made.clock.pass(30 * MINUTE);
  expect((await monitor.board(never)).alerts).toMatchObject([{ state: 'ended' }]);
  expect(kinds().filter((kind) => kind === 'reply')).toHaveLength(1);
  expect(new Set(delivered.map(({ about }) => about)).size).toBe(1);
});

test('a reading that failed is kept as one that failed, and a cluster that cannot be read is an alert of its own', async () => {
  const made = scene();
  const { monitor, store } = await watched(made);
  await made.clock.pass(6 * MINUTE);
  made.play.problem = 'Atlas does not answer.';
  await made.clock.pass(15 * MINUTE);
  const kept = await readingsIn(store);
  expect(kept.map(({ problem }) => problem)).toEqual([null, ...Array(3).fill('Atlas does not answer.')]);
  expect((await monitor.board(never)).alerts).toMatchObject([{ rule: 'unreadable', state: 'firing' }]);
  expect((await monitor.status()).clusters).toMatchObject([{ name: 'prod', lastFailed: true }]);
});

test('for its first day a cluster is told to have nothing usual yet, and not after that', async () => {
  const made = scene();
  const { monitor, store } = await watched(made);
  expect((await monitor.board(never)).learning).toEqual([]);
  await made.clock.pass(6 * MINUTE);
  const [first] = await readingsIn(store);
  const { learning } = await monitor.board(never);
  expect(learning).toEqual([{ cluster: 'prod', until: (first?.at ?? 0) + 24 * HOUR }]);
  await made.clock.pass(23 * HOUR);
  expect((await monitor.board(never)).learning).toEqual(learning);
  await made.clock.pass(HOUR);
  expect((await monitor.board(never)).learning).toEqual([]);
});

test('the past of a cluster is nothing before its first reading, then that of each of its sources and nodes', async () => {
  const made = scene();
  const { monitor } = await watched(made);
  expect(await monitor.past('prod', never)).toBe(NO_PAST);
  await made.clock.pass(11 * MINUTE);
  const past = await monitor.past('prod', never);
  expect(Object.keys(past.sources).toSorted()).toEqual([...SOURCES].toSorted());
  expect(past.sources[BILLING]?.last).toMatchObject({ dormant: 20 });
  expect(Object.keys(past.nodes)).toEqual(['shard-00-00.abcde.mongodb.net:27017']);
  expect([past.elected, past.moment]).toEqual([null, { at: made.clock.now().getTime(), offset: 0 }]);
  // By reference: nothing is copied for an answer.
  expect((await monitor.past('prod', never)).sources).toBe(past.sources);
});

test('a cluster that is paused is said once and left: no reading, no alert, and what was open ends', async () => {
  const made = scene();
  const { monitor } = await watched(made);
  made.play.dormant = loud(BILLING);
  await made.clock.pass(16 * MINUTE);
  expect((await monitor.board(never)).alerts).toMatchObject([{ state: 'firing' }]);
  made.play.clusters = [];
  made.play.left = [{ name: 'prod', reason: 'it is paused' }];
  const before = made.play.readings.length;
  await made.clock.pass(HOUR);
  expect(made.play.readings.length).toBe(before);
  expect(made.log.filter(({ message }) => message === 'cluster is no longer watched')).toHaveLength(1);
  expect((await monitor.board(never)).alerts).toMatchObject([
    { state: 'ended', endReason: 'the cluster is no longer read: it is paused' },
  ]);
  made.play.clusters = ['prod'];
  made.play.left = [];
  await made.clock.pass(11 * MINUTE);
  expect(made.play.readings.length).toBeGreaterThan(before);
});

test('a node that fills up, or turns people away, is told within a minute, not with the next reading', async () => {
  const made = scene();
  const { monitor, store } = await watched(made);
  await made.clock.pass(6 * MINUTE);
  made.play.current = 1_400;
  await made.clock.pass(MINUTE);
  const [full] = (await monitor.board(never)).alerts;
  expect(full).toMatchObject({ rule: 'node-headroom', severity: 'critical' });
  made.play.rejected = 7;
  await made.clock.pass(MINUTE);
  const refused = async () => (await monitor.board(never)).alerts.find(({ rule }) => rule === 'rejected');
  expect(await refused()).toMatchObject({ severity: 'critical', value: 7 });
  const scheduled = async () => (await readingsIn(store)).filter(({ extra }) => extra !== true);
  expect(await scheduled()).toHaveLength(1);
  // Whom a look has told of is no news to the next look, nor to the next reading.
  await made.clock.pass(4 * MINUTE);
  expect(await scheduled()).toHaveLength(2);
  expect(await refused()).toMatchObject({ peak: 7, refires: 0 });
  expect(await refused()).not.toMatchObject({ value: 7 });
});

test('a silence keeps quiet what it is about, and ends by itself: what still fires is told then', async () => {
  const made = scene();
  const { monitor, kinds } = await watched(made);
  const until = made.clock.now().getTime() + 30 * MINUTE;
  const request = {
    cluster: 'prod',
    source: VPC,
    node: null,
    rule: null,
    who: 'VPC',
    until,
    reason: null,
    hold: false,
  };
  await monitor.silence({ request, by: 'U1', signal: never });
  made.play.dormant = loud(VPC);
  await made.clock.pass(25 * MINUTE);
  expect((await monitor.board(never)).alerts).toMatchObject([{ state: 'silenced' }]);
  expect(kinds()).toEqual([]);
  await made.clock.pass(6 * MINUTE);
  const board = await monitor.board(never);
  expect(board.alerts).toMatchObject([{ state: 'firing' }]);
  expect(board.silences).toEqual([]);
  expect(kinds()).toContain('message');
});

test('who acknowledges and who ends a silence is on the record, and a second time changes nothing', async () => {
  const made = scene();
  const { monitor, kinds } = await watched(made);
  made.play.dormant = loud(VPC);
  await made.clock.pass(11 * MINUTE);
  const [alert] = (await monitor.board(never)).alerts;
  const alerts = [alert?.id ?? '', 'no such alert'];
  const both = await Promise.all(['U1', 'U2'].map((by) => monitor.acknowledge({ alerts, by, signal: never })));
  expect(both.map(([one]) => one?.lastAction?.by)).toEqual(['U1', 'U1']);
  expect(kinds()).toEqual(['message', 'message']);
  const until = made.clock.now().getTime() + HOUR;
  const request = {
    cluster: null,
    source: VPC,
    node: null,
    rule: null,
    who: 'VPC',
    until,
    reason: 'deploy',
    hold: false,
  };
  const silence = await monitor.silence({ request, by: 'U1', signal: never });
  expect(await monitor.alert(alert?.id ?? '', never)).toMatchObject({
    state: 'silenced',
    lastAction: { reason: 'deploy' },
  });
  const ended = await monitor.unsilence({ silences: [silence.id], by: 'U2', signal: never });
  expect(ended).toMatchObject([{ id: silence.id, endedAt: made.clock.now().getTime() }]);
  expect(await monitor.unsilence({ silences: [silence.id], by: 'U3', signal: never })).toEqual([]);
  expect(await monitor.alert(alert?.id ?? '', never)).toMatchObject({ state: 'firing' });
});

test('a reading that is slower than its schedule is not taken twice at once, and status counts what was left out', async () => {
  const made = scene();
  const { monitor } = await watched(made);
  made.play.takes = 12 * MINUTE;
  await made.clock.pass(30 * MINUTE);
  expect((await monitor.status()).clusters).toMatchObject([{ name: 'prod', skipped: 4 }]);
  const began = made.play.readings.map(({ at }) => new Date(at).toISOString().slice(11, 16));
  expect(began).toEqual(['10:05']);
});

test('status says schedule, last and next reading, and who holds it', async () => {
  const made = scene();
  const { monitor } = await watched(made);
  await made.clock.pass(7 * MINUTE);
  const at = (time: string) => Date.parse(`2026-11-21T${time}:00Z`);
  expect(await monitor.status()).toEqual({
    store: { kind: 'sqlite', where: ':memory:', awaySince: null, problem: null },
    unwatched: null,
    unwritten: 0,
    lost: 0,
    waiting: { count: 0, oldest: null },
    clusters: [
      {
        name: 'prod',
        schedule: '*/5 * * * *',
        last: at('10:05'),
        lastFailed: false,
        next: at('10:10'),
        holder: 'A',
        skipped: 0,
      },
    ],
  });
});

test('schedules that are none are named, all at once, before anything is read', async () => {
  const made = scene();
  const { store } = await made.store();
  const { start } = made.replica(store, { schedule: '*/5 * * *' });
  await expect(start()).rejects.toThrow(ConfigError);
  await expect(start()).rejects.toThrow('The schedule "*/5 * * *" is not a cron expression');
  expect(made.play.readings).toEqual([]);
});
