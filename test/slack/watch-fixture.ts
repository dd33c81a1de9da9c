// The real bot with a real watch on a store in memory, and the stand-in Slack: for what people write and press.

import { onTestFinished } from 'vitest';
import { createMonitor } from '../../src/app/monitor/monitor.ts';
import type { Alert } from '../../src/core/alerting/alert.ts';
import type { Delivery } from '../../src/core/alerting/delivery.ts';
import { DEFAULT_BOOK } from '../../src/core/detection/rules.ts';
import type { Monitor } from '../../src/core/ports/monitor.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { packing } from '../../src/store/packing.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import type { Message } from '../sandbox/slack/stand-in.ts';
import { changeOf, headOf, KEEP, snapshotOf } from '../store/sample.ts';
import {
  type BotOptions,
  OPS,
  prodReport,
  type Running,
  runBot,
  type Slack,
  type TestDesk,
  testDesk,
} from './bot-fixture.ts';
import { emptied, TIMING as NOTIFIER_TIMING, ROUTING } from './notifier/fixture.ts';
import { alertOn, TEN } from './views/watch-sample.ts';

export const BILLING = '203.0.113.0/24';
export const WEB = '203.0.113.64/26';
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface Watched extends Running {
  readonly reports: TestDesk;
  readonly store: Store;
  readonly monitor: Monitor;
  /** Milliseconds since 1970; tests move it. */
  readonly clock: { now: number };
}

export interface WatchedOptions extends BotOptions {
  readonly alerts?: readonly Alert[];
  readonly clusters?: readonly string[];
  /** What the faces see in place of the watch. */
  readonly seenAs?: (monitor: Monitor) => Monitor;
}

/** Three readings of an hour ago on, Billing API and Web EU in them; then the bot. */
export async function watchedBot(slack: Slack, options: WatchedOptions = {}): Promise<Watched> {
  const clock = { now: TEN };
  const now = () => new Date(clock.now);
  const { alerts = [], clusters = ['prod'] } = options;
  const store = await openSqliteStore({ directory: ':memory:', keep: KEEP, now });
  onTestFinished(() => store.close());
  for (const cluster of clusters) await readings(store, cluster);
  if (alerts.length > 0) await written(store, { alerts, deliveries: alerts.map(messageFor) });
  const reports = testDesk(Object.fromEntries(clusters.map((cluster) => [cluster, prodReport])));
  let poke = () => {};
  const { monitor } = createMonitor({
    packing,
    reports: { clusters: reports.clusters, report: reports.report, headroom: async () => [] },
    store,
    book: DEFAULT_BOOK,
    routing: ROUTING,
    schedules: { default: '*/5 * * * *', clusters: [] },
    timeZone: 'UTC',
    instance: 'ABC12',
    now,
    random: () => 0.5,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    signal: new AbortController().signal,
    onDecided: () => poke(),
    direct: async () => true,
  });
  const seen = options.seenAs?.(monitor) ?? monitor;
  const watchedDesk: TestDesk = Object.assign(reports, { monitor: seen });
  const running = await runBot(slack, {
    ...options,
    reports: watchedDesk,
    now,
    timing: { notifier: NOTIFIER_TIMING, ...options.timing },
    watch: {
      monitor,
      outbox: store,
      mayRefresh: async () => true,
      routing: ROUTING,
      instance: 'ABC12',
      links: () => ({ cluster: null, accessList: null }),
    },
  });
  poke = running.bot.poke;
  await emptied(store);
  return { ...running, reports: watchedDesk, store, monitor, clock };
}

async function readings(store: Store, cluster: string): Promise<void> {
  for (const [index, ago] of [65 * MINUTE, 60 * MINUTE, 5 * MINUTE].entries()) {
    const snapshot = snapshotOf({ cluster, at: TEN - ago, holding: { [BILLING]: [4, 60 + index], [WEB]: [1, 20] } });
    const named = snapshot.sources.map((source) => ({
      ...source,
      name: source.id === BILLING ? 'Billing API' : 'Web EU',
    }));
    const reading = { slot: TEN - ago, snapshot: { ...snapshot, sources: named } };
    await written(store, { cluster, reading, head: headOf(index + 1, TEN - ago) });
  }
}

export async function written(store: Store, change: Parameters<typeof changeOf>[0]): Promise<void> {
  if (!(await store.write(changeOf(change)))) throw new Error('the store did not take the change');
}

/** The alert's message in the ops channel. */
export function messageFor({ id }: Pick<Alert, 'id'>): Delivery {
  const base = { kind: 'message', text: null, broadcast: false, mentions: [], refresh: null, cluster: 'prod' } as const;
  return { ...base, id: `${id}/message`, about: id, channel: OPS, at: TEN };
}

export const billingFires = alertOn(BILLING);
export const webFires = alertOn(WEB, {
  id: 'web',
  who: 'Web EU',
  value: 200,
  what: '200 dormant connections, usually 20',
});

/** The message of an alert, once the notifier has posted it. */
export function alertMessage(slack: Slack, who: string) {
  return slack.until(() =>
    slack.messages(OPS, '').find(({ text, ephemeralTo }) => ephemeralTo === null && text.includes(who)),
  );
}

const key = ({ ts, edits }: Message) => `${ts} ${edits}`;

/** What a person alone is shown after `act`; the alerts' messages are edited meanwhile. */
export async function toldTo(slack: Slack, act: () => Promise<unknown>, user: string = ANNA.id): Promise<Message> {
  const mine = () => slack.messages(OPS, user).filter(({ ephemeralTo }) => ephemeralTo === user);
  const before = new Set(mine().map(key));
  await act();
  return slack.until(() => mine().findLast((message) => !before.has(key(message))));
}

/** A press on a message that is for all, or on one's own. */
export function pressed(
  slack: Slack,
  message: Message,
  actionId: string,
  more: { user?: string; option?: string } = {},
) {
  const { user = ANNA.id, ...option } = more;
  const { channel, ts } = message;
  return toldTo(slack, () => slack.press({ user, message: { channel, ts }, actionId, ...option }), user);
}
