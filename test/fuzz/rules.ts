// What must hold whatever comes: only our own errors, nothing that moves a terminal, nothing that pings in Slack.

import { ConfigError, UpstreamError, UserError } from '../../src/errors.ts';
import type { MessageView } from '../../src/slack/blockkit/types.ts';
import { problemView } from '../../src/slack/views/notices.ts';
import { checkMessage } from '../sandbox/slack/limits/limits.ts';
import { mrkdwnOf } from '../slack/views/parts.ts';

/** Null where it was refused with one of the three errors; every other error is thrown on. */
export function understood<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    return refused(error);
  }
}

/** Rethrows what is none of the three. */
export function refused(error: unknown): null {
  if (error instanceof ConfigError || error instanceof UserError || error instanceof UpstreamError) return null;
  throw error;
}

/** Line ends are ours; everything else here moves the cursor, hides or turns around what is read. */
const moving = /(?!\r?\n)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

export function mustBePrintable(text: string): void {
  const found = moving.exec(text);
  if (found !== null) throw new Error(`for a terminal: ${JSON.stringify(text.slice(Math.max(0, found.index - 20)))}`);
}

/** A `<` of our own begins a date; every other one, and a bare &, is outside text that Slack would parse. */
const parsed = /<(?!!date\^\d)|&(?!amp;|lt;|gt;)|[@#][A-Za-z]|\w:\/\//u;

export function mustBeHarmless(view: MessageView): void {
  const wrong = mrkdwnOf(view).filter((text) => parsed.test(text.replace(/<!date\^\d+\^[^|>]*\|[^>]*>/g, '')));
  if (wrong.length > 0) throw new Error(`for Slack: ${JSON.stringify(wrong[0])}`);
  const problems = checkMessage(view);
  if (problems.length > 0) throw new Error(`Slack refuses it: ${JSON.stringify(problems[0])}`);
}

export function mustBeSayable(problem: Parameters<typeof problemView>[0]): void {
  if (problem.text === '') throw new Error(`a problem without a word: ${problem.code}`);
  mustBeHarmless(problemView(problem));
}
