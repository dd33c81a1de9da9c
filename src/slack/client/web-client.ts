// Two Web API clients: a rate limit on posts must not hold up the answers, for it pauses a whole client.

import type { Logger } from '@slack/bolt';
import { WebAPIRateLimitedError, WebClient, type WebClientOptions } from '@slack/web-api';
import type { Observer } from '../../core/ports/telemetry.ts';
import type { SlackSettings } from './settings.ts';
import { webApiFetch } from './slack-fetch.ts';

export interface WebClients {
  /** What may be asked twice: look-ups, edits, App Home, ephemeral messages. Waits out rate limits. */
  readonly answers: WebClient;
  /** Messages for all: never sent again by itself, because a retry after a lost answer posts twice. */
  readonly posts: WebClient;
}

export interface ClientInput {
  readonly settings: SlackSettings;
  readonly logger: Logger;
  /** Told of every exchange. */
  readonly onCall?: Observer['slackCall'] | undefined;
}

const TIMEOUT_MS = 10_000;

/**
 * A fresh object each time, and never without retryConfig: the Socket Mode client writes its own hundred retries into
 * options that lack it, and whoever shares the object inherits them. Without a timeout a hung call hangs for ever.
 */
export function clientOptions({ settings, logger, onCall }: ClientInput, retries: number): WebClientOptions {
  const { apiUrl, proxy } = settings;
  return {
    logger,
    timeout: TIMEOUT_MS,
    retryConfig: retryConfig(retries),
    // Without retries by the library the caller waits and tries again.
    rejectRateLimitedCalls: retries === 0,
    fetch: webApiFetch(onCall, proxy?.fetch),
    allowAbsoluteUrls: false,
    ...(apiUrl === null ? {} : { slackApiUrl: apiUrl }),
  };
}

function retryConfig(retries: number): NonNullable<WebClientOptions['retryConfig']> {
  const policy = { retries, factor: 2, minTimeout: 300, maxTimeout: 5_000, randomize: true };
  // p-retry's, which the library passes it on to. A call that Slack limits for long is not repeated at once.
  const onFailedAttempt = (error: unknown) => {
    if (error instanceof WebAPIRateLimitedError) throw error;
  };
  return { ...policy, ...{ onFailedAttempt } };
}

export function createWebClients(input: ClientInput): WebClients {
  const { botToken } = input.settings.transport;
  return {
    answers: new WebClient(botToken, clientOptions(input, 2)),
    posts: new WebClient(botToken, clientOptions(input, 0)),
  };
}
