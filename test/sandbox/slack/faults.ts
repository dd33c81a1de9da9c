// What the stand-in Slack is told to do wrong.

import type { Greeting, SocketMode } from './socket.ts';
import type { Stranger } from './stranger.ts';
import type { Tokens, WebApi } from './web-api.ts';

/** `method` is a Web API method, `respond` for response URLs, `*` for all. */
export interface SlackFaults {
  /** Answers after `ms`, until cleared. */
  slow(ms: number, method?: string): void;
  /** Slack's error, or a bare HTTP status. */
  fail(method: string, error: string | number, times?: number): void;
  /** With seconds in `Retry-After`, or whatever else, or without one. */
  rateLimit(method: string, seconds: number | string | null, times?: number): void;
  /** Something that is not Slack answers in its place. */
  answerAs(stranger: Stranger, method: string, times?: number): void;
  /** Does what it was asked, and something that is not Slack answers all the same. */
  answerThenAs(stranger: Stranger, method: string, times?: number): void;
  /** Never answers. */
  hang(method: string, times?: number): void;
  /** Does what it was asked, and cuts the connection instead of answering. */
  answerThenDrop(method: string, times?: number): void;
  /** Does what it was asked, and answers with a bare HTTP status all the same. */
  answerThenFail(method: string, status: number, times?: number): void;
  /** One post a second and channel, and fifty edits a minute, as the real one. */
  pace(isOn: boolean): void;
  /** The next deliveries reach the app twice. */
  deliverTwice(times?: number): void;
  /** The next deliveries by HTTP carry a wrong signature, or one of six minutes ago. */
  forge(what: 'signature' | 'timestamp', times?: number): void;
  /** Tells every socket to leave, and gives it nothing more. */
  disconnect(reason?: 'refresh_requested' | 'warning' | 'link_disabled'): void;
  /** The next sockets begin badly. */
  greet(greeting: Greeting, times?: number): void;
  /** Every socket gets this message as it is; bytes make a binary one. */
  send(message: string | Uint8Array): void;
  /** Cuts every socket without a word. */
  dropSockets(): void;
  /** Nobody listens on the port any more. */
  away(): Promise<void>;
  back(): Promise<void>;
  /** Every token is refused from now on. */
  revoke(error?: 'token_revoked' | 'account_inactive' | 'invalid_auth'): void;
  /** Ends what was scripted for methods; pace, revoke and away stay. */
  clear(): void;
}

export type Fault =
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'fail'; readonly error: string | number }
  | { readonly kind: 'rateLimit'; readonly seconds: number | string | null }
  | { readonly kind: 'stranger'; readonly stranger: Stranger; readonly isDone: boolean }
  | { readonly kind: 'hang' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'misreport'; readonly status: number };

interface Scripted {
  readonly method: string;
  readonly fault: Fault;
  left: number;
}

export interface Script {
  add(method: string, fault: Fault, times: number): void;
  /** The fault this call meets, used up by it. */
  take(method: string): Fault | null;
  clear(): void;
}

export function createScript(): Script {
  let scripted: Scripted[] = [];
  return {
    add(method, fault, times) {
      scripted.push({ method, fault, left: times });
    },
    take(method) {
      const next = scripted.find((one) => one.method === method || one.method === '*');
      if (next === undefined) return null;
      next.left -= 1;
      scripted = scripted.filter((one) => one.left > 0);
      return next.fault;
    },
    clear() {
      scripted = [];
    },
  };
}

/** Counts down: true as often as it was told. */
export interface Countdown {
  add(times: number): void;
  take(): boolean;
}

export function countdown(): Countdown {
  let left = 0;
  return {
    add(times) {
      left += times;
    },
    take() {
      if (left === 0) return false;
      left -= 1;
      return true;
    },
  };
}

/** Everything that can be made to go wrong, behind the words of `SlackFaults`. */
export function createFaults(parts: {
  readonly script: Script;
  readonly twice: Countdown;
  readonly forged: { readonly signature: Countdown; readonly timestamp: Countdown };
  readonly tokens: Tokens;
  readonly api: WebApi;
  readonly sockets: SocketMode;
  readonly away: () => Promise<void>;
  readonly back: () => Promise<void>;
}): SlackFaults {
  const { script, sockets } = parts;
  return {
    slow: (ms, method = '*') => script.add(method, { kind: 'slow', ms }, Number.POSITIVE_INFINITY),
    fail: (method, error, times = 1) => script.add(method, { kind: 'fail', error }, times),
    rateLimit: (method, seconds, times = 1) => script.add(method, { kind: 'rateLimit', seconds }, times),
    answerAs: (stranger, method, times = 1) => script.add(method, { kind: 'stranger', stranger, isDone: false }, times),
    answerThenAs: (stranger, method, times = 1) =>
      script.add(method, { kind: 'stranger', stranger, isDone: true }, times),
    hang: (method, times = 1) => script.add(method, { kind: 'hang' }, times),
    answerThenDrop: (method, times = 1) => script.add(method, { kind: 'drop' }, times),
    answerThenFail: (method, status, times = 1) => script.add(method, { kind: 'misreport', status }, times),
    pace(isOn) {
      parts.api.isPaced = isOn;
    },
    deliverTwice: (times = 1) => parts.twice.add(times),
    forge: (what, times = 1) => parts.forged[what].add(times),
    disconnect: (reason = 'refresh_requested') => sockets.disconnect(reason),
    greet: (greeting, times = 1) => sockets.greet(greeting, times),
    send: (message) => sockets.send(message),
    dropSockets: () => sockets.drop(),
    away: parts.away,
    back: parts.back,
    revoke(error = 'token_revoked') {
      parts.tokens.revoked = error;
    },
    clear: () => script.clear(),
  };
}
