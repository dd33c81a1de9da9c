// 300 open alerts in 100 clusters, minutes long, on a clock that the test moves: Slack takes fifty edits a minute, and
// what only refreshes figures makes nothing else late.

import { expect, onTestFinished, test } from 'vitest';
import type { Alert } from '../../../src/core/alerting/alert.ts';
import type { Delivery } from '../../../src/core/alerting/delivery.ts';
import type { Outbox, Store } from '../../../src/core/ports/store.ts';
import { openMongoStore } from '../../../src/store/mongodb/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { useRealSet } from '../../cluster/real.ts';
import { KEEP } from '../../store/sample.ts';
import { newSlack, type Slack } from '../bot-fixture.ts';
import { alertOf, emptied, makeNotifier, messageFor, replyFor, runNotifier, write } from './fixture.ts';

const MINUTE = 60_000;
const STEP = 500;
const T = Date.parse('2026-11-21T10:00:00Z');
const CHANNELS = ['C0000DBOPS', 'C000SECRET'];
const CRITICAL = 12;

const { real } = useRealSet({ members: 1 });

interface Clock {
  at: number;
}

const alerts = Array.from({ length: 300 }, (_, index) => {
  const cluster = `cluster-${Math.floor(index / 3)}`;
  const severity = index % 25 === 0 ? 'critical' : 'warning';
  const alert = alertOf({ cluster, source: `10.${index}.0.0/16`, severity, since: T, judgedAt: T });
  return { ...alert, id: `${cluster}/${index}`, channel: CHANNELS[index % 2] ?? null };
});

/** An outbox that knows when everything that was due is done. */
function watched(outbox: Store) {
  let [started, needed, seen, out] = [0, 0, 0, 0];
  let isOpen = false;
  const settled = async (work: Promise<void>) => {
    await work;
    out -= 1;
    needed = started + 1;
  };
  const store: Store = {
    ...outbox,
    async take(taking: Parameters<Outbox['take']>[0]) {
      // Timers of the loop run on the real clock: what they wake finds nothing.
      if (!isOpen) return [];
      const turn = ++started;
      const taken = await outbox.take(taking);
      out += taken.length;
      if (taken.length === 0) seen = turn;
      return taken;
    },
    sent: (taken, place) => settled(outbox.sent(taken, place)),
    postponed: (taken, at) => settled(outbox.postponed(taken, at)),
    doubted: (taken, at) => settled(outbox.doubted(taken, at)),
    dropped: (taken) => settled(outbox.dropped(taken)),
    async claim(claim) {
      out += 1;
      const isOurs = await outbox.claim(claim);
      out -= 1;
      needed = started + 1;
      return isOurs;
    },
  };
  const quiet = async (poke: () => void) => {
    isOpen = true;
    needed = started + 1;
    poke();
    while (out > 0 || seen < needed) await new Promise((resolve) => setImmediate(resolve));
    isOpen = false;
  };
  return { store, quiet };
}

type Watched = ReturnType<typeof watched>;

async function replica(
  slack: Slack,
  { store, quiet }: Watched,
  { clock, instance }: { clock: Clock; instance: string },
) {
  const { notifier } = await makeNotifier(slack, {
    store,
    instance,
    now: () => new Date(clock.at),
    // What has no slot goes back to the outbox at once: no wait in real time.
    timing: { pace: 1_000, horizon: 0, remember: 3_600_000 },
    mayRefresh: (minute) => store.claim({ cluster: '#refresh', slot: minute, instance }),
  });
  notifier.start();
  onTestFinished(() => notifier.stop(10_000));
  return { stop: () => notifier.stop(10_000), quiet: () => quiet(() => notifier.poke()) };
}

interface Seen {
  readonly at: number;
  readonly id: string;
  readonly kind: 'edit' | 'refresh' | 'post';
}

/** The alerts, with their messages in Slack. */
async function everyAlertPosted(slack: Slack, store: Store, clock: Clock): Promise<void> {
  for (const alert of alerts)
    await write(store, {
      cluster: alert.cluster,
      alerts: [alert],
      deliveries: [messageFor(alert.id, { channel: alert.channel, at: clock.at })],
    });
  const { notifier } = await runNotifier(slack, { store, now: () => new Date(clock.at), timing: { remember: MINUTE } });
  await emptied(store);
  await notifier.stop(10_000);
}

/**
 * What is decided in a step: each cluster is read once a minute; now and then something changes, or is said. No two posts
 * are decided in one second, because replicas do not know of each other's.
 */
function decidedAt(at: number): readonly Delivery[] {
  const passed = at - T;
  const second = Math.floor(passed / 1_000) % 60;
  if (passed % 1_000 !== 0) return [];
  const read = alerts.filter((_, index) => Math.floor((Math.floor(index / 3) * 60) / 100) === second);
  const refreshes = read.map(({ id, channel, severity }) => messageFor(id, { channel, at, refresh: severity }));
  const next = (every: number, offset: number) =>
    passed % every === offset ? [alerts[(7 * Math.floor(passed / every) + offset) % 300] ?? null] : [];
  const changed = [
    ...next(10_000, 1_000),
    // Many at once: with the refreshes of the last minute, fifty, although replicas know only their own.
    ...(passed % 90_000 === 40_000 ? alerts.slice(100, 113) : []),
  ].filter((alert) => alert !== null);
  const answered = next(10_000, 3_000).filter((alert) => alert !== null);
  return [
    ...refreshes,
    ...changed.map(({ id, channel }) => messageFor(id, { channel, at })),
    ...answered.map((alert) => replyFor(alert, passed, { channel: alert.channel, at })),
    ...(passed % 10_000 === 6_000 ? [noteFor(at)] : []),
  ];
}

function noteFor(at: number): Delivery {
  return { ...messageFor('n', { at }), id: `note/${at}`, kind: 'note', about: null, text: 'A note.' };
}

/** Runs the minutes and checks each step. @returns what Slack took */
async function run(input: {
  readonly slack: Slack;
  readonly store: Store;
  readonly clock: Clock;
  readonly minutes: number;
  readonly quiet: () => Promise<void>;
  readonly onMinute?: (minute: number) => Promise<void>;
}): Promise<readonly Seen[]> {
  const { slack, store, clock } = input;
  const seen: Seen[] = [];
  const waiting = new Map<string, { readonly severity: Alert['severity']; readonly since: number }>();
  let known = slack.calls.length;
  for (const from = clock.at; clock.at < from + input.minutes * MINUTE; clock.at += STEP) {
    if ((clock.at - from) % MINUTE === 0) await input.onMinute?.((clock.at - from) / MINUTE);
    const decided = decidedAt(clock.at);
    if (decided.length > 0) await write(store, { deliveries: decided });
    const due = new Set<string>();
    for (const { id, refresh, at } of decided) {
      if (refresh === null) due.add(id);
      else if (!due.has(id) && !waiting.has(id)) waiting.set(id, { severity: refresh, since: at });
    }
    for (const id of due) waiting.delete(id);
    await input.quiet();
    for (const { method, body, result } of slack.calls.slice(known)) {
      if (!method.startsWith('chat.') || method === 'chat.getPermalink') continue;
      expect([method, result]).toEqual([method, 'ok']);
      const id = idIn(body['metadata']);
      if (method === 'chat.postMessage' || due.has(id)) {
        seen.push({ at: clock.at, id, kind: method === 'chat.update' ? 'edit' : 'post' });
        due.delete(id);
        continue;
      }
      const mine = waiting.get(id);
      const best = [...waiting.values()].toSorted(
        (a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning') || a.since - b.since,
      )[0];
      expect(mine, id).toEqual(best);
      waiting.delete(id);
      seen.push({ at: clock.at, id, kind: 'refresh' });
    }
    known = slack.calls.length;
    expect(
      [...due].filter((id) => id.endsWith('/message')),
      'every change arrives in the step of its decision',
    ).toEqual([]);
  }
  return seen;
}

function idIn(metadata: unknown): string {
  const { event_payload: payload } = metadata as { readonly event_payload: { readonly id: string } };
  return payload.id;
}

/** The most within any minute. */
function mostInAMinute(times: readonly number[]): number {
  return Math.max(...times.map((to) => times.filter((at) => at > to - MINUTE && at <= to).length));
}

function mustKeepTheLimits(seen: readonly Seen[], minutes: number): void {
  const times = (...kinds: readonly Seen['kind'][]) =>
    seen.filter(({ kind }) => kinds.includes(kind)).map(({ at }) => at);
  expect(mostInAMinute(times('edit', 'refresh'))).toBeLessThanOrEqual(50);
  expect(mostInAMinute(times('refresh'))).toBeLessThanOrEqual(25);
  for (let minute = 0; minute < minutes; minute++) {
    const from = T + minute * MINUTE;
    expect(times('refresh').filter((at) => at >= from && at < from + MINUTE).length).toBeGreaterThanOrEqual(5);
  }
  for (const { id, at } of seen.filter(({ kind }) => kind === 'post')) {
    const decided = id.startsWith('note/') ? Number(id.slice(5)) : T + Number(id.split('/').at(-1));
    expect(at - decided, id).toBe(0);
  }
  const critical = new Set(alerts.filter(({ severity }) => severity === 'critical').map(({ id }) => `${id}/message`));
  const shown = new Set(seen.filter(({ id }) => critical.has(id)).map(({ id }) => id));
  expect(shown.size).toBe(CRITICAL);
}

test('one bot: never more than fifty edits in any minute, half of them refreshes, and nothing else is late', async () => {
  const clock = { at: T };
  const now = () => new Date(clock.at);
  const slack = await newSlack({ now });
  const store = await openSqliteStore({ directory: ':memory:', keep: KEEP, now });
  onTestFinished(() => store.close());
  await everyAlertPosted(slack, store, clock);
  slack.faults.pace(true);
  const { quiet } = await replica(slack, watched(store), { clock, instance: 'one' });
  const seen = await run({ slack, store, clock, minutes: 4, quiet });
  mustKeepTheLimits(seen, 4);
});

test('two replicas with one store, one of which goes away: the same', async () => {
  const clock = { at: T };
  const now = () => new Date(clock.at);
  const slack = await newSlack({ now });
  const opened = async () => {
    const store = await openMongoStore({ uri: real().uri('app').replace('/?', '/crowd?'), keep: KEEP, now });
    onTestFinished(() => store.close());
    return store;
  };
  const [store, other] = [await opened(), await opened()];
  await everyAlertPosted(slack, store, clock);
  slack.faults.pace(true);
  const replicas = [
    await replica(slack, watched(store), { clock, instance: 'one' }),
    await replica(slack, watched(other), { clock, instance: 'two' }),
  ];
  const seen = await run({
    ...{ slack, store, clock },
    minutes: 4,
    async quiet() {
      await Promise.all(replicas.map((one) => one.quiet()));
    },
    async onMinute(minute) {
      if (minute === 2) await replicas.shift()?.stop();
    },
  });
  mustKeepTheLimits(seen, 4);
});
