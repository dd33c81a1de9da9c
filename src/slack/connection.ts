// One connection to Slack that is kept: what ends is opened again, with growing waits, until Slack refuses for good.

import type { Problem } from '../core/base/problem.ts';
import { UpstreamError } from '../errors.ts';
import type { BotLog } from './client/log.ts';
import { insist } from './client/retry.ts';
import type { Timing } from './client/settings.ts';

/** A way to connect once: resolves when connected, rejects when that failed. */
export interface Line {
  open(): Promise<unknown>;
  /** Ends what is open or half open. */
  drop(): void;
  /** Called whenever an open line has ended. */
  onEnd(listener: () => void): void;
}

export interface Connection {
  /** Resolves at the first connection, or when it is stopped before; rejects with the first error that is final. */
  start(): Promise<void>;
  isUp(): boolean;
  stop(): void;
}

const CLOSED: Problem = {
  code: 'slack-closed',
  text: 'the WebSocket was closed before Slack greeted',
  remedy: 'Check that nothing between this machine and Slack holds up WebSockets.',
};
const silent = (ms: number): Problem => ({
  code: 'slack-silent',
  text: `Slack did not greet within ${ms / 1_000} s`,
  remedy: CLOSED.remedy,
});

export function createConnection(input: {
  readonly line: Line;
  readonly isFinal: (error: unknown) => boolean;
  /** Called once when Slack refuses for good after the first connection. */
  readonly onRefused: (error: unknown) => void;
  readonly greeting: Timing['greeting'];
  readonly reconnect: Timing['reconnect'];
  readonly random: () => number;
  readonly log: BotLog;
}): Connection {
  const { line, log } = input;
  const stopping = new AbortController();
  let state: 'down' | 'opening' | 'up' = 'down';

  const openOnce = async () => {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new UpstreamError(silent(input.greeting)));
      line.drop();
    }, input.greeting);
    state = 'opening';
    try {
      await Promise.race([line.open(), late.promise]);
      state = 'up';
    } catch (error) {
      state = 'down';
      // The library tells nobody why a socket closed.
      throw error ?? new UpstreamError(CLOSED);
    } finally {
      clearTimeout(timer);
    }
  };
  /** Every attempt has its own catch: a rejection that nobody handles would end the process. */
  const open = async (): Promise<void> => {
    try {
      await insist({
        ...input,
        attempt: openOnce,
        done: 'connected to Slack',
        failed: 'Slack could not be connected',
        signal: stopping.signal,
      });
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
    }
  };

  line.onEnd(() => {
    // An attempt that fails ends too, and is already seen to.
    if (state !== 'up' || stopping.signal.aborted) return;
    state = 'down';
    log.info({}, 'Slack ended the connection');
    open().catch(input.onRefused);
  });

  return {
    start: open,
    isUp: () => state === 'up',
    stop() {
      stopping.abort();
      line.drop();
    },
  };
}
