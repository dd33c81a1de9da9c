// Slack's errors by their codes, and their consequences. https://docs.slack.dev/reference/methods

import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import type { Problem } from '../../core/base/problem.ts';

/** The answer is not from Slack: a proxy's page, a truncated body, or nothing. It does not show what Slack did. */
export class NotSlackError extends Error {
  override readonly name = 'NotSlackError';
  /** @param about never the body: it comes from a stranger and may contain anything */
  constructor({
    status,
    type,
    length,
  }: { readonly status: number; readonly type: string | null; readonly length: number }) {
    const kind = /^[\w.+-]{1,40}\/[\w.+-]{1,40}/.exec(type ?? '')?.[0] ?? 'no content type';
    super(`this is not an answer of Slack: status ${status}, ${kind}, ${length} characters`);
  }
}

export const NOT_SLACK = 'not_slack';

/** Slack's own code (`invalid_blocks`), or ours when there was no answer from Slack. */
export function slackErrorCode(error: unknown): string {
  if (notSlack(error) !== null) return NOT_SLACK;
  if (error instanceof WebAPIPlatformError) return error.data.error;
  if (error instanceof WebAPIRateLimitedError) return 'ratelimited';
  if (error instanceof WebAPIHTTPError) return `http_${error.statusCode}`;
  if (error instanceof WebAPIRequestError) return 'unreachable';
  return 'unknown';
}

function notSlack(error: unknown): NotSlackError | null {
  const inner = error instanceof WebAPIRequestError ? error.original : error;
  return inner instanceof NotSlackError ? inner : null;
}

/** Slack's details beside its code: JSON pointers of refused blocks, the scope that was needed. */
export function slackErrorDetail(error: unknown): readonly string[] {
  const foreign = notSlack(error);
  if (foreign !== null) return [foreign.message];
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

/** Slack's codes for a failure in the middle: "some aspect of the operation" may have succeeded. */
const FAILED: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'rollup_error',
  'timeout',
]);
/** No connection was made, so no request was sent. */
const UNSENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Whether a failed call may still have been carried out. Only a definite answer proves that it was not. */
export function isDoubtful(error: unknown): boolean {
  if (error instanceof WebAPIPlatformError) return FAILED.has(error.data.error);
  if (error instanceof WebAPIRateLimitedError) return false;
  // Slack answers only 200 or 429. A proxy with another status may have let the request through.
  if (error instanceof WebAPIHTTPError) return true;
  return !(error instanceof WebAPIRequestError && UNSENT.has(causeOf(error.original)));
}

/** The code of the error or of its cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return 'code' in error && typeof error.code === 'string' ? error.code : causeOf(error.cause);
}

/** Refusals because of the workspace's or the network's state, not because of the request. */
const PASSING: ReadonlySet<string> = new Set([
  ...FAILED,
  'accesslimited',
  'ekm_access_denied',
  'message_limit_exceeded',
  'org_login_required',
  'rate_limited',
  'ratelimited',
  'request_timeout',
  'team_added_to_org',
  'upgrade_required',
  // Our own code for an answer that is not from Slack.
  NOT_SLACK,
  'unknown',
  'unreachable',
]);

/** A failure on Slack's side that ends by itself. */
export function isPassing(code: string): boolean {
  return PASSING.has(code) || code.startsWith('http_');
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

/** The token will not work again, so a person must act. */
export function isTokenGone(code: string): boolean {
  return TOKEN_GONE.has(code);
}

/** Slack will never let this token connect. A code that is not in a list may be temporary. */
export function isFinal(error: unknown): boolean {
  if (!(error instanceof WebAPIPlatformError)) return false;
  const { error: code } = error.data;
  // An app-level token keeps the scopes with which it was created.
  return isTokenGone(code) || code === 'missing_scope';
}

export function tokenProblem(name: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN', code: string): Problem {
  const where = name === 'SLACK_BOT_TOKEN' ? 'OAuth & Permissions' : 'Basic Information, App-Level Tokens';
  return {
    code: 'slack-token',
    text: `Slack refuses ${name}: ${code}.`,
    remedy: `Set it to the token that api.slack.com/apps shows for this app under ${where}; reinstall the app if it was removed.`,
  };
}

/** Slack refused the form of the message; it may accept another form. */
export function isFormRefused(code: string): boolean {
  return /^(invalid_blocks|invalid_attachments|invalid_arguments|invalid_payload|only_one_table|too_many_attachments|msg_)/.test(
    code,
  );
}

/** Whether a form was refused for its size, not for its kind. */
export function isTooMuch(code: string): boolean {
  return /^(msg_|too_many_attachments)/.test(code);
}
