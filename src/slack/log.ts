// What the bot logs to, and Slack's libraries through it.

import type { Logger } from '@slack/bolt';
import { LogLevel } from '@slack/web-api';

/** Fixed sentences, the data in fields. */
export interface BotLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What a request is answered with. */
export interface RequestLog extends BotLog {
  /** Every line written while the task runs, by whatever it calls, has these fields, too. */
  during<T>(fields: object, task: () => Promise<T>): Promise<T>;
}

/**
 * Their debug lines are left out: they hold whole payloads, what people typed and sometimes tokens.
 * Their `info` tells of every connection, which is our `debug`.
 */
export function libraryLogger(log: BotLog): Logger {
  const said = (words: readonly unknown[]) => ({ said: words.map(String).join(' ') });
  return {
    debug() {},
    info: (...words) => log.debug(said(words), 'told by the Slack library'),
    warn: (...words) => log.warn(said(words), 'told by the Slack library'),
    error: (...words) => log.error(said(words), 'told by the Slack library'),
    // The level is that of the log itself.
    setLevel() {},
    getLevel: () => LogLevel.INFO,
    setName() {},
  };
}
