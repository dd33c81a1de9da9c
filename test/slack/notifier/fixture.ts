// The real notifier between a real store in memory and the stand-in Slack.

import { onTestFinished } from 'vitest';
import { type Alert, alertId } from '../../../src/core/alerting/alert.ts';
import type { Delivery } from '../../../src/core/alerting/delivery.ts';
import type { RoutingSettings } from '../../../src/core/alerting/routing.ts';
import type { Monitor } from '../../../src/core/ports/monitor.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { UserError } from '../../../src/errors.ts';
import { libraryLogger } from '../../../src/slack/client/log.ts';
import { identify } from '../../../src/slack/client/preflight.ts';
import type { NotifierTiming } from '../../../src/slack/client/settings.ts';
import { createWebClients } from '../../../src/slack/client/web-client.ts';
import { createNotifier, type Notifier } from '../../../src/slack/notifier/notifier.ts';
import { DELIVERY_EVENT } from '../../../src/slack/notifier/post.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { type LogLine, recordedLog } from '../../recorded-log.ts';
import { type Ledger, ledgerOf } from '../../sandbox/slack/ledger.ts';
import { ANNA } from '../../sandbox/slack/people.ts';
import type { Message } from '../../sandbox/slack/stand-in.ts';
import { changeOf, KEEP, messageOf, alertOf as sampleAlert } from '../../store/sample.ts';
import { OPS, type Slack } from '../bot-fixture.ts';
import { boardOf } from '../views/watch-sample.ts';

export const TIMING: NotifierTiming = {
  pace: 0,
  horizon: 100,
  idle: 10,
  lease: 60_000,
  retry: { least: 1, most: 5 },
  doubt: 1,
  outage: { least: 5, most: 20 },
  keep: 24 * 3_600_000,
  late: 2 * 60_000,
  draw: 5_000,
  remember: 0,
};

export const ROUTING: RoutingSettings = {
  channel: OPS,
  critical: { channel: null, mention: null },
  routes: [],
  fallback: [ANNA.id],
};

export async function newStore(): Promise<Store> {
  const store = await openSqliteStore({ directory: ':memory:', keep: KEEP, now: () => new Date() });
  onTestFinished(() => store.close());
  return store;
}

export interface NotifierOptions {
  readonly store: Store;
  readonly routing?: Partial<RoutingSettings>;
  readonly timing?: Partial<NotifierTiming>;
  readonly now?: () => Date;
  readonly instance?: string;
  /** Always unless told. */
  readonly mayRefresh?: (minute: number) => Promise<boolean>;
  readonly history?: Monitor['history'];
  readonly timeZone?: string;
}

export interface RunningNotifier {
  readonly notifier: Notifier;
  readonly log: readonly LogLine[];
}

/** Made, not started. */
export async function makeNotifier(slack: Slack, options: NotifierOptions): Promise<RunningNotifier> {
  const log: LogLine[] = [];
  const botLog = await recordedLog(log);
  const { store, now = () => new Date() } = options;
  const nobody = { users: [], groups: [], channels: [] };
  const { botToken, appToken, apiUrl } = slack;
  const settings = {
    transport: { kind: 'socket' as const, botToken, appToken },
    apiUrl,
    command: '/atlas-conns',
    read: nobody,
    act: nobody,
  };
  const clients = createWebClients({ settings, logger: libraryLogger(botLog) });
  const identity = await identify(clients.answers);
  const onTokenGone = (code: string) => botLog.error({ code }, 'the token is gone');
  const notifier = createNotifier({
    monitor: {
      alert: (id) => store.alert(id),
      board: async () => boardOf(await store.alerts({ cluster: null, endedSince: 0 })),
      group: (id) => store.group(id),
      growth: async () => new Map(),
      history: options.history ?? (() => Promise.reject(new UserError('It was never seen.', ''))),
    },
    outbox: store,
    mayRefresh: options.mayRefresh ?? (async () => true),
    routing: { ...ROUTING, ...options.routing },
    instance: options.instance ?? 'one',
    suspected: [],
    command: '/atlas-conns',
    links: () => ({ cluster: null, accessList: null }),
    timeZone: options.timeZone ?? 'UTC',
    clients,
    identity,
    timing: { ...TIMING, ...options.timing },
    now,
    random: () => 0.5,
    log: botLog,
    onTokenGone,
  });
  return { notifier, log };
}

export async function runNotifier(slack: Slack, options: NotifierOptions): Promise<RunningNotifier> {
  const running = await makeNotifier(slack, options);
  running.notifier.start();
  onTestFinished(() => running.notifier.stop(10_000));
  return running;
}

/** An alert that has just fired, in the ops channel unless told. */
export function alertOf(parts: Partial<Alert> = {}): Alert {
  const now = Date.now();
  const since = parts.since ?? now;
  const source = parts.source ?? '203.0.113.0/24';
  const id = alertId({ cluster: 'prod', rule: parts.rule ?? 'dormant-spike', source, node: parts.node ?? null, since });
  return sampleAlert({ id, source, since, judgedAt: now, channel: OPS, ...parts });
}

/** The message of an alert or a group. */
export function messageFor(about: string, parts: Partial<Delivery> = {}): Delivery {
  return messageOf(about, { channel: OPS, at: Date.now(), ...parts });
}

export function replyFor(alert: Alert, number: number, parts: Partial<Delivery> = {}): Delivery {
  const id = `${alert.id}/reply/${number}`;
  return { ...messageFor(alert.id), id, kind: 'reply', text: `Worse: reply ${number}`, ...parts };
}

/** Records and deliveries, written as the watch writes them. */
export async function write(store: Store, change: Parameters<typeof changeOf>[0]): Promise<void> {
  if (!(await store.write(changeOf(change)))) throw new Error('the store did not take the change');
}

/** Resolves when nothing waits in the outbox. */
export async function emptied(store: Store): Promise<void> {
  while ((await store.waiting()).count > 0) await new Promise((resolve) => setImmediate(resolve));
}

/** What the bot has in a channel. */
export function botMessages(slack: Slack, channel = OPS): readonly Message[] {
  return slack.messages(channel, ANNA.id).filter(({ user }) => user === slack.botUser);
}

export function ledger(slack: Slack): Ledger {
  return ledgerOf(slack.calls, DELIVERY_EVENT);
}
