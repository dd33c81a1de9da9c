// Slack's errors by their codes, and what follows from them. https://docs.slack.dev/reference/methods

import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import type { Problem } from '../core/problem.ts';

/** Slack's own code (`invalid_blocks`), or ours for what never became an answer. */
export function slackErrorCode(error: unknown): string {
  if (error instanceof WebAPIPlatformError) return error.data.error;
  if (error instanceof WebAPIRateLimitedError) return 'ratelimited';
  if (error instanceof WebAPIHTTPError) return `http_${error.statusCode}`;
  if (error instanceof WebAPIRequestError) return 'unreachable';
  return 'unknown';
}

/** What Slack says beside its code: JSON pointers of refused blocks, the scope that was needed. */
export function slackErrorDetail(error: unknown): readonly string[] {
  if (!(error instanceof WebAPIPlatformError)) return [];
  const { data } = error;
  const { response_metadata: metadata } = data;
  const needed = 'needed' in data ? data.needed : null;
  const messages: unknown = metadata && 'messages' in metadata ? metadata.messages : null;
  return [
    ...(typeof needed === 'string' ? [`needed: ${needed}`] : []),
    ...(Array.isArray(messages) ? messages.filter((one) => typeof one === 'string') : []),
  ];
}

const TOKEN_GONE: ReadonlySet<string> = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'user_removed_from_team',
  'team_disabled',
  'not_allowed_token_type',
]);

/** The token will not work again: a person has to do something. */
export function isTokenGone(code: string): boolean {
  return TOKEN_GONE.has(code);
}

export function tokenProblem(name: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN', code: string): Problem {
  const where = name === 'SLACK_BOT_TOKEN' ? 'OAuth & Permissions' : 'Basic Information, App-Level Tokens';
  return {
    code: 'slack-token',
    text: `Slack refuses ${name}: ${code}.`,
    remedy: `Set it to the token that api.slack.com/apps shows for this app under ${where}; reinstall the app if it was removed.`,
  };
}

/** A message whose form is refused: another form of it may be taken. */
export function isFormRefused(code: string): boolean {
  return /^(invalid_blocks|invalid_attachments|invalid_arguments|invalid_payload|only_one_table|too_many_attachments|msg_)/.test(
    code,
  );
}

/** Of a refused form: its size, not its kind. */
export function isTooMuch(code: string): boolean {
  return /^(msg_|too_many_attachments)/.test(code);
}
