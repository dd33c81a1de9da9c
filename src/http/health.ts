// Health of the bot over HTTP: alive, ready, and in numbers. Wiring alone.

import type { Beat } from '../core/beat.ts';
import type { Observer } from '../core/observe.ts';
import type { Problem } from '../core/problem.ts';
import type { Store } from '../core/store.ts';
import type { WatchStatus } from '../core/watching.ts';
import { UpstreamError } from '../errors.ts';
import { answerOf } from './answer.ts';
import { ageOf, loopCheck, scheduleCheck, slackCheck, storeCheck } from './checks.ts';
import { type Told, withDeadline } from './deadline.ts';
import { createLastReadings, type LastReadings } from './last-readings.ts';
import { watchLoopDelay } from './loop-delay.ts';
import { createMetrics, type Facts, type Metrics } from './metrics.ts';
import { type ServerInput, startServer } from './server.ts';

export interface HealthInput extends Pick<ServerInput, 'host' | 'port' | 'log'> {
  readonly version: string;
  readonly now: () => Date;
  /** Tells replicas apart. */
  readonly instance: string;
  /** What keeps Slack from being there; null while it is connected. */
  readonly slack: () => Problem | null;
  /** Null before it is open. */
  readonly store: () => Pick<Store, 'claim' | 'alerts'> | null;
  /** Null before there is one. */
  readonly watch: () => Watched | null;
  /** How late the event loop is, in milliseconds; measured unless told. */
  readonly loopDelay?: () => number;
  /** How long a probe or a scrape waits for the store; 2 s unless told. */
  readonly deadlineMs?: number;
}

interface Watched {
  beats(): readonly Beat[];
  status(): Promise<WatchStatus>;
}

export interface Health {
  /** To be told of what happens from now on. */
  readonly observer: Observer;
  readonly port: number;
  close(): Promise<void>;
}

const DEADLINE_MS = 2_000;

/** Answers from the first moment on. Rejects where the port cannot be had: see `startServer`. */
export async function startHealth(input: HealthInput): Promise<Health> {
  const lastReadings = createLastReadings();
  const metrics = createMetrics({ ...input, lastReadings, process: true });
  const measured = watchLoopDelay();
  const loopDelay = input.loopDelay ?? measured.median;
  try {
    const server = await startServer({ ...input, routes: routesOf({ ...input, loopDelay, lastReadings, metrics }) });
    return {
      observer: metrics.observer,
      port: server.port,
      async close() {
        measured.close();
        await server.close();
      },
    };
  } catch (error) {
    measured.close();
    throw error;
  }
}

interface Parts extends HealthInput {
  readonly loopDelay: () => number;
  readonly lastReadings: LastReadings;
  readonly metrics: Metrics;
}

function routesOf(parts: Parts): ServerInput['routes'] {
  const { now, slack, store, watch, loopDelay, lastReadings, metrics, deadlineMs = DEADLINE_MS } = parts;
  const written = withDeadline(() => write(parts), deadlineMs);
  const gathered = withDeadline(() => gather(parts), deadlineMs);
  const facts = async (): Promise<Facts | null> => {
    const known = heard(await gathered(), parts);
    if (known !== null) lastReadings.learn(known.status);
    return known;
  };
  return {
    '/livez': async () => answerOf([loopCheck(loopDelay()), scheduleCheck(watch()?.beats() ?? [], now())]),
    '/readyz': async () => {
      const [told] = await Promise.all([written(), facts()]);
      heard(told, parts);
      const checks = [slackCheck(slack()), storeCheck(store() === null ? null : told)];
      return answerOf(checks, { clusters: lastReadings.all().map((one) => ageOf(one, now())) });
    },
    '/metrics': async () => {
      const moment = { facts: await facts(), isSlackUp: slack() === null };
      return { status: 200, type: metrics.type, body: await metrics.text(moment) };
    },
  };
}

/** Null where it could not be told, or not in time; what nobody expected is in the log. */
function heard<Value>(told: Told<Value>, { log }: Pick<HealthInput, 'log'>): Value | null {
  if (told.kind === 'failed' && !(told.error instanceof UpstreamError))
    log.error({ err: told.error }, 'the store could not be asked for its health');
  return told.kind === 'told' ? told.value : null;
}

async function gather({ watch, store, now }: HealthInput): Promise<Facts | null> {
  const [status, alerts] = await Promise.all([watch()?.status() ?? null, openAlerts(store(), now())]);
  return status === null ? null : { status, alerts };
}

async function openAlerts(store: ReturnType<HealthInput['store']>, now: Date): Promise<Facts['alerts']> {
  try {
    return (await store?.alerts({ cluster: null, endedSince: now.getTime() })) ?? null;
  } catch (error) {
    if (error instanceof UpstreamError) return null;
    throw error;
  }
}

const WRITTEN_EVERY_MS = 15_000;

/** That the store can be written is known by writing: a claim on a slot that no schedule has, tidied away as all are. */
async function write({ store, instance, now }: HealthInput): Promise<void> {
  const slot = Math.floor(now().getTime() / WRITTEN_EVERY_MS) * WRITTEN_EVERY_MS;
  await store()?.claim({ cluster: '#ready', slot, instance });
}
