// Two Web API clients. A rate limit pauses a whole client, and a limit on posts must not delay the answers.

import type { Logger } from '@slack/bolt';
import { WebAPIRateLimitedError, WebClient, type WebClientOptions } from '@slack/web-api';
import type { Observer } from '../../core/ports/telemetry.ts';
import type { SlackSettings } from './settings.ts';
import { webApiFetch } from './slack-fetch.ts';

export interface WebClients {
  /** For calls that may be repeated: look-ups, edits, App Home, ephemeral messages. Waits out rate limits. */
  readonly answers: WebClient;
  /** For messages to everyone. It never repeats a call, because a retry after a lost answer posts twice. */
  readonly posts: WebClient;
}

export interface ClientInput {
  readonly settings: SlackSettings;
  readonly logger: Logger;
  /** Called for every exchange. */
  readonly onCall?: Observer['slackCall'] | undefined;
}

const TIMEOUT_MS = 10_000;

/**
 * A new object each time, and always with retryConfig: the Socket Mode client writes its own hundred retries into
 * options without it. Every user of a shared object would inherit them. Without a timeout a hung call never ends.
 */
export function clientOptions({ settings, logger, onCall }: ClientInput, retries: number): WebClientOptions {
  const { apiUrl, proxy } = settings;
  return {
    logger,
    timeout: TIMEOUT_MS,
    retryConfig: retryConfig(retries),
    // Without retries by the library, the caller waits and tries again.
    rejectRateLimitedCalls: retries === 0,
    fetch: webApiFetch(onCall, proxy?.fetch),
    allowAbsoluteUrls: false,
    ...(apiUrl === null ? {} : { slackApiUrl: apiUrl }),
  };
}

function retryConfig(retries: number): NonNullable<WebClientOptions['retryConfig']> {
  const policy = { retries, factor: 2, minTimeout: 300, maxTimeout: 5_000, randomize: true };
  // The library passes this option to p-retry. A call with a long rate limit is not repeated at once.
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
