// Health of the bot over HTTP: liveness, readiness and metrics. Wiring only.

import { inWords, type Problem } from '../core/base/problem.ts';
import type { MonitorState, ScheduleHealth } from '../core/ports/monitor.ts';
import type { PoolService } from '../core/ports/pools.ts';
import type { Store } from '../core/ports/store.ts';
import type { Observer } from '../core/ports/telemetry.ts';
import { UpstreamError } from '../errors.ts';
import {
  ageOf,
  createReach,
  loopCheck,
  type Reach,
  reachCheck,
  restartChecks,
  scheduleCheck,
  slackCheck,
  storeCheck,
  watchLoopDelay,
} from './checks.ts';
import { type DeadlineResult, withDeadline } from './deadline.ts';
import { createLastReadings, type LastReadings } from './last-readings.ts';
import { createMetrics, type Facts, type Metrics } from './metrics.ts';
import { answerOf, type Check, type ServerInput, startServer } from './server.ts';

export interface HealthInput extends Pick<ServerInput, 'host' | 'port' | 'log'> {
  readonly version: string;
  readonly now: () => Date;
  /** Removes secrets from a text: anyone with access to the port can read it. */
  readonly redact: (text: string) => string;
  /** Identifies this replica. */
  readonly instance: string;
  /** Why Slack is not connected; null if it is, or if the bot listens for it. */
  readonly slack: () => Problem | null;
  /** Slack's rate limits; they fail no check. */
  readonly slackPauses?: () => readonly Problem[];
  /** Makes a small call of Slack's Web API that the observer sees; null without deliveries over HTTP. */
  readonly askSlack: (() => Promise<unknown>) | null;
  /** The store; null before it is open. */
  readonly store: () => (Pick<Store, 'claim' | 'alerts'> & Partial<Pick<Store, 'sources'>>) | null;
  /** The monitor; null before it starts. */
  readonly watch: () => Watched | null;
  /** The reports of applications' pools; they fail no check. Null where none are taken. */
  readonly pools?: () => PoolFacts | null;
  /** Delay of the event loop in milliseconds; measured by default. */
  readonly loopDelay?: () => number;
  /** How long a probe or scrape waits for the store and for Slack; 2 s by default. */
  readonly deadlineMs?: number;
}

interface PoolFacts {
  readonly service: PoolService;
  answers(): ReadonlyMap<number, number>;
}

interface Watched {
  beats(): readonly ScheduleHealth[];
  /** Does not query the store. */
  known(): MonitorState;
  told(): Promise<MonitorState>;
}

export interface Health {
  /** Receives events from now on. */
  readonly observer: Observer;
  readonly port: number;
  close(): Promise<void>;
}

const DEADLINE_MS = 2_000;

/** Starts answering at once. Rejects if the port is not available: see `startServer`. */
export async function startHealth(input: HealthInput): Promise<Health> {
  const lastReadings = createLastReadings(input.now);
  const metrics = createMetrics({ ...input, lastReadings, process: true, poolAnswers: () => answersOf(input) });
  const measured = watchLoopDelay();
  const loopDelay = input.loopDelay ?? measured.median;
  const parts: Parts = { ...input, loopDelay, lastReadings, metrics, began: input.now().getTime() };
  const reach = reachOf(parts);
  try {
    const server = await startServer({ ...input, routes: routesOf({ ...parts, reach }) });
    return {
      observer: {
        ...metrics.observer,
        slackCall(call) {
          // A proxy's page is not an answer of Slack.
          reach?.note(call.isForeign === true ? 'unanswered' : call.result);
          metrics.observer.slackCall(call);
        },
      },
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
  /** In milliseconds since 1970. */
  readonly began: number;
}

function routesOf(parts: Parts & { readonly reach: Reach | null }): ServerInput['routes'] {
  const { now, redact, slack, store, watch, loopDelay, lastReadings, metrics, reach, deadlineMs = DEADLINE_MS } = parts;
  const { slackPauses = () => [] } = parts;
  const written = withDeadline(() => write(parts), deadlineMs);
  const gathered = withDeadline(() => gather(parts), deadlineMs);
  const facts = async (): Promise<Facts | null> => {
    // No probe waits for a store that is known to be unavailable.
    const isAway = (watch()?.known().store.awaySince ?? null) !== null;
    const gatheredFacts = isAway ? null : valueIn(await gathered(), parts);
    const known = gatheredFacts ?? withoutStore(parts);
    if (known !== null) lastReadings.learn(known.state);
    return known;
  };
  const pools = withDeadline(async () => {
    const within = AbortSignal.timeout(deadlineMs);
    return (await parts.pools?.()?.service.view(within)) ?? null;
  }, deadlineMs);
  const slackNow = async (): Promise<Check> => {
    const problem = slack();
    return problem === null && reach !== null ? reachCheck(await reach.check(), now()) : slackCheck(problem);
  };
  return {
    '/livez': async () =>
      answerOf({
        checks: [
          loopCheck(loopDelay()),
          scheduleCheck(watch()?.beats() ?? [], now()),
          ...restartChecks(watch()?.known().store ?? null, now()),
        ],
        redact,
      }),
    '/readyz': async () => {
      const [slackState, write, known] = await Promise.all([slackNow(), written(), facts()]);
      valueIn(write, parts);
      const checks = [slackState, storeCheck(store() === null ? null : write)];
      const clusters = lastReadings.all().map((reading) => ageOf(reading, now()));
      return answerOf({
        checks,
        more: { clusters, remarks: [...remarksOn(known), ...slackPauses().map(inWords)] },
        redact,
      });
    },
    '/metrics': async () => {
      const [known, { ok: isSlackUp }, view] = await Promise.all([facts(), slackNow(), pools()]);
      const body = await metrics.text({ facts: known, isSlackUp, pools: valueIn(view, parts) });
      return { status: 200, type: metrics.type, body };
    },
  };
}

const NO_ANSWERS: ReadonlyMap<number, number> = new Map();

function answersOf({ pools }: Pick<HealthInput, 'pools'>): ReadonlyMap<number, number> {
  return pools?.()?.answers() ?? NO_ANSWERS;
}

/** They fail no check: a restart would not help. */
function remarksOn(facts: Facts | null): readonly string[] {
  const unwatched = facts?.state.unwatched ?? null;
  return unwatched === null ? [] : [inWords(unwatched)];
}

/** Null in Socket Mode, where the connection shows whether Slack is reachable. */
function reachOf(parts: Parts): Reach | null {
  const { askSlack, now, deadlineMs = DEADLINE_MS } = parts;
  if (askSlack === null) return null;
  const asked = withDeadline(askSlack, deadlineMs);
  const ask = async () => {
    const result = await asked();
    valueIn(result, parts);
    return result;
  };
  return createReach({ ask, now });
}

/** Null if no value arrives in time. An unexpected error goes to the log. */
function valueIn<Value>(result: DeadlineResult<Value>, { log }: Pick<HealthInput, 'log'>): Value | null {
  if (result.kind === 'failed' && !(result.error instanceof UpstreamError))
    log.error({ err: result.error }, 'health check failed');
  return result.kind === 'answered' ? result.value : null;
}

/** Null before the monitor starts. */
async function gather({ watch, store, now, lastReadings }: Parts): Promise<Facts | null> {
  const [state, alerts] = await Promise.all([watch()?.told() ?? null, openAlerts(store(), now())]);
  if (state === null) return null;
  lastReadings.learn(state);
  const unknown = lastReadings.all().filter(({ cluster, at }) => at === null && hasFailed(state, cluster));
  await unlessAway(Promise.all(unknown.map(({ cluster }) => recall(cluster, { store, lastReadings }))));
  return { state, alerts };
}

function hasFailed({ clusters }: MonitorState, cluster: string): boolean {
  return clusters.some(({ name, lastFailed }) => name === cluster && lastFailed === true);
}

/** For a cluster that this process could not read: its sources were last seen in the last good reading. */
async function recall(cluster: string, { store, lastReadings }: Pick<Parts, 'store' | 'lastReadings'>): Promise<void> {
  const sources = (await store()?.sources?.(cluster)) ?? [];
  for (const { lastSeen } of sources) lastReadings.hear(cluster, lastSeen);
}

function withoutStore({ watch }: HealthInput): Facts | null {
  const state = watch()?.known() ?? null;
  return state === null ? null : { state, alerts: null };
}

async function openAlerts(store: ReturnType<HealthInput['store']>, now: Date): Promise<Facts['alerts']> {
  return store === null ? null : unlessAway(store.alerts({ cluster: null, endedSince: now.getTime() }));
}

/** Null if the store does not answer. */
async function unlessAway<Value>(asked: Promise<Value>): Promise<Value | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof UpstreamError) return null;
    throw error;
  }
}

const WRITTEN_EVERY_MS = 15_000;

/**
 * Only a write proves that the store is writable: it claims a slot that no schedule uses. Retention deletes the claim.
 * Slots count from this replica's start: with another replica's claim there would be no write.
 */
async function write({ store, instance, now, began }: Parts): Promise<void> {
  const slot = now().getTime() - ((now().getTime() - began) % WRITTEN_EVERY_MS);
  await store()?.claim({ cluster: '#ready', slot, instance });
}
