// The bot in Slack: Bolt, a transport and the listeners, from start to stop. Wiring alone.

import { App, type Receiver } from '@slack/bolt';
import type { Desk } from '../core/desk.ts';
import type { Problem } from '../core/problem.ts';
import { createAnswers } from './answers.ts';
import type { Identity } from './decode.ts';
import type { Floor } from './floor.ts';
import { createHome } from './home.ts';
import { acknowledgeAll } from './listeners/acknowledge.ts';
import { listenToCommand } from './listeners/command.ts';
import { listenToDrillDown } from './listeners/drill-down.ts';
import { listenToHome } from './listeners/home.ts';
import { listenToMentions } from './listeners/mention.ts';
import { listenToShare } from './listeners/share.ts';
import { type BotLog, libraryLogger } from './log.ts';
import { createMembers } from './members.ts';
import { identify, lacks } from './preflight.ts';
import { createReception } from './reception.ts';
import { createReplies } from './reply.ts';
import { createSender } from './sender.ts';
import { type SlackSettings, TIMING, type Timing } from './settings.ts';
import { tokenProblem } from './slack-error.ts';
import { createTransport } from './transport.ts';
import { clientOptions, createWebClients, type WebClients } from './web-client.ts';
import { createWork, type Work } from './work.ts';

export interface BotInput {
  readonly settings: SlackSettings;
  readonly desk: Desk;
  readonly log: BotLog;
  readonly now: () => Date;
  /** 0 to 1. */
  readonly random: () => number;
  readonly version: string;
  readonly timing?: Partial<Timing>;
}

export interface Bot {
  /** Resolves when deliveries are taken. Rejects with UpstreamError when Slack refuses the app token. */
  start(): Promise<void>;
  /** Takes no more, finishes what runs within a bound, closes. */
  stop(): Promise<void>;
  /** Resolves with why, when the bot cannot go on: Slack no longer takes one of its tokens. */
  readonly ended: Promise<Problem>;
  /** What is missing: scopes, channels, user groups, at the moment the connection. */
  problems(): readonly Problem[];
}

/** Asks Slack whose token it has. Rejects with UpstreamError when Slack refuses it or cannot be reached. */
export async function createBot(input: BotInput): Promise<Bot> {
  const { settings, log, random } = input;
  const timing = { ...TIMING, ...input.timing };
  const logger = libraryLogger(log);
  const clients = createWebClients({ settings, logger });
  const identity = await identify(clients.answers);
  const missing = await lacks({ client: clients.answers, identity, readers: settings.read });
  for (const { code, text, remedy } of missing) log.warn({ code, text, remedy }, 'something is missing in Slack');

  const end = Promise.withResolvers<Problem>();
  const work = createWork();
  const transport = createTransport({ settings, timing, random, log, logger, onRefused: end.resolve });
  const app = boltApp({ receiver: transport.receiver, settings, identity, log });
  const onTokenGone = (code: string) => end.resolve(tokenProblem('SLACK_BOT_TOKEN', code));
  listen(app, floorOf({ ...input, timing, clients, identity, work, onTokenGone }), log);

  return {
    start: () => transport.start(),
    async stop() {
      await transport.stop();
      await work.finish(timing.stop);
    },
    ended: end.promise,
    problems: () => [...missing, ...transport.problems()],
  };
}

interface Parts extends BotInput {
  readonly timing: Timing;
  readonly clients: WebClients;
  readonly identity: Identity;
  readonly work: Work;
  readonly onTokenGone: (code: string) => void;
}

function floorOf(parts: Parts): Floor {
  const { settings, desk, log, now, random, timing, clients, identity, work, onTokenGone } = parts;
  const sender = createSender({ log, onTokenGone });
  const replies = createReplies({ clients, sender, log });
  const keepMs = timing.remember;
  const members = createMembers({
    client: clients.answers,
    identity,
    readers: settings.read,
    keepMs,
    now,
    log,
    onTokenGone,
  });
  const reception = createReception({ settings, members, replies, work, timing, random, log });
  const { explained } = reception;
  return {
    reception,
    identity,
    answers: createAnswers({ desk, command: settings.command, explained, timing }),
    showHome: createHome({ desk, explained, timing }),
  };
}

function boltApp(input: {
  readonly receiver: Receiver;
  readonly settings: SlackSettings;
  readonly identity: Identity;
  readonly log: BotLog;
}): App {
  const { settings, identity, log } = input;
  const logger = libraryLogger(log);
  const { botUser: botUserId, botId } = identity;
  return new App({
    receiver: input.receiver,
    // Given a token instead, Bolt would ask auth.test at every delivery, before anything is acknowledged.
    authorize: async () => ({ botToken: settings.transport.botToken, botUserId, botId }),
    // The default keeps every conversation in memory, for nobody.
    convoStore: false,
    logger,
    clientOptions: clientOptions({ settings, logger }, 2),
  });
}

function listen(app: App, floor: Floor, log: BotLog): void {
  acknowledgeAll(app, log);
  listenToCommand(app, floor);
  listenToMentions(app, floor);
  listenToDrillDown(app, floor);
  listenToShare(app, floor);
  listenToHome(app, floor);
  app.error(async (error) => log.error({ err: error }, 'a delivery failed'));
}
