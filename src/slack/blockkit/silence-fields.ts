// The fields of the silence form, its metadata, and its input.

import { jsonIn, listOf } from '../../core/base/json.ts';

/** A block and its element share an id. By this id Slack keeps the input when the form is updated. */
export const FORM = { duration: 'duration', date: 'date', reason: 'reason', options: 'options' } as const;
export const FORM_OPTIONS = { hold: 'hold', everyRule: 'every_rule' } as const;
export const SILENCE_FORM = 'silence';

/** Where the form was opened, so that the result is shown there. A form has no reply path of its own. */
export interface FormOrigin {
  /** The button's value. */
  readonly subject: string;
  /** Null for App Home. */
  readonly channel: string | null;
  readonly responseUrl: string | null;
  readonly threadTs: string | null;
}

export interface SilenceInput {
  /** `4h`; null when none was chosen. */
  readonly duration: string | null;
  /** Milliseconds since 1970; overrides the duration. */
  readonly until: number | null;
  readonly reason: string | null;
  readonly hold: boolean;
  /** Silences all rules of the source or node, not only the alert's rule. */
  readonly everyRule: boolean;
}

/** For `private_metadata`, limited to 3,000 characters. */
export function packOrigin({ subject, channel, responseUrl, threadTs }: FormOrigin): string {
  return JSON.stringify([subject, channel, responseUrl, threadTs]);
}

/** Null for metadata that the bot never wrote. */
export function readOrigin(metadata: string): FormOrigin | null {
  const [subject, channel, responseUrl, threadTs] = listOf(jsonIn(metadata));
  if (typeof subject !== 'string') return null;
  const orNull = (value: unknown) => (typeof value === 'string' ? value : null);
  return { subject, channel: orNull(channel), responseUrl: orNull(responseUrl), threadTs: orNull(threadTs) };
}
