// One schedule with a bot in a process of its own, ended by SIGKILL again and again, most often while Slack takes a post.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Store } from '../../src/core/ports/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { seeded } from '../core/detection/days.ts';
import { startSlack } from '../sandbox/slack/server.ts';
import { CLUSTER, MINUTE, START } from './history.ts';
import { BLIND, type Outcome } from './run.ts';
import { type Schedule, SOURCES, type Spike, scheduleFor, WITNESS } from './schedule.ts';
import { KEEP } from './shelf.ts';
import { recordsIn, verdictOn } from './verdict.ts';

/** A minute of the history in so many milliseconds. */
export const MINUTE_MS = 200;
const READINGS = 60;
const LONGEST_CALM_MS = 60_000;

export interface ChildOrder {
  readonly directory: string;
  readonly url: string;
  readonly botToken: string;
  readonly seed: number;
  readonly instance: string;
  /** When the history began, in milliseconds since 1970, by the machine's clock. */
  readonly began: number;
}

/** The time of the history, as fast as it goes. */
export function historyTime(began: number): number {
  return Math.floor(START - MINUTE / 2 + ((Date.now() - began) / MINUTE_MS) * MINUTE);
}

export function childSchedule(seed: number): Schedule {
  const { faults, ...schedule } = scheduleFor(seed);
  const random = seeded(seed);
  const kills = faults.map((fault) => ({ ...fault, kind: 'sigkill' as const, at: Math.floor(random() * READINGS) }));
  // A bot that is killed all the time sees little of a history: something has to happen in all of it.
  const spikes = Array.from({ length: 16 }, (_, index): Spike => {
    const from = Math.floor(random() * READINGS);
    const level = 150 + Math.floor(random() * 200);
    const source = SOURCES[index % SOURCES.length] ?? null;
    return { source, from, until: from + 6 + Math.floor(random() * 10), levels: [level, level * 2] };
  });
  return { ...schedule, readings: READINGS, replicas: 1, acts: [], spikes, faults: kills };
}

export async function runChildren(seed: number): Promise<Outcome> {
  const schedule = childSchedule(seed);
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-chaos-'));
  const began = Date.now();
  const now = () => new Date(historyTime(began));
  const slack = await startSlack({ now, ...(schedule.isBlind && { scopes: BLIND }) });
  const said: string[] = [];
  let child: ChildProcess | null = null;
  try {
    let born = 0;
    const begin = () => {
      born += 1;
      const order: ChildOrder = {
        ...{ directory, seed, began, instance: `child-${born}` },
        ...{ url: slack.apiUrl, botToken: slack.botToken },
      };
      child = started(order, said);
      return child;
    };
    const random = seeded(seed);
    for (const fault of schedule.faults.toSorted((a, b) => a.at - b.at)) {
      const running = begin();
      await untilDeadly({ slack, began, running, fault, random });
      await ended(running);
    }
    const last = begin();
    const records = await calm(directory, began + schedule.readings * MINUTE_MS);
    await ended(last);
    const troubles = [...new Set(said), ...(records === null ? ['it never calmed down'] : [])];
    const verdict = verdictOn(slack, records ?? { alerts: [], groups: [] }, new Set());
    return { schedule, verdict, troubles };
  } finally {
    if (child !== null) await ended(child);
    await slack.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function started(order: ChildOrder, said: string[]): ChildProcess {
  const file = new URL('child.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [file, JSON.stringify(order)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const orphan = () => child.kill('SIGKILL');
  process.once('exit', orphan);
  child.once('exit', () => process.off('exit', orphan));
  child.stderr?.on('data', (data) => said.push(String(data)));
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

interface Deadly {
  readonly slack: Awaited<ReturnType<typeof startSlack>>;
  readonly began: number;
  readonly running: ChildProcess;
  readonly fault: Schedule['faults'][number];
  readonly random: () => number;
}

/** Ends the child when its reading has come: at once when Slack is asked for something or has done it, or a moment later. */
async function untilDeadly({ slack, began, running, fault, random }: Deadly): Promise<void> {
  const due = began + fault.at * MINUTE_MS;
  if (due > Date.now()) await pause(due - Date.now());
  const patience = AbortSignal.timeout(1_000 + Math.floor(random() * 2_000));
  const from = slack.calls.length;
  const isAsked = fault.point.endsWith('/before');
  const happened = () =>
    slack.calls
      .slice(from)
      .some(({ method, result }) => /^chat\.(post|upd)/.test(method) && (isAsked || result === 'ok'));
  // Nothing may be posted at all: then it dies in the middle of something else.
  await slack.until(happened, patience).catch(() => undefined);
  if (fault.skip > 0) await pause(fault.skip * 3);
  running.kill('SIGKILL');
}

/** Null where it never calmed down. */
async function calm(directory: string, after: number): Promise<Awaited<ReturnType<typeof recordsIn>> | null> {
  const until = Math.max(Date.now(), after) + LONGEST_CALM_MS;
  if (after > Date.now()) await pause(after - Date.now());
  let store: Store | null = null;
  try {
    while (Date.now() < until) {
      await pause(100);
      store ??= await openSqliteStore({ directory, keep: KEEP, now: () => new Date(), readOnly: true }).catch(
        () => null,
      );
      if (store === null) continue;
      const { count } = await store.waiting();
      const records = await recordsIn(store);
      const isSeen = records.alerts.some(
        ({ cluster, source, state }) => cluster === CLUSTER && source === WITNESS && state === 'firing',
      );
      // Drawn from the records, which may have changed since they were read.
      if (isSeen && count === 0 && (await store.waiting()).count === 0) return await recordsIn(store);
    }
    return null;
  } finally {
    await store?.close();
  }
}
