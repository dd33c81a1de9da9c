// Rate limits in words: which methods Slack limited, and when they are tried again.

import { span } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Observer } from '../../core/ports/telemetry.ts';
import { LONGEST_RETRY_AFTER_MS } from './slack-fetch.ts';

export interface Pauses {
  /** Call this for every exchange. */
  note(call: Parameters<Observer['slackCall']>[0]): void;
  /** Pauses that have not ended. */
  problems(): readonly Problem[];
}

/** Shorter pauses are normal. */
const WORTH_TELLING_MS = 10_000;

export function createPauses(now: () => Date): Pauses {
  /** By method; milliseconds since 1970. */
  const pauses = new Map<string, { readonly askedMs: number; readonly next: number }>();
  return {
    note({ method, result, waitMs: askedMs = 0 }) {
      if (result === 'ok') pauses.delete(method);
      if (result !== 'rate_limited' || askedMs < WORTH_TELLING_MS) return;
      pauses.set(method, { askedMs, next: now().getTime() + Math.min(askedMs, LONGEST_RETRY_AFTER_MS) });
    },
    problems() {
      const at = now().getTime();
      return [...pauses].flatMap(([method, { askedMs, next }]) => {
        const left = next - at;
        // Further in the future than the longest pause: the clock was set back.
        return left > 0 && left <= LONGEST_RETRY_AFTER_MS ? [problemOf(method, { askedMs, left })] : [];
      });
    },
  };
}

function problemOf(method: string, { askedMs, left }: { readonly askedMs: number; readonly left: number }): Problem {
  return {
    code: 'slack-rate-limited',
    text: `Slack asked to wait ${span(askedMs)} before the next ${method}; next try in ${span(left)}.`,
    remedy: 'If this lasts, look for other programs that use the same Slack app.',
  };
}
