// The store is away: the bot goes on, tries again and again, writes what waited when it is back, and says both.

import { SECOND } from '../../core/base/duration.ts';
import { inWords, type Problem } from '../../core/base/problem.ts';
import { backoff } from '../../core/base/retry.ts';
import { isUnmended } from '../../core/ports/monitor.ts';
import { UpstreamError } from '../../errors.ts';
import { STANDS_IN_AFTER, type StandIn } from './stand-in.ts';
import type { MonitorInput } from './types.ts';

export interface StoreOutage {
  /** Since when the store cannot be used, in milliseconds since 1970; null while it can. */
  since(): number | null;
  /** Why, as it was last found; null while it can. */
  problem(): Problem | null;
  /** The store did not answer: from now on it is tried again until it does. */
  begin(error: UpstreamError): void;
  /** Resolves when no attempt runs any more. */
  ended(): Promise<void>;
}

interface OutageInput
  extends Pick<MonitorInput, 'store' | 'now' | 'wait' | 'random' | 'log' | 'direct' | 'signal' | 'openStandIn'> {
  /** Writes what waits. Rejects with UpstreamError where the store is away again. */
  readonly flush: (signal: AbortSignal) => Promise<void>;
  readonly waiting: () => number;
  /** Whether this replica is the one to tell people. */
  readonly isNotifier: () => boolean;
  /** Posts alerts meanwhile. */
  readonly standIn: Pick<StandIn, 'handOver' | 'settle' | 'end'> & { readonly begin: () => void };
}

const PAUSES = { least: SECOND, most: 30 * SECOND };
/** An election of the store's own replica set is over before that. */
const NOTIFIES_AFTER = 60 * SECOND;

export function createStoreOutage(input: OutageInput): StoreOutage {
  const { now, log } = input;
  let away: { readonly since: number; readonly problem: Problem } | null = null;
  let running: Promise<void> = Promise.resolve();
  return {
    since: () => away?.since ?? null,
    problem: () => away?.problem ?? null,
    begin(error) {
      if (away !== null) return;
      const began = now().getTime();
      const found = (problem: Problem) => {
        away = { since: began, problem };
      };
      found(error.problem);
      log.warn({ problem: error.problem.text, code: error.problem.code }, 'store is unavailable');
      const over = () => {
        away = null;
      };
      const enduring = endure({ ...input, over, found }, began, error.problem);
      // People may still be told of the one before.
      running = Promise.all([running, enduring]).then(() => undefined);
    },
    ended: () => running,
  };
}

interface Enduring extends OutageInput {
  /** From here on the store is used again. */
  readonly over: () => void;
  /** What is wrong now: it may have changed. */
  readonly found: (problem: Problem) => void;
}

async function endure(input: Enduring, began: number, first: Problem): Promise<void> {
  const { signal, wait, random, now, log, over, waiting } = input;
  const { where } = input.store.about;
  let problem = first;
  const postedFrom = input.openStandIn === undefined ? null : began + STANDS_IN_AFTER;
  let isNotified = false;
  for (let attempts = 0; ; attempts++) {
    await wait(backoff(attempts, PAUSES, random), signal);
    if (signal.aborted) {
      input.standIn.end();
      return over();
    }
    const failed = await tried(input, problem);
    // In one turn: what is read from here on is written at once, and nothing is left that nobody would write.
    if (failed === null && waiting() === 0) {
      over();
      input.standIn.end();
      break;
    }
    problem = failed ?? problem;
    input.found(problem);
    if (now().getTime() - began >= STANDS_IN_AFTER) input.standIn.begin();
    if (!isNotified && input.isNotifier() && now().getTime() - began >= NOTIFIES_AFTER)
      isNotified = await notify(input, awayText({ where, began, problem, postedFrom }));
  }
  log.info({ since: new Date(began) }, 'store is available again');
  if (isNotified)
    await notify(input, `The store (${where}) is back. Readings since ${time(began)} are written and evaluated.`);
}

/** Null when the store answered and has everything; else what is wrong now, or, by a fault of ours, what was before. */
async function tried(
  { store, flush, waiting, standIn, signal, log }: OutageInput,
  before: Problem,
): Promise<Problem | null> {
  try {
    await store.waiting();
    await standIn.handOver();
    // Readings may come while the others are written.
    do await flush(signal);
    while (waiting() > 0 && !signal.aborted);
    await standIn.settle();
    return null;
  } catch (error) {
    if (error instanceof UpstreamError) return error.problem;
    log.error({ err: error }, 'store recovery attempt failed');
    return before;
  }
}

async function notify({ direct, log }: OutageInput, text: string): Promise<boolean> {
  try {
    return await direct(text);
  } catch (error) {
    log.error({ err: error }, 'store notice could not be posted');
    return false;
  }
}

interface Away {
  readonly where: string;
  readonly began: number;
  readonly problem: Problem;
  /** From when on alerts are posted all the same, in milliseconds since 1970; null where they wait. */
  readonly postedFrom: number | null;
}

function awayText({ where, began, problem, postedFrom }: Away): string {
  return [
    `The store (${where}) has been unavailable since ${time(began)}: ${inWords(problem)}`,
    isUnmended(problem) ? 'This needs action.' : null,
    'Readings continue and are kept in memory.',
    postedFrom === null
      ? isUnmended(problem)
        ? 'Alerts are paused.'
        : 'Alerts wait until the store is back.'
      : `Alerts are posted without it from ${time(postedFrom)} on, and may repeat after a restart.`,
  ]
    .filter((sentence) => sentence !== null)
    .join(' ');
}

function time(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`;
}
