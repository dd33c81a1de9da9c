// How deliveries reach the bot: Socket Mode, or HTTP with a signing secret.

import { ErrorCode, HTTPReceiver, type Logger, type Receiver, SocketModeReceiver } from '@slack/bolt';
import type { Problem } from '../core/problem.ts';
import { UpstreamError } from '../errors.ts';
import { type Connection, createConnection, type Line } from './connection.ts';
import { type BotLog, lineLogger } from './log.ts';
import { unreachableProblem } from './preflight.ts';
import type { SlackSettings, SlackTransport, Timing } from './settings.ts';
import { isFinal, slackErrorCode, tokenProblem } from './slack-error.ts';
import { type ClientInput, clientOptions } from './web-client.ts';

export interface Transport {
  readonly receiver: Receiver;
  /** @throws UpstreamError when Slack refuses the app token, or the port cannot be had */
  start(): Promise<void>;
  /** Takes no more; resolves when the line is closed. */
  stop(): Promise<void>;
  problems(): readonly Problem[];
}

export interface TransportInput {
  readonly settings: SlackSettings;
  readonly timing: Timing;
  readonly random: () => number;
  readonly log: BotLog;
  readonly logger: Logger;
  readonly onCall?: ClientInput['onCall'];
  /** Called when Slack refuses for good. */
  readonly onRefused: (problem: Problem) => void;
}

const CLOSING_MS = 2_000;

export function createTransport(input: TransportInput): Transport {
  const { transport } = input.settings;
  return transport.kind === 'socket' ? socketTransport(input, transport.appToken) : httpTransport(input, transport);
}

/**
 * Without customRoutes: they listen on all interfaces, and a port that is taken ends the process.
 * Without the library's own reconnecting: it waits for five seconds at every refresh, and when Slack refuses it for
 * good, the rejection is nobody's and ends the process.
 */
function socketTransport(input: TransportInput, appToken: string): Transport {
  const { log, random, timing } = input;
  const logger = lineLogger(log);
  const receiver = new SocketModeReceiver({
    appToken,
    logger,
    autoReconnectEnabled: false,
    installerOptions: { clientOptions: clientOptions({ ...input, logger }, 0) },
    processEventErrorHandler: async ({ error }) => {
      log.error({ err: error }, 'a delivery failed');
      return false;
    },
  });
  const { client } = receiver;
  const line: Line = {
    open: () => receiver.start(),
    drop: () => void client.disconnect(),
    onEnd: (listener) => void client.on('disconnected', listener),
  };
  const refusal = (error: unknown): Problem =>
    isFinal(error) ? tokenProblem('SLACK_APP_TOKEN', slackErrorCode(error)) : unreachableProblem(slackErrorCode(error));
  const connection: Connection = createConnection({
    line,
    isFinal,
    onRefused: (error) => input.onRefused(refusal(error)),
    reconnect: timing.reconnect,
    random,
    log,
  });
  return {
    receiver,
    async start() {
      try {
        await connection.start();
      } catch (cause) {
        throw new UpstreamError(refusal(cause), { cause });
      }
    },
    async stop() {
      // The receiver's own stop() resolves before the socket is closed.
      const closed = new Promise((resolve) => client.once('disconnected', resolve));
      connection.stop();
      await bounded(closed);
    },
    problems: () => (connection.isUp() ? [] : [NOT_CONNECTED]),
  };
}

const NOT_CONNECTED: Problem = {
  code: 'slack-disconnected',
  text: 'There is no connection to Slack at the moment.',
  remedy: 'It is tried again by itself; the log says what went wrong.',
};

/** A view of Slack's largest, as a form has it, is below this. What is unsigned, too, is in memory before it is known to be. */
const LARGEST_BODY = 1024 * 1024;
const MOST_CONNECTIONS = 128;
const TIMEOUTS = { headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 1_000 };

/** Whoever looks for open doors is no error of ours, and must not fill the log. */
const refuse: NonNullable<ConstructorParameters<typeof HTTPReceiver>[0]['dispatchErrorHandler']> = ({
  error,
  response,
}) => {
  const isElsewhere = 'code' in error && error.code === ErrorCode.HTTPReceiverDeferredRequestError;
  response.writeHead(isElsewhere ? 404 : 400).end();
};

function httpTransport(input: TransportInput, given: Extract<SlackTransport, { kind: 'http' }>): Transport {
  const { log, logger } = input;
  const { port, host, signingSecret } = given;
  const receiver = new HTTPReceiver({ signingSecret, logger, bodyLimit: LARGEST_BODY, dispatchErrorHandler: refuse });
  let isListening = false;
  return {
    receiver,
    async start() {
      try {
        const server = await receiver.start(host === undefined ? { port } : { port, host }, TIMEOUTS);
        server.maxConnections = MOST_CONNECTIONS;
        isListening = true;
        log.info({ address: server.address() }, 'listening for Slack');
      } catch (cause) {
        const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
        const text = `Port ${port} cannot be listened on (${code}).`;
        throw new UpstreamError({ code: 'port', text, remedy: 'Set PORT to one that is free.' }, { cause });
      }
    },
    stop: async () => {
      if (isListening) await bounded(receiver.stop());
    },
    problems: () => [],
  };
}

async function bounded(closed: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, CLOSING_MS);
  await Promise.race([closed, late.promise]);
  clearTimeout(timer);
}
