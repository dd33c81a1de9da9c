// Handles an unavailable store: retries until it answers, writes the waiting readings, and reports the start and the
// end.

import { SECOND } from '../../core/base/duration.ts';
import { inWords, type Problem } from '../../core/base/problem.ts';
import { backoff } from '../../core/base/retry.ts';
import { isUnmended } from '../../core/ports/monitor.ts';
import { UpstreamError } from '../../errors.ts';
import { STANDS_IN_AFTER, type StandIn } from './stand-in.ts';
import type { MonitorInput } from './types.ts';

export interface StoreOutage {
  /** Start of the outage in milliseconds since 1970; null while the store works. */
  since(): number | null;
  /** The last known reason; null while the store works. */
  problem(): Problem | null;
  /** The store did not answer: retries start. */
  begin(error: UpstreamError): void;
  /** Resolves when no attempt is running. */
  ended(): Promise<void>;
}

interface OutageInput
  extends Pick<MonitorInput, 'store' | 'now' | 'wait' | 'random' | 'log' | 'direct' | 'signal' | 'openStandIn'> {
  /** Writes waiting readings. Rejects with UpstreamError if the store fails again. */
  readonly flush: (signal: AbortSignal) => Promise<void>;
  readonly waiting: () => number;
  /** Whether this replica posts the message. */
  readonly isNotifier: () => boolean;
  /** Posts alerts during the outage. */
  readonly standIn: Pick<StandIn, 'handOver' | 'settle' | 'end'> & { readonly begin: () => void };
}

const PAUSES = { least: SECOND, most: 30 * SECOND };
/** An election of the store's replica set ends before this. */
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
      // The message about the previous outage may still be in progress.
      running = Promise.all([running, enduring]).then(() => undefined);
    },
    ended: () => running,
  };
}

interface Enduring extends OutageInput {
  /** From here on the store is used again. */
  readonly over: () => void;
  /** The current reason: it may have changed. */
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
    // Synchronous: a reading after this point is written at once, and no reading is left unwritten.
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

/**
 * Null if the store answered and has everything. Otherwise the current problem; after a fault of ours, the previous
 * one.
 */
async function tried(
  { store, flush, waiting, standIn, signal, log }: OutageInput,
  before: Problem,
): Promise<Problem | null> {
  try {
    await store.waiting();
    await standIn.handOver();
    // More readings may arrive while the others are written.
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
  /** When the stand-in starts to post alerts, in milliseconds since 1970; null if alerts wait. */
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
