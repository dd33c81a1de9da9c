// The bot's log, also for Slack's libraries.

import type { Logger } from '@slack/bolt';
import { LogLevel } from '@slack/web-api';
import type { Log } from '../../core/ports/telemetry.ts';

/** The log of a request. */
export interface RequestLog extends Log {
  /** Adds these fields to every line that is written while the task runs. */
  during<T>(fields: object, task: () => Promise<T>): Promise<T>;
}

/**
 * The libraries' debug lines are left out: they contain whole payloads, typed text and sometimes tokens. The libraries
 * log every connection at `info`, which is our `debug`.
 */
export function libraryLogger(log: Log): Logger {
  return loggerOf({ info: log.debug, warn: log.warn, error: log.error });
}

/** For a connection to Slack that we keep open ourselves. We reconnect it and log the result. */
export function lineLogger(log: Log): Logger {
  return loggerOf({ info: log.debug, warn: log.debug, error: log.debug });
}

function loggerOf({ info, warn, error }: Pick<Log, 'info' | 'warn' | 'error'>): Logger {
  const to =
    (level: Log['info']) =>
    (...words: readonly unknown[]) =>
      level({ said: words.map(String).join(' ') }, 'told by the Slack library');
  return {
    debug() {},
    info: to(info),
    warn: to(warn),
    error: to(error),
    // The log has its own level.
    setLevel() {},
    getLevel: () => LogLevel.INFO,
    setName() {},
  };
}
