// The real bot on the stand-in Slack, with a desk that answers from reports made by hand.

import { onTestFinished } from 'vitest';
import { createShownReadings } from '../../src/app/clusters/shown-readings.ts';
import type { ConnectionReport } from '../../src/core/connections/report.ts';
import type { ReportAnswer, ReportService, ShownReadings } from '../../src/core/ports/reports.ts';
import { UpstreamError, UserError } from '../../src/errors.ts';
import { type Bot, type BotInput, createBot } from '../../src/slack/bot.ts';
import type { SlackSettings, Timing } from '../../src/slack/client/settings.ts';
import { packing } from '../../src/store/packing.ts';
import { connections, range, reportOn } from '../core/fixtures.ts';
import { type LogLine, recordedLog } from '../recorded-log.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import { PATIENT_MS, type SlackControls, type SlackOptions, startSlack } from '../sandbox/slack/server.ts';
import type { Message, SlackStandIn } from '../sandbox/slack/stand-in.ts';

export type Slack = SlackStandIn & SlackControls;
export const OPS = 'C0000DBOPS';

/** Three sources: Billing API, Web EU and an unlisted address. */
export const prodReport: ConnectionReport = reportOn({
  groups: [
    connections('203.0.113.9:1', { count: 40 }),
    connections('203.0.113.70:1', { count: 20, app: 'web' }),
    connections('198.51.100.9:1', { count: 5, app: 'etl' }),
  ],
  entries: [range('203.0.113.0/24', 'Billing API'), range('203.0.113.64/26', 'Web EU')],
});
export const unreadReport: ConnectionReport = {
  ...prodReport,
  complete: false,
  sources: [],
  nodes: [
    { host: 'a:27017', problem: { code: 'auth', text: 'a:27017 refuses the password.', remedy: 'Set the right one.' } },
  ],
};

export interface TestDesk extends ReportService {
  /** By cluster; tests change them. A function may wait or throw. */
  readonly reports: Map<string, ConnectionReport | (() => Promise<ConnectionReport>)>;
  /** Clusters asked for, with ` fresh` behind it. */
  readonly asked: string[];
  readonly lastAnswers: Map<string, ReportAnswer>;
  /** What keeps the clusters from being listed: told beside none of them, as the fleet does where Atlas fails. */
  listingFails: Error | null;
  /** From the settings; null for none. */
  defaultCluster: string | null;
}

const version = '1.2.3';
const log = { warn() {} };

/** @param shown where it keeps what people look at; left out, in memory alone, as while the store is away */
export function testDesk(
  clusters: Readonly<Record<string, ConnectionReport>> = { prod: prodReport },
  shown: ShownReadings = createShownReadings({ store: awayStore, packing, version, now: () => new Date(), log }),
): TestDesk {
  const reports: TestDesk['reports'] = new Map(Object.entries(clusters));
  const names = () => [...reports.keys()];
  const desk: TestDesk = {
    reports,
    asked: [],
    lastAnswers: new Map(),
    listingFails: null,
    defaultCluster: null,
    async clusters() {
      const failed = desk.listingFails;
      if (failed instanceof UpstreamError)
        return { names: [], left: [], projects: [], problems: [failed.problem], defaultCluster: null };
      if (failed !== null) throw failed;
      const only = reports.size === 1 ? (names()[0] ?? null) : null;
      return { names: names(), left: [], projects: [], problems: [], defaultCluster: desk.defaultCluster ?? only };
    },
    async report(cluster, { fresh = false, signal }) {
      desk.asked.push(fresh ? `${cluster} fresh` : cluster);
      const given = reports.get(cluster);
      if (given === undefined) throw new UserError(`I don't know a cluster "${cluster}".`, 'Ask for another.');
      const report = typeof given === 'function' ? await unlessAborted(given(), signal) : given;
      const answer = { report: { ...report, cluster }, ageMs: 0 };
      if (report.nodes.some((node) => !('problem' in node))) desk.lastAnswers.set(cluster, answer);
      return answer;
    },
    async hygiene(cluster, options) {
      const { report } = await desk.report(cluster, options);
      const { findings, problems, accessList, at } = report;
      const clusters = [{ name: cluster, since: null, isLong: false }];
      return { clusters, unread: [], findings, problems, accessList, at };
    },
    last: (cluster) => desk.lastAnswers.get(cluster) ?? null,
    async status() {
      const clusters = names().map((name) => ({
        name,
        lastReadAt: null,
        tookMs: null,
        nodesRead: null,
        nodesKnown: null,
      }));
      return {
        version: '1.2.3',
        instance: 'ABC12',
        startedAt: '2026-11-21T10:00:00.000Z',
        clusters,
        left: [],
        problems: [],
        watch: null,
      };
    },
    shown,
    monitor: null,
    pools: null,
  };
  return desk;
}

const away = () =>
  Promise.reject(new UpstreamError({ code: 'store-away', text: 'The store is away.', remedy: 'Wait.' }));
const awayStore = { keepShown: away, shown: away };

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const ended = Promise.withResolvers<never>();
  const end = () => ended.reject(signal.reason);
  signal.addEventListener('abort', end);
  try {
    return await Promise.race([work, ended.promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

export interface Running {
  readonly bot: Bot;
  readonly log: readonly LogLine[];
}

export interface BotOptions {
  readonly reports?: ReportService;
  readonly read?: Partial<SlackSettings['read']>;
  readonly act?: Partial<SlackSettings['act']>;
  readonly transport?: 'socket' | 'http';
  readonly timing?: Partial<Timing>;
  readonly now?: () => Date;
  readonly random?: () => number;
  readonly watch?: BotInput['watch'];
  readonly signal?: AbortSignal;
  /** Taken where it is looked at before the bot is made. */
  readonly log?: LogLine[];
}

/** Made, not started. */
export async function makeBot(slack: Slack, options: BotOptions = {}): Promise<Running> {
  const { botToken, appToken, signingSecret } = slack;
  const { log = [], signal } = options;
  const input: BotInput = {
    settings: {
      transport:
        options.transport === 'http'
          ? { kind: 'http', botToken, signingSecret, port: 0, host: '127.0.0.1' }
          : { kind: 'socket', botToken, appToken },
      apiUrl: slack.apiUrl,
      command: '/atlas-conns',
      read: { users: [], groups: [], channels: [], ...options.read },
      act: { users: [], groups: [], channels: [], ...options.act },
      timeZone: 'UTC',
    },
    reports: options.reports ?? testDesk(),
    log: await recordedLog(log),
    now: options.now ?? (() => new Date()),
    random: options.random ?? (() => 0.5),
    version: '1.2.3',
    watch: options.watch ?? null,
    ...(signal !== undefined && { signal }),
    timing: { reconnect: { least: 10, most: 100 }, ...options.timing },
  };
  return { bot: await createBot(input), log };
}

export async function runBot(slack: Slack, options: BotOptions = {}): Promise<Running> {
  const running = await makeBot(slack, options);
  await running.bot.start();
  onTestFinished(() => running.bot.stop());
  const address = running.log.find(({ message }) => message === 'listening for Slack')?.['address'];
  if (typeof address === 'object' && address !== null && 'port' in address) {
    slack.deliverTo(`http://127.0.0.1:${address.port}/slack/events`);
  }
  return running;
}

/** A Slack of its own, which ends with the test. */
export async function newSlack(options: SlackOptions = {}): Promise<Slack> {
  const slack = await startSlack({ ackMs: PATIENT_MS, ...options });
  onTestFinished(() => slack.close());
  return slack;
}

export interface Place {
  readonly user?: string;
  readonly channel?: string;
}

const key = ({ ts, edits }: Message) => `${ts} ${edits}`;
const isReading = ({ text }: Message) => text.startsWith('Reading ');

/** What the bot shows after `act`, once it is more than that it is reading. */
export async function answerTo(slack: Slack, act: () => Promise<unknown>, place: Place = {}): Promise<Message> {
  const { user = ANNA.id, channel = OPS } = place;
  const before = new Set(slack.messages(channel, user).map(key));
  await act();
  return slack.until(() =>
    slack
      .messages(channel, user)
      .findLast((message) => message.user === slack.botUser && !before.has(key(message)) && !isReading(message)),
  );
}

export function command(slack: Slack, text: string, place: Place = {}): Promise<Message> {
  const { user = ANNA.id, channel = OPS } = place;
  return answerTo(slack, () => slack.command({ user, channel, text }), place);
}

export function press(
  slack: Slack,
  message: Message,
  what: { readonly actionId: string; readonly option?: string; readonly user?: string; readonly blockId?: string },
): Promise<Message> {
  const { user = ANNA.id, ...pressed } = what;
  const { channel, ts } = message;
  return answerTo(slack, () => slack.press({ user, message: { channel, ts }, ...pressed }), { user, channel });
}

/** The value of the first option of a select whose label begins with `words`. */
export function optionOf(shown: { readonly blocks: readonly Record<string, unknown>[] }, words: string): string {
  const option = optionsIn(shown.blocks).find(({ label }) => label.startsWith(words));
  if (option === undefined) throw new Error(`no option says ${words}`);
  return option.value;
}

function optionsIn(value: unknown): readonly { readonly label: string; readonly value: string }[] {
  if (Array.isArray(value)) return value.flatMap(optionsIn);
  if (typeof value !== 'object' || value === null) return [];
  if ('value' in value && 'text' in value && !('type' in value)) {
    const { text } = value;
    const label = typeof text === 'object' && text !== null && 'text' in text ? String(text.text) : '';
    return [{ label, value: String(value.value) }];
  }
  return Object.values(value).flatMap(optionsIn);
}

/** For what the stand-in does not tell of, e.g. the log. */
export async function poll(look: () => boolean): Promise<void> {
  while (!look()) await new Promise((resolve) => setImmediate(resolve));
}
