// The transport of deliveries to the bot: Socket Mode, or HTTP with a signing secret.

import { type Receiver, SocketModeReceiver } from '@slack/bolt';
import { withTimeout } from '../../core/base/abort.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { SlackTransport } from '../../core/ports/slack.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { UpstreamError } from '../../errors.ts';
import { takeEnvelopes } from './envelopes.ts';
import { isFinal, slackErrorCode, tokenProblem } from './errors.ts';
import { createHttpReceiver } from './http-receiver.ts';
import { lineLogger } from './log.ts';
import { unreachableProblem } from './preflight.ts';
import { retrySlack } from './retry.ts';
import type { SlackSettings, Timing } from './settings.ts';
import { type ClientInput, clientOptions } from './web-client.ts';

export interface Transport {
  readonly receiver: Receiver;
  /** @throws UpstreamError when Slack refuses the app token, or the port is not available */
  start(): Promise<void>;
  /** Accepts no more; resolves when the connection is closed. */
  stop(): Promise<void>;
  problems(): readonly Problem[];
}

export interface TransportInput {
  readonly settings: SlackSettings;
  readonly timing: Timing;
  readonly now: () => Date;
  readonly random: () => number;
  readonly log: Log;
  readonly onCall?: ClientInput['onCall'];
  /** Called when Slack refuses permanently. */
  readonly onRefused: (problem: Problem) => void;
}

const CLOSING_MS = 2_000;

export function createTransport(input: TransportInput): Transport {
  const { transport } = input.settings;
  return transport.kind === 'socket' ? socketTransport(input, transport.appToken) : httpTransport(input, transport);
}

/**
 * Without customRoutes: they listen on all interfaces, and a port in use ends the process. Without the library's own
 * reconnecting: it waits five seconds at every refresh. When Slack refuses permanently, its unhandled rejection ends
 * the process.
 */
function socketTransport(input: TransportInput, appToken: string): Transport {
  const { log, random, timing } = input;
  const logger = lineLogger(log);
  const dispatcher = input.settings.proxy?.dispatcher;
  const receiver = new SocketModeReceiver({
    appToken,
    ...(dispatcher && { dispatcher }),
    logger,
    autoReconnectEnabled: false,
    installerOptions: { clientOptions: clientOptions({ ...input, logger }, 0) },
    processEventErrorHandler: async ({ error }) => {
      log.error({ err: error }, 'delivery failed');
      return false;
    },
  });
  const { client } = receiver;
  takeEnvelopes(client, log);
  const line: Line = {
    open: () => receiver.start(),
    drop: () => void client.disconnect(),
    onEnd: (listener) => void client.on('disconnected', listener),
  };
  const refusal = (error: unknown): Problem =>
    isFinal(error)
      ? tokenProblem('SLACK_APP_TOKEN', slackErrorCode(error))
      : unreachableProblem(slackErrorCode(error), error);
  const connection: Connection = createConnection({
    line,
    isFinal,
    onRefused: (error) => input.onRefused(refusal(error)),
    greeting: timing.greeting,
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
  remedy: 'The bot tries again. See the log for the cause.',
};

function httpTransport(input: TransportInput, given: Extract<SlackTransport, { kind: 'http' }>): Transport {
  const { log, now } = input;
  const { port, host, signingSecret } = given;
  const place = host === undefined ? { port } : { port, host };
  const receiver = createHttpReceiver({ signingSecret, now, log });
  return {
    receiver,
    async start() {
      try {
        log.info({ address: await receiver.start(place) }, 'listening for Slack');
      } catch (cause) {
        throw listenFailure(cause, place);
      }
    },
    stop: () => receiver.stop(),
    problems: () => [],
  };
}

function listenFailure(cause: unknown, { port, host }: { readonly port: number; readonly host?: string }): Error {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const isPort = host === undefined || code === 'EADDRINUSE' || code === 'EACCES';
  const problem = isPort
    ? { text: `Port ${port} cannot be listened on (${code}).`, remedy: 'Set PORT to one that is free.' }
    : {
        text: `${host} port ${port} cannot be listened on (${code}).`,
        remedy: 'Set HOST to an address of this machine.',
      };
  return new UpstreamError({ code: 'port', ...problem }, { cause });
}

async function bounded(closed: Promise<unknown>): Promise<void> {
  await withTimeout(closed, { ms: CLOSING_MS });
}

// Keeps one connection to Slack: reconnects with growing waits, until Slack refuses permanently.

/** Connects once: resolves when connected, rejects when that failed. */
interface Line {
  open(): Promise<unknown>;
  /** Closes the socket, open or opening. */
  drop(): void;
  /** The listener is called whenever an open connection has ended. */
  onEnd(listener: () => void): void;
}

interface Connection {
  /** Resolves at the first connection, or when stopped before it. Rejects with the first final error. */
  start(): Promise<void>;
  isUp(): boolean;
  stop(): void;
}

const CLOSED: Problem = {
  code: 'slack-closed',
  text: 'the WebSocket was closed before Slack greeted',
  remedy: 'Check that nothing between this machine and Slack holds up WebSockets.',
};
const silent = (ms: number): Problem => ({
  code: 'slack-silent',
  text: `Slack did not greet within ${ms / 1_000} s`,
  remedy: CLOSED.remedy,
});

function createConnection(input: {
  readonly line: Line;
  readonly isFinal: (error: unknown) => boolean;
  /** Called once when Slack refuses permanently after the first connection. */
  readonly onRefused: (error: unknown) => void;
  readonly greeting: Timing['greeting'];
  readonly reconnect: Timing['reconnect'];
  readonly random: () => number;
  readonly log: Log;
}): Connection {
  const { line, log } = input;
  const stopping = new AbortController();
  let state: 'down' | 'opening' | 'up' = 'down';

  const openOnce = async () => {
    const late = () => {
      line.drop();
      throw new UpstreamError(silent(input.greeting));
    };
    state = 'opening';
    try {
      await withTimeout(line.open(), { ms: input.greeting, late });
      state = 'up';
    } catch (error) {
      state = 'down';
      // The library does not report why a socket closed.
      throw error ?? new UpstreamError(CLOSED);
    }
  };
  /** Every attempt has its own catch, because an unhandled rejection would end the process. */
  const open = async (): Promise<void> => {
    try {
      await retrySlack({
        ...input,
        attempt: openOnce,
        done: 'connected to Slack',
        failed: 'Slack connection failed',
        signal: stopping.signal,
      });
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
    }
  };

  line.onEnd(() => {
    // A failed attempt ends too, and is already handled.
    if (state !== 'up' || stopping.signal.aborted) return;
    state = 'down';
    log.info({}, 'Slack connection closed');
    open().catch(input.onRefused);
  });

  return {
    start: open,
    isUp: () => state === 'up',
    stop() {
      stopping.abort();
      line.drop();
    },
  };
}
