// The log: one line an event, to whatever stream it is given, with every secret taken out of the finished line.

import { AsyncLocalStorage } from 'node:async_hooks';
import { type Logger, pino } from 'pino';
import { REDACTED, withoutCredentials } from './core/base/redact.ts';
import type { Log } from './core/ports/telemetry.ts';

export interface ProcessLog extends Log {
  fatal(fields: object, message: string): void;
  /** Every line written while the task runs, by whatever it calls, has these fields, too. */
  during<T>(fields: object, task: () => Promise<T>): Promise<T>;
  /** From now on these values appear nowhere in the log. */
  hide(secrets: readonly string[]): void;
  /** The same for a value from outside that becomes part of what people read. */
  redact(value: string): string;
  /**
   * A last pass over a whole text that leaves the process. It takes out only secrets that no word of ours can equal; all
   * others were redacted value by value.
   */
  lastNet(text: string): string;
}

/**
 * @param input.level one of pino's levels, or `silent`
 * @param input.pretty for a person at a terminal instead of JSON
 * @param input.write where a finished line goes, its end of line included
 */
export async function createLog(input: {
  readonly level: string;
  readonly pretty: boolean;
  readonly now: () => Date;
  readonly write: (line: string) => void;
}): Promise<ProcessLog> {
  let hidden: readonly string[] = [];
  let unlikely: readonly string[] = [];
  // Within texts only: redacting a figure or a `true` would break the JSON.
  const redactedLine = (line: string) =>
    withoutCredentials(
      line.replace(textInJson, (text) => redactedText(text, hidden)),
      'json',
    );
  const format = input.pretty ? await prettyFormat() : (line: string) => line;
  const context = new AsyncLocalStorage<object>();
  const mixin = () => ({ ...context.getStore() });
  const logger: Logger = pino(
    { level: input.level, base: null, mixin, timestamp: () => `,"time":"${input.now().toISOString()}"` },
    { write: (line: string) => input.write(visible(format(redactedLine(line)))) },
  );
  return {
    debug: logger.debug.bind(logger),
    info: logger.info.bind(logger),
    warn: logger.warn.bind(logger),
    error: logger.error.bind(logger),
    fatal: logger.fatal.bind(logger),
    during: (fields, task) => context.run({ ...context.getStore(), ...fields }, task),
    hide: (secrets) => {
      hidden = spellings([...hidden, ...secrets]);
      unlikely = hidden.filter(isNoWord);
    },
    redact: (value) => withoutCredentials(withoutSecrets(value, hidden)),
    lastNet: (text) => withoutCredentials(withoutSecrets(text, unlikely)),
  };
}

/** Loaded only where a person watches. */
async function prettyFormat(): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty');
  return prettyFactory({ colorize: false, ignore: 'pid,hostname' });
}

const textInJson = /"[^"\\]*(?:\\.[^"\\]*)*"/g;

/** Parsed first: spelled as JSON, the escape `\n` before "ame" would match the secret "name". */
function redactedText(json: string, hidden: readonly string[]): string {
  const isClean = withoutSecrets(json, hidden) === json;
  return isClean ? json : JSON.stringify(withoutSecrets(String(JSON.parse(json)), hidden));
}

function withoutSecrets(text: string, hidden: readonly string[]): string {
  return hidden.reduce((clean, secret) => clean.replaceAll(secret, REDACTED), text);
}

/** Control characters and direction marks; line ends and tabs stay. */
const unseen = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

/** Escaped as in JSON: a line of JSON means the same, and no outside text acts on a terminal. */
function visible(line: string): string {
  return line.replace(unseen, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A secret as it may stand in a line: as it is, within JSON, within a URL. Longest first; shorter than 4 says nothing. */
function spellings(secrets: readonly string[]): readonly string[] {
  const all = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encoded(secret)]);
  return [...new Set(all)].filter((secret) => secret.length >= 4).sort((a, b) => b.length - a.length);
}

/** Like a generated password or token: no sentence of ours contains such a text. */
function isNoWord(secret: string): boolean {
  return secret.length >= 12 && /\d/.test(secret) && /\p{L}/u.test(secret);
}

function encoded(secret: string): string {
  return encodeURIComponent(secret.toWellFormed());
}
