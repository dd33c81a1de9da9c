// Starts and stops the bot: report service, monitor and Slack. Wiring only.

import type { Config } from '../config/config.ts';
import { unlessAborted } from '../core/base/abort.ts';
import type { Problem } from '../core/base/problem.ts';
import { referenceOf } from '../core/base/short-id.ts';
import type { ReportService } from '../core/ports/reports.ts';
import type { Store } from '../core/ports/store.ts';
import type { Relay } from '../core/ports/telemetry.ts';
import { UpstreamError } from '../errors.ts';
import { type Health, type HealthInput, startHealth } from '../http/health.ts';
import type { ProcessLog } from '../log.ts';
import { type Bot, type BotInput, createBot } from '../slack/bot.ts';
import { libraryLogger } from '../slack/client/log.ts';
import { createPauses, type Pauses } from '../slack/client/pauses.ts';
import { alertChannels, identify } from '../slack/client/preflight.ts';
import type { SlackProxy } from '../slack/client/settings.ts';
import { createWebClients } from '../slack/client/web-client.ts';
import { packing } from '../store/packing.ts';
import type { ClusterRegistry } from './clusters/registry.ts';
import { createReportService } from './clusters/report-service.ts';
import { createShownReadings } from './clusters/shown-readings.ts';
import { NO_ALERT_CHANNEL } from './commands/check.ts';
import type { World } from './commands/types.ts';
import { createMonitor, type RunningMonitor } from './monitor/monitor.ts';
import { openStandIn } from './open-store.ts';
import { openPools, type Pools } from './pools/pools.ts';
import { createStoreOpening, type StoreOpening } from './wait-for-store.ts';

export interface ServeInput {
  readonly config: Config;
  readonly registry: ClusterRegistry;
  /** Replaces the bot's default timing. */
  readonly world: World & Pick<BotInput, 'timing' | 'log'> & { readonly log: Pick<ProcessLog, 'redact' | 'lastNet'> };
  /** The way to Slack through a proxy, if one is set. */
  readonly proxy: SlackProxy | null;
  /** Receives events for metrics. */
  readonly observed: Relay;
  /**
   * One attempt to open the store; the creator of the app closes it. Rejects with UpstreamError if the store cannot be
   * used.
   */
  readonly openStore: () => Promise<Store>;
  /** Aborts when the bot must stop. */
  readonly signal: AbortSignal;
}

/**
 * Resolves after a stop. Rejects with UpstreamError if Slack or the store prevents operation. An unreachable Slack or
 * store is waited for.
 */
export async function serve(input: ServeInput): Promise<void> {
  const instance = referenceOf(input.world.random);
  const { world, openStore: open, signal } = input;
  const opening = createStoreOpening({ ...world, open, signal });
  const pauses = createPauses(world.now);
  const unmade = { store: null, reports: null, watch: null, pools: null, bot: null };
  const made: Made = { opening, pauses, ...unmade, isConnected: false };
  const health = await healthOf(input, instance, made);
  try {
    made.pools = await poolsOf(input, made);
    await run(input, instance, made);
  } finally {
    await Promise.all([health?.close(), made.pools?.close()]);
  }
}

/** The parts started so far. Health is answered before the first one starts. */
interface Made {
  readonly opening: StoreOpening;
  readonly pauses: Pauses;
  store: Store | null;
  reports: ReportService | null;
  watch: RunningMonitor | null;
  pools: Pools | null;
  bot: Bot | null;
  isConnected: boolean;
}

async function run(input: ServeInput, instance: string, made: Made): Promise<void> {
  const { config, world, signal } = input;
  const { log } = world;
  const { transport } = config.slack;
  if (transport === null) throw new Error('the settings were read without what Slack needs');
  // Slack starts after the store: without a store, the bot would give half an answer.
  const store = await made.opening.opened();
  if (store === null) return log.info({ instance }, 'bot is stopping');
  made.store = store;
  made.pools?.share(store);
  const readings = new AbortController();
  const parts: Parts = { ...input, store, instance, transport, made, readings: readings.signal };
  const { reports, watch } = watched(parts);
  made.watch = watch;
  made.reports = reports;
  // The monitor does not wait for Slack; its decisions wait in the outbox.
  const ready = Promise.all([watch.start(), connected(parts, { reports, watch })]).then(([, bot]) => {
    sayReady(parts);
    return bot.ended;
  });
  try {
    throw new UpstreamError(await unlessAborted(ready, signal));
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    log.info({ instance }, 'bot is stopping');
    made.isConnected = false;
    // Decisions in progress may still be sent.
    await watch.stop();
    await made.bot?.stop();
    readings.abort();
  }
}

interface Parts extends ServeInput {
  readonly store: Store;
  readonly instance: string;
  readonly made: Made;
  readonly transport: NonNullable<Config['slack']['transport']>;
  readonly readings: AbortSignal;
}

function sayReady({ config, world, store, instance, transport }: Parts): void {
  const { log, version } = world;
  const { routing, schedules } = config;
  const about = { instance, version, transport: transport.kind, command: config.slack.command, store: store.about };
  log.info({ ...about, schedule: schedules.default, alertChannel: routing.channel }, 'bot is ready');
  const { code, remedy } = NO_ALERT_CHANNEL;
  if (alertChannels(routing).length === 0) log.warn({ code, remedy }, 'no alert channel configured');
}

interface Watched {
  readonly reports: ReportService;
  readonly watch: RunningMonitor;
}

/**
 * Connects the three: the report service uses the monitor's knowledge, the monitor reads through the service and posts
 * through Slack.
 */
function watched(parts: Parts): Watched {
  const { config, registry, world, store, instance, made, readings } = parts;
  const { observer } = parts.observed;
  const { book, routing, schedules, timeZone, labels, defaultCluster } = config;
  const reports = createReportService({
    ...world,
    registry,
    labels,
    defaultCluster,
    instance,
    shown: createShownReadings({ ...world, store, packing }),
    monitor: () => made.watch?.monitor ?? null,
    pools: made.pools?.service ?? null,
    problems: () => [...(made.bot?.problems() ?? []), ...made.pauses.problems()],
    observer,
    signal: readings,
  });
  const watch = createMonitor({
    ...world,
    reports,
    store,
    ...(made.pools !== null && { pools: made.pools.looks }),
    packing,
    openStandIn: () => openStandIn({ settings: config.store, now: world.now }),
    book,
    routing,
    schedules,
    timeZone,
    instance,
    observer,
    signal: readings,
    readsAtStart: true,
    onDecided: () => made.bot?.poke(),
    direct: async (text) => (await made.bot?.direct(text)) ?? false,
  });
  return { reports, watch };
}

/** Waits for an unreachable Slack. Rejects with UpstreamError if Slack refuses, or when the bot stops. */
async function connected(parts: Parts, { reports, watch }: Watched): Promise<Bot> {
  const { config, registry, world, instance, transport, made, signal } = parts;
  const { routing, timeZone } = config;
  const links = linksOf({ baseUrl: config.atlasBaseUrl, projectOf: registry.projectOf });
  const bot = await createBot({
    ...world,
    onCall: listening(parts),
    settings: { ...config.slack, transport, timeZone, proxy: parts.proxy },
    reports,
    watch: { monitor: watch.monitor, outbox: watch.outbox, mayRefresh: watch.mayRefresh, routing, instance, links },
    signal,
  });
  signal.throwIfAborted();
  made.bot = bot;
  await bot.start();
  signal.throwIfAborted();
  made.isConnected = true;
  return bot;
}

/** Counts each exchange with Slack, and keeps its requested wait for the status. */
function listening({ observed, made }: Pick<Parts, 'observed' | 'made'>): NonNullable<BotInput['onCall']> {
  return (call) => {
    made.pauses.note(call);
    observed.observer.slackCall(call);
  };
}

/** Null if it is not configured. Answers before Slack and the store are ready. */
async function healthOf(input: ServeInput, instance: string, made: Made): Promise<Health | null> {
  const { config, world, observed } = input;
  if (config.health === null) return null;
  const { log, version, now } = world;
  const health = await startHealth({
    ...config.health,
    ...{ log, redact: log.lastNet, version, now, instance },
    slack: () => (made.isConnected ? disconnected(made.bot) : notConnectedYet(made)),
    slackPauses: () => made.pauses.problems(),
    askSlack: slackQuestion(input, made),
    store: () => made.store ?? absent(made),
    watch: () => made.watch,
    pools: () => made.pools,
  });
  observed.listen(health.observer);
  return health;
}

/** Null if it is not configured. Takes reports before Slack and the store are ready. */
function poolsOf({ config, world }: ServeInput, made: Made): Promise<Pools | null> {
  return openPools({
    ...world,
    settings: config.pools,
    clusters: () => made.watch?.known().clusters.map(({ name }) => name) ?? [],
    reports: () => made.reports,
    monitor: () => made.watch?.monitor ?? null,
  });
}

/** Null with Socket Mode, where the connection shows whether Slack is reachable. */
function slackQuestion({ config, world, observed, proxy }: ServeInput, made: Made): HealthInput['askSlack'] {
  const { transport } = config.slack;
  if (transport?.kind !== 'http') return null;
  const settings = { ...config.slack, transport, proxy };
  const logger = libraryLogger(world.log);
  // Same client as for posts: it does not retry by itself and does not wait out a rate limit.
  const { posts } = createWebClients({ settings, logger, onCall: listening({ observed, made }) });
  return () => identify(posts);
}

const NOT_CONNECTED_YET: Problem = {
  code: 'slack-disconnected',
  text: 'Slack is not connected: the bot is starting or stopping.',
  remedy: 'Wait a moment; the log says what it waits for.',
};

function notConnectedYet({ opening }: Made): Problem {
  if (opening.trouble() === null) return NOT_CONNECTED_YET;
  return { ...NOT_CONNECTED_YET, text: 'Slack is not connected: the bot waits for its store first.' };
}

/** Calls to a store that is not open yet are answered with the reason; null before the reason is known. */
function absent({ opening }: Made): ReturnType<HealthInput['store']> {
  const trouble = opening.trouble();
  if (trouble === null) return null;
  const ask = () => Promise.reject(new UpstreamError(trouble));
  return { claim: ask, alerts: ask };
}

function disconnected(bot: Bot | null): Problem | null {
  return bot?.problems().find(({ code }) => code === NOT_CONNECTED_YET.code) ?? null;
}

// Links to a cluster and to its project's access list in Atlas, for alerts.

interface AtlasLinks {
  readonly cluster: string | null;
  readonly accessList: string | null;
}

/**
 * The paths are those of Atlas's web interface, as its own alerts link them; they are not part of an API.
 * @param input.projectOf the project of a cluster; null for one with its own connection string
 */
function linksOf(input: {
  readonly baseUrl: string;
  readonly projectOf: (cluster: string) => string | null;
}): (cluster: string) => AtlasLinks {
  const base = input.baseUrl.replace(/\/+$/, '');
  return (cluster) => {
    const project = input.projectOf(cluster);
    if (project === null) return { cluster: null, accessList: null };
    const page = `${base}/v2/${project}#`;
    return {
      cluster: `${page}/clusters/detail/${encodeURIComponent(cluster)}`,
      accessList: `${page}/security/network/accessList`,
    };
  };
}
