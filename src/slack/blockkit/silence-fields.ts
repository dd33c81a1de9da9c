// The form of a silence: the names of its parts, its metadata, and its input.

import { jsonIn, listOf } from '../../core/base/json.ts';

/** A block and its element share an id, by which Slack keeps the input when the form is updated. */
export const FORM = { duration: 'duration', date: 'date', reason: 'reason', options: 'options' } as const;
export const FORM_OPTIONS = { hold: 'hold', everyRule: 'every_rule' } as const;
export const SILENCE_FORM = 'silence';

/** Where it was opened: what becomes of it is said there. A form has no way of its own to answer by. */
export interface FormOrigin {
  /** What the button carried. */
  readonly subject: string;
  /** Null for App Home. */
  readonly channel: string | null;
  readonly responseUrl: string | null;
  readonly threadTs: string | null;
}

export interface SilenceInput {
  /** `4h`; null where none was chosen. */
  readonly duration: string | null;
  /** Milliseconds since 1970; takes the place of the duration. */
  readonly until: number | null;
  readonly reason: string | null;
  readonly hold: boolean;
  /** Not only the rule of the alert: all of the source's or node's. */
  readonly everyRule: boolean;
}

/** For `private_metadata`, which takes 3,000 characters. */
export function packOrigin({ subject, channel, responseUrl, threadTs }: FormOrigin): string {
  return JSON.stringify([subject, channel, responseUrl, threadTs]);
}

/** Null for what we never wrote. */
export function readOrigin(metadata: string): FormOrigin | null {
  const [subject, channel, responseUrl, threadTs] = listOf(jsonIn(metadata));
  if (typeof subject !== 'string') return null;
  const orNull = (value: unknown) => (typeof value === 'string' ? value : null);
  return { subject, channel: orNull(channel), responseUrl: orNull(responseUrl), threadTs: orNull(threadTs) };
}
