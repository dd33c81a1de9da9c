// One bot of a schedule: the real watch, the real notifier and the real Slack client, on a store and a clock of its own.

import { WebClient } from '@slack/web-api';
import { createMonitor } from '../../src/app/monitor/monitor.ts';
import type { MonitorReports } from '../../src/app/monitor/types.ts';
import type { RoutingSettings } from '../../src/core/alerting/routing.ts';
import type { Monitor } from '../../src/core/ports/monitor.ts';
import type { Store } from '../../src/core/ports/store.ts';
import type { Log } from '../../src/core/ports/telemetry.ts';
import type { Identity } from '../../src/slack/client/decode.ts';
import { libraryLogger } from '../../src/slack/client/log.ts';
import type { NotifierTiming, SlackSettings } from '../../src/slack/client/settings.ts';
import { clientOptions, type WebClients } from '../../src/slack/client/web-client.ts';
import { createNotifier } from '../../src/slack/notifier/notifier.ts';
import { packing } from '../../src/store/packing.ts';
import { seeded } from '../core/detection/days.ts';
import { BOOK, type Host } from './history.ts';

/** Where alerts go: both channels have the bot in them. */
export const CHANNEL = 'C0000DBOPS';
export const CRITICAL = 'C000SECRET';

const ROUTING: RoutingSettings = {
  channel: CHANNEL,
  critical: { channel: CRITICAL, mention: '@db-oncall' },
  routes: [],
  fallback: [],
};

/** As in the bot, with waits that fit into a schedule: what it waits for in Slack takes milliseconds here. */
export const TIMING: NotifierTiming = {
  pace: 0,
  horizon: 100,
  idle: 100,
  lease: 60_000,
  retry: { least: 1, most: 20 },
  // What a bot that was killed posts a moment later must be seen by the one after it, which takes over at once.
  doubt: 400,
  outage: { least: 5, most: 20 },
  keep: 24 * 3_600_000,
  late: 2 * 60_000,
  draw: 5_000,
  remember: 60_000,
};

export interface BotInput {
  readonly reports: MonitorReports;
  readonly store: Store;
  readonly openStandIn: () => Promise<Store>;
  readonly host: Pick<Host, 'now' | 'wait'>;
  readonly instance: string;
  readonly apiUrl: string;
  readonly botToken: string;
  readonly identity: Identity;
  /** What a call of Slack's may take, in milliseconds. */
  readonly callMs: number;
  readonly timing: NotifierTiming;
  readonly log: Log;
}

export interface Bot {
  readonly monitor: Monitor;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createChaosBot(input: BotInput): Bot {
  const { store, instance, reports, log } = input;
  const { now, wait } = input.host;
  const random = seeded([...instance].reduce((sum, char) => 31 * sum + char.charCodeAt(0), 7));
  const watch = createMonitor({
    packing,
    ...{ reports, store, instance, now, wait, random, log },
    book: BOOK,
    routing: ROUTING,
    schedules: { default: '* * * * *', clusters: [] },
    timeZone: 'UTC',
    signal: new AbortController().signal,
    onDecided: () => notifier.poke(),
    direct: (text) => notifier.direct(text),
    openStandIn: input.openStandIn,
  });
  const notifier = createNotifier({
    ...{ instance, now, random, log },
    monitor: watch.monitor,
    outbox: watch.outbox,
    mayRefresh: watch.mayRefresh,
    routing: ROUTING,
    suspected: [],
    command: '/atlas-conns',
    links: () => ({ cluster: null, accessList: null }),
    clients: clientsOf(input),
    identity: input.identity,
    timing: input.timing,
    onTokenGone: (code) => log.error({ code }, 'the token is gone'),
  });
  return {
    monitor: watch.monitor,
    async start() {
      await watch.start();
      notifier.start();
    },
    async stop() {
      await Promise.all([watch.stop(), notifier.stop(10_000)]);
    },
  };
}

function clientsOf({ botToken, apiUrl, callMs, log }: BotInput): WebClients {
  const nobody = { users: [], groups: [], channels: [] };
  const settings: SlackSettings = {
    transport: { kind: 'socket', botToken, appToken: '' },
    apiUrl,
    command: '/atlas-conns',
    read: nobody,
    act: nobody,
  };
  const options = { ...clientOptions({ settings, logger: libraryLogger(log) }, 0), timeout: callMs };
  const posts = new WebClient(botToken, { ...options, rejectRateLimitedCalls: true });
  return { answers: new WebClient(botToken, options), posts };
}
