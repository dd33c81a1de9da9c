// The bot in Slack: starts and stops Bolt, the transport and the listeners. Wiring only.

import { App, type Receiver } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Problem } from '../core/base/problem.ts';
import type { Redact } from '../core/connections/redaction.ts';
import type { ReportService } from '../core/ports/reports.ts';
import type { Log } from '../core/ports/telemetry.ts';
import { UpstreamError } from '../errors.ts';
import type { Identity } from './client/decode.ts';
import { isFinal, tokenProblem } from './client/errors.ts';
import { libraryLogger, type RequestLog } from './client/log.ts';
import { type AlertTrouble, alertChannels, alertTroubles, cannotRecover, identify, lacks } from './client/preflight.ts';
import { retrySlack } from './client/retry.ts';
import { createSender } from './client/send.ts';
import { type SlackSettings, TIMING, type Timing } from './client/settings.ts';
import { createTransport } from './client/transport.ts';
import { type ClientInput, clientOptions, createWebClients, type WebClients } from './client/web-client.ts';
import type { Handlers } from './command-router.ts';
import { createAlerting } from './features/alerts.ts';
import { createHome } from './features/home.ts';
import { createForms, createSilencing } from './features/silences.ts';
import { createLinting } from './insight/lint.ts';
import { createWhatIf } from './insight/what-if.ts';
import { listen } from './listeners.ts';
import { createNotifier, type Notifier, type NotifierMonitor } from './notifier/notifier.ts';
import { type TestStep, testAlert } from './notifier/test-alert.ts';
import { createRequestHandler, createWork, type Work } from './requests/handle-request.ts';
import { createMembers } from './requests/members.ts';
import { createReplies } from './requests/reply.ts';

export interface BotInput {
  readonly settings: SlackSettings;
  readonly reports: ReportService;
  readonly log: RequestLog;
  readonly now: () => Date;
  /** 0 to 1. */
  readonly random: () => number;
  readonly version: string;
  readonly timing?: Partial<Timing>;
  /** Ends the wait for an unreachable Slack. */
  readonly signal?: AbortSignal;
  /** Called for every exchange with Slack's Web API. */
  readonly onCall?: ClientInput['onCall'];
  /** Removes secrets from typed text; left out when there are none. */
  readonly redact?: Redact | undefined;
  /** Null for a bot that only answers. */
  readonly watch: NotifierMonitor | null;
}

export interface Bot {
  /**
   * Sends waiting deliveries at once. Resolves when the bot receives deliveries, however long Slack is away. Rejects
   * with UpstreamError when Slack refuses the app token.
   */
  start(): Promise<void>;
  /** Accepts no more, finishes running work within a time limit, closes. */
  stop(): Promise<void>;
  /** Resolves with the reason when the bot cannot continue: Slack no longer accepts one of its tokens. */
  readonly ended: Promise<Problem>;
  /** Current problems: missing scopes, channels or user groups, and the connection. */
  problems(): readonly Problem[];
  /** Reports that something is in the outbox. */
  poke(): void;
  /** Posts plain text at once to the alert channel, else to the configured people. Resolves with whether it arrived. */
  direct(text: string): Promise<boolean>;
  /** Posts a marked test alert in every alert channel, and ends it. Works without `start`. */
  testAlert(): AsyncIterable<TestStep>;
}

/**
 * Identifies the token's bot, with retries while Slack cannot be reached. Rejects with UpstreamError when Slack refuses
 * the token. Rejects with the signal's reason once the signal is aborted.
 */
export async function createBot(input: BotInput): Promise<Bot> {
  const { settings, log, random, now, onCall } = input;
  const timing = { ...TIMING, ...input.timing };
  const logger = libraryLogger(log);
  const clients = createWebClients({ settings, logger, onCall });
  // The client for posts does not retry, because retrySlack retries here.
  const identity = await identified(clients.posts, { ...input, timing });
  const alerts = input.watch === null ? [] : alertChannels(input.watch.routing);
  const { missing, suspected } = await lookedOver({ client: clients.answers, identity, settings, alerts, log });

  const end = Promise.withResolvers<Problem>();
  const work = createWork();
  const transport = createTransport({ settings, timing, now, random, log, onCall, onRefused: end.resolve });
  const app = boltApp({ receiver: transport.receiver, settings, identity, log, onCall });
  const onTokenGone = (code: string) => end.resolve(tokenProblem('SLACK_BOT_TOKEN', code));
  const parts: Parts = { ...input, timing, clients, identity, work, onTokenGone };
  listen(app, createHandlers(parts), log);
  const notifier = notifierOf(parts, suspected);

  return {
    async start() {
      // Alerts can be sent before commands can be received.
      notifier?.start();
      await transport.start();
    },
    async stop() {
      await transport.stop();
      await Promise.all([work.finish(timing.stop), notifier?.stop(timing.stop)]);
    },
    ended: end.promise,
    problems: () => [...missing, ...transport.problems(), ...(notifier?.problems() ?? [])],
    poke: () => notifier?.poke(),
    direct: async (text) => (await notifier?.direct(text)) ?? false,
    testAlert: () => testAlert({ channels: alerts, clients, now, log }),
  };
}

function identified(
  client: WebClient,
  { timing, random, log, signal = new AbortController().signal }: BotInput & { readonly timing: Timing },
): Promise<Identity> {
  return retrySlack({
    attempt: () => identify(client),
    isFinal: (error) => isFinal(error instanceof UpstreamError ? error.cause : error),
    done: 'bot identified by Slack',
    failed: 'bot not identified by Slack',
    reconnect: timing.reconnect,
    ...{ random, log, signal },
  });
}

/**
 * Permanent problems, and alert channels that refuse posts. The notifier notices when such a channel accepts posts
 * again.
 */
async function lookedOver(input: {
  readonly client: WebClient;
  readonly identity: Identity;
  readonly settings: SlackSettings;
  readonly alerts: readonly string[];
  readonly log: Log;
}): Promise<{ readonly missing: readonly Problem[]; readonly suspected: readonly AlertTrouble[] }> {
  const { client, identity, settings, alerts, log } = input;
  const [lacking, troubles] = await Promise.all([
    lacks({ client, identity, lists: [settings.read, settings.act] }),
    alertTroubles(client, alerts),
  ]);
  for (const { code, text, remedy } of [...lacking, ...troubles.map(({ problem }) => problem)])
    log.warn({ code, text, remedy }, 'Slack permission or channel missing');
  const untold = troubles.filter(({ code }) => code === null);
  return {
    missing: [...lacking, ...untold.map(({ problem }) => problem)],
    suspected: troubles.filter(({ code }) => code !== null),
  };
}

function notifierOf(
  { watch, timing, identity, log, settings, ...parts }: Parts,
  suspected: readonly AlertTrouble[],
): Notifier | null {
  if (watch === null) return null;
  const lacking = cannotRecover(identity);
  if (lacking !== null) log.info({ ...lacking }, 'duplicate posts possible after crash');
  const { timeZone = null, command } = settings;
  return createNotifier({ ...parts, ...watch, suspected, command, timing: timing.notifier, timeZone, identity, log });
}

interface Parts extends BotInput {
  readonly timing: Timing;
  readonly clients: WebClients;
  readonly identity: Identity;
  readonly work: Work;
  readonly onTokenGone: (code: string) => void;
}

function createHandlers(parts: Parts): Handlers {
  const { settings, reports, log, now, random, timing, clients, identity, work, onTokenGone } = parts;
  const sender = createSender({ log, onTokenGone });
  const replies = createReplies({ clients, sender, log, ask: settings.proxy?.fetch });
  const lists = [settings.read, settings.act];
  const keepMs = timing.remember;
  const members = createMembers({ client: clients.answers, identity, lists, keepMs, now, log, onTokenGone });
  const { redact = (text: string) => text } = parts;
  const { command, timeZone = null } = settings;
  const showHome = createHome({ reports, timing });
  const dependencies = { reports, command, timing, timeZone, now, showHome, redact };
  return {
    ...dependencies,
    identity,
    requests: createRequestHandler({ settings, members, replies, work, timing, now, random, log }),
    alerting: createAlerting(dependencies),
    silencing: createSilencing(dependencies),
    forms: createForms({ client: clients.answers, reports, now, log }),
    whatIf: createWhatIf({ client: clients.answers, reports }),
    linting: createLinting({ client: clients.answers, reports, random, log }),
  };
}

function boltApp(input: {
  readonly receiver: Receiver;
  readonly settings: SlackSettings;
  readonly identity: Identity;
  readonly log: Log;
  readonly onCall: ClientInput['onCall'];
}): App {
  const { settings, identity, log, onCall } = input;
  const logger = libraryLogger(log);
  const { botUser: botUserId, botId } = identity;
  return new App({
    receiver: input.receiver,
    // With a token instead, Bolt would call auth.test at every delivery, before any acknowledgement.
    authorize: async () => ({ botToken: settings.transport.botToken, botUserId, botId }),
    // The default store keeps every conversation in memory, and no code reads it.
    convoStore: false,
    logger,
    clientOptions: clientOptions({ settings, logger, onCall }, 2),
  });
}
