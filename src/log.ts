// The log: writes one line for each event to a stream. It removes every secret from the finished line.

import { AsyncLocalStorage } from 'node:async_hooks';
import { type Logger, pino } from 'pino';
import { REDACTED, withoutCredentials } from './core/base/redact.ts';
import type { Log } from './core/ports/telemetry.ts';

export interface ProcessLog extends Log {
  fatal(fields: object, message: string): void;
  /** Adds these fields to every line that is written while the task runs. */
  during<T>(fields: object, task: () => Promise<T>): Promise<T>;
  /** From now on the log contains none of these values. */
  hide(secrets: readonly string[]): void;
  /** Removes the same secrets from an outside value that becomes part of text for people. */
  redact(value: string): string;
  /**
   * Redacts a whole text that leaves the process, as the last step. It removes only secrets that cannot equal a word of
   * ours. All others are redacted value by value.
   */
  lastNet(text: string): string;
}

/**
 * @param input.level one of pino's levels, or `silent`
 * @param input.pretty formats for a person at a terminal instead of JSON
 * @param input.write gets each finished line, with its line end
 */
export async function createLog(input: {
  readonly level: string;
  readonly pretty: boolean;
  readonly now: () => Date;
  readonly write: (line: string) => void;
}): Promise<ProcessLog> {
  let hidden: readonly string[] = [];
  let unlikely: readonly string[] = [];
  // Only within texts. Redacting a figure or a `true` would break the JSON.
  const redactedLine = (line: string) =>
    withoutCredentials(
      line.replace(textInJson, (_, ours: string | undefined, text: string, colon: string) => {
        // A field's name is ours. A secret that is a word may equal it by chance.
        const secrets = colon === '' ? hidden : hidden.filter((secret) => !isLetters.test(secret));
        return `${ours ?? ''}${redactedText(text, secrets, ours !== undefined)}${colon}`;
      }),
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

/** Loaded only for a person at a terminal. */
async function prettyFormat(): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty');
  return prettyFactory({ colorize: false, ignore: 'pid,hostname' });
}

/** Fields with sentences of ours. Values in them were redacted before the sentence was made. */
const OURS = 'msg|problem|remedy|reason|notice|why';
/** A text, with the name of its field if the field is ours; or a name of a field, with its colon. */
const textInJson = new RegExp(`("(?:${OURS})":)?("[^"\\\\]*(?:\\\\.[^"\\\\]*)*")(:?)`, 'g');

/** Parsed first. In JSON the escape `\n` before "ame" would match the secret "name". */
function redactedText(json: string, hidden: readonly string[], isOurs = false): string {
  const isClean = withoutSecrets(json, hidden) === json;
  if (isClean) return json;
  const text = String(JSON.parse(json));
  const words = isOurs ? hidden.filter((secret) => isLetters.test(secret)) : [];
  const others = hidden.filter((secret) => !words.includes(secret));
  return JSON.stringify(words.reduce(withoutValue, withoutSecrets(text, others)));
}

function withoutSecrets(text: string, hidden: readonly string[]): string {
  return hidden.reduce((clean, secret) => clean.replaceAll(secret, REDACTED), text);
}

const isLetters = /^\p{L}+$/u;

/**
 * A secret such as "password" may be a word of a sentence. It stays between other words, and there it tells nothing. As
 * a value it is redacted: alone, in quotes, behind a colon or an equals sign, or as a part of a longer word.
 */
function withoutValue(sentence: string, secret: string): string {
  return sentence.replaceAll(secret, (found, at: number) => {
    const [before, after] = [sentence.slice(0, at), sentence.slice(at + found.length)];
    const isWord = /(?:^|[^\s:=]\s|\()$/.test(before.slice(-2)) && /^(?:[.,;:!?)]*(?:\s|$))/.test(after);
    return isWord && sentence.trim() !== found ? found : REDACTED;
  });
}

/** Control characters and direction marks, except line ends and tabs. */
const unseen = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

/** Escapes as in JSON. A line of JSON keeps its meaning, and outside text cannot control a terminal. */
function visible(line: string): string {
  return line.replace(unseen, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * The forms of a secret in a line: plain, within JSON, within a URL. Longest first. Fewer than 4 characters are
 * ignored.
 */
function spellings(secrets: readonly string[]): readonly string[] {
  const all = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encoded(secret)]);
  return [...new Set(all)].filter((secret) => secret.length >= 4).sort((a, b) => b.length - a.length);
}

/** Whether it looks like a generated password or token. None of our sentences contains such a text. */
function isNoWord(secret: string): boolean {
  return secret.length >= 12 && /\d/.test(secret) && /\p{L}/u.test(secret);
}

function encoded(secret: string): string {
  return encodeURIComponent(secret.toWellFormed());
}
