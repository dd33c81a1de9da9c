// What the bot logs to, and Slack's libraries through it.

import type { Logger } from '@slack/bolt';
import { LogLevel } from '@slack/web-api';
import type { Log } from '../../core/ports/telemetry.ts';

/** What a request is answered with. */
export interface RequestLog extends Log {
  /** Every line written while the task runs, by whatever it calls, has these fields, too. */
  during<T>(fields: object, task: () => Promise<T>): Promise<T>;
}

/**
 * Their debug lines are left out: they hold whole payloads, what people typed and sometimes tokens.
 * The libraries log every connection at `info`, which is our `debug`.
 */
export function libraryLogger(log: Log): Logger {
  return loggerOf({ info: log.debug, warn: log.warn, error: log.error });
}

/** For a line to Slack that is kept by ourselves: what ends is opened again, and we say what came of it. */
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
    // The level is that of the log itself.
    setLevel() {},
    getLevel: () => LogLevel.INFO,
    setName() {},
  };
}
