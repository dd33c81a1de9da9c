// Asks a bot for the pools of the applications, for the terminal.

import { jsonIn } from '../core/base/json.ts';
import { poolsOfJson } from '../core/pools/json.ts';
import type { PoolsView } from '../core/pools/view.ts';
import { UpstreamError, UserError } from '../errors.ts';
import { exchange } from './exchange.ts';

/** Where reports are put and the view is read. */
export const POOLS_PATH = '/v1/pools';
const DEADLINE_MS = 5_000;
/** 10,000 processes of three pools each take 20 MB. */
const LARGEST_ANSWER = 128 * 1024 * 1024;

/**
 * @param input.url of the bot, such as `http://127.0.0.1:8086`; the path of the protocol may be left out
 * @throws UserError for a URL that is none, UpstreamError if no bot answers, or refuses the token
 */
export async function fetchPools(input: {
  readonly url: string;
  readonly token: string;
  readonly signal: AbortSignal;
}): Promise<PoolsView> {
  const { token, signal } = input;
  const url = addressOf(input.url);
  // A URL may hold a password.
  const place = `${url.protocol}//${url.host}`;
  if (!/^[\x21-\x7e]+$/.test(token)) throw refused(place);
  const within = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  const headers = { authorization: `Bearer ${token}` };
  const { status, body } = await exchange({ url, headers, most: LARGEST_ANSWER, signal: within }).catch(
    (cause: unknown) => {
      signal.throwIfAborted();
      const why = within.aborted ? `no answer within ${DEADLINE_MS / 1000} s` : codeOf(cause);
      const remedy = 'Check that "atlas-conns serve" runs there with POOLS_PORT, and that this machine may reach it.';
      const problem = { code: 'pools-unreachable', text: `No bot answers at ${place} (${why}).`, remedy };
      throw new UpstreamError(problem, { cause });
    },
  );
  if (status === 401) throw refused(place);
  const view = status === 200 ? poolsOfJson(jsonIn(body)) : null;
  if (view !== null) return view;
  const isBusy = status === 429 || status === 503;
  throw new UpstreamError({
    code: isBusy ? 'pools-busy' : 'pools-foreign',
    text: isBusy
      ? `The bot at ${place} cannot answer now (HTTP ${status}).`
      : `The answer at ${place} is not the pools of an atlas-conns bot of this version (HTTP ${status}).`,
    remedy: isBusy
      ? 'Try again in a moment.'
      : 'Use the address of POOLS_PORT. That of PORT, of HEALTH_PORT or of a login page is another.',
  });
}

function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new UserError(
      'The address of the pools is not a URL that starts with http:// or https://.',
      'Expected the address of the bot, such as http://127.0.0.1:8086.',
    );
  if (!url.pathname.endsWith(POOLS_PATH)) url.pathname = `${url.pathname.replace(/\/+$/, '')}${POOLS_PATH}`;
  return url;
}

function refused(place: string): UpstreamError {
  return new UpstreamError({
    code: 'pools-token',
    text: `The bot at ${place} refuses the token.`,
    remedy: 'Set POOLS_TOKEN to the one of that bot. Of two with a comma between them, either works.',
  });
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
}
