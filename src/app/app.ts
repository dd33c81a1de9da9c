// The composition root: settings → adapters → use cases. Wiring only. It closes what it opens.

import { type AtlasProjectOptions, openAtlasProject } from '../atlas/project.ts';
import { openCluster } from '../cluster/cluster.ts';
import { connectionStringOf, whyLeft } from '../cluster/connection-string.ts';
import { type Config, readConfig } from '../config/config.ts';
import type { ProjectConfig } from '../config/projects.ts';
import { readRules } from '../config/rules.ts';
import { orNull } from '../core/connections/redaction.ts';
import { DEFAULT_BOOK } from '../core/detection/rules.ts';
import type { AtlasProject, OpenCluster } from '../core/ports/clusters.ts';
import type { Store } from '../core/ports/store.ts';
import { relay } from '../core/ports/telemetry.ts';
import { linesOf } from '../files.ts';
import type { RegistryProject } from './clusters/discovery.ts';
import { createRegistry } from './clusters/registry.ts';
import { analyze } from './clusters/report-service.ts';
import { check } from './commands/check.ts';
import { savedReport } from './commands/replay.ts';
import type { Commands, World } from './commands/types.ts';
import { redactedProject, redactedSettings } from './redaction.ts';
import type { ServeInput } from './serve.ts';

export interface App extends Required<Commands> {
  /** Closes what the commands opened. The creator of the app calls it. */
  close(): Promise<void>;
}

/** Connects to nothing before the first command. */
export function createApp(given: ServeInput['world']): App {
  const redact = given.redact ?? given.log.redact;
  const world = { ...given, redact };
  const closers: (() => Promise<void>)[] = [];
  const observed = relay();
  const edges = { now: world.now, random: world.random, onCall: observed.observer.atlasCall };
  const open = async (needs: Needs = ['clusters']) => {
    const config = await settings(world, needs);
    const proxied = config.proxy === null ? null : (await import('./proxied.ts')).openProxied(config.proxy);
    if (proxied !== null) closers.push(proxied.close);
    const reached = { ...edges, request: proxied?.request };
    const projects = config.projects.map((project) => ({ project, atlas: atlasOf(project, config, reached, world) }));
    const registry = createRegistry({
      projects: projects.map(({ project, atlas }) => fleetProject(project, atlas, world)),
      defaultCluster: config.defaultCluster,
      now: world.now,
    });
    closers.push(() => registry.close());
    return { config, registry, projects, proxy: proxied };
  };
  let isRemarked = false;
  const opened = async (config: Config, readOnly = false): Promise<Store> => {
    const { openStore, remarksOfStore } = await import('./open-store.ts');
    const store = await openStore({ settings: config.store, now: world.now, readOnly });
    closers.push(() => store.close());
    const remarks = remarksOfStore(config.store);
    // Opened a second time if a bot has it open already.
    if (!isRemarked) remark({ store: store.about.where, remarks }, world.log);
    isRemarked = true;
    return store;
  };
  const openToRead = async () => {
    const config = await settings(world, ['store']);
    return { config, store: await opened(config, true) };
  };
  const askPools: Commands['pools'] = async ({ url, signal }) => {
    const { pools: listening } = await settings(world, []);
    const { fetchPools } = await import('../http/pools-client.ts');
    const { pools } = await import('./commands/pools.ts');
    const { hide } = world.log;
    return pools({ url, settings: listening, env: world.env, fetchPools, hide, signal });
  };
  return {
    async report({ cluster, threads, signal }) {
      const { config, registry } = await open();
      world.progress('Finding the cluster…');
      const { cluster: found, naming } = await registry.open(orNull(cluster, redact), signal);
      world.progress(`Reading ${found.name}…`);
      return analyze({ ...world, cluster: found, naming, labels: config.labels, threads, signal });
    },

    async growth({ cluster, hosts }) {
      const { storedGrowth } = await import('./commands/forecast.ts');
      const now = world.now().getTime();
      return storedGrowth({ cluster, hosts, openToRead: async () => (await openToRead()).store, now });
    },

    async savedReport(request) {
      // Needs no settings, but uses configured labels.
      const { labels } = await settings(world, []);
      return savedReport(request, { ...world, labels });
    },

    async why({ saved, ...query }) {
      const { whyOfCluster, whyOfSaved } = await import('./commands/why.ts');
      const typed = [query.cluster, query.source, query.word].map((word) => orNull(word, redact));
      const [cluster = null, source = null, word = null] = typed;
      if (saved !== null) {
        const { labels } = await settings(world, []);
        const report = await savedReport({ ...saved, threads: false, signal: query.signal }, { ...world, labels });
        return whyOfSaved(report, { find: query.find, source: source ?? word });
      }
      const { config, registry } = await open(['clusters', 'store']);
      const named = { cluster, source, word };
      return whyOfCluster({
        ...world,
        ...config,
        ...query,
        ...named,
        registry,
        openToRead: () => opened(config, true),
        askPools: takesReports(config, world.env) ? () => askPools({ url: null, signal: query.signal }) : null,
      });
    },

    async *replay({ path, cluster, rulesPath, signal }) {
      const { replay } = await import('./commands/replay.ts');
      const given = rulesPath === null ? null : readRules(rulesPath, await world.readFile(rulesPath));
      if (path !== null) {
        yield* replay({ name: path, lines: linesOf(path, { signal }), book: given ?? DEFAULT_BOOK, redact });
        return;
      }
      const { store, config } = await openToRead();
      const { storedLines } = await import('./commands/history.ts');
      const named = orNull(cluster, redact);
      const lines = storedLines(store, { cluster: named, after: 0, until: world.now().getTime(), signal });
      yield* replay({ name: store.about.where, lines, book: given ?? config.book, redact });
    },

    async history(query) {
      const { store, config } = await openToRead();
      const { history } = await import('./commands/history.ts');
      const typed = [query.cluster, query.source, query.word].map((word) => orNull(word, redact));
      const [cluster = null, source = null, word = null] = typed;
      return history({
        ...query,
        ...{ cluster, source, word },
        store,
        book: config.book,
        defaultCluster: config.defaultCluster,
        now: world.now(),
      });
    },

    async hygiene({ cluster, signal }) {
      const { config, registry } = await open(['clusters', 'store']);
      const { hygiene } = await import('./commands/hygiene.ts');
      world.progress('Reading the clusters of the project…');
      const named = orNull(cluster, redact);
      return hygiene({ ...world, ...config, registry, cluster: named, openToRead: () => opened(config, true), signal });
    },

    async *exportHistory({ cluster, window, signal }) {
      const { store } = await openToRead();
      const { storedSnapshots } = await import('./commands/history.ts');
      const until = world.now().getTime();
      yield* storedSnapshots(store, {
        cluster: orNull(cluster, redact),
        after: window === null ? 0 : until - window,
        until,
        signal,
      });
    },

    async alerts({ cluster }) {
      const { store } = await openToRead();
      const { alertBoard } = await import('./commands/history.ts');
      return alertBoard(store, orNull(cluster, redact), world.now());
    },

    async *watch({ signal }) {
      const { config, registry } = await open(['clusters', 'store']);
      const store = await opened(config);
      const { terminalWatch } = await import('./commands/watch.ts');
      const { packing } = await import('../store/packing.ts');
      yield* terminalWatch({ ...world, ...config, registry, store, packing, signal });
    },

    async *top(request) {
      const { top, liveReadings, poolsReaderOf, storedReadings } = await import('./commands/top.ts');
      const { cluster: requested, fromStore, poolsUrl } = request;
      const beside = (config: Config) => ({
        ...world,
        pools: poolsReaderOf({ ...world, settings: config.pools, poolsUrl }),
      });
      if (fromStore) {
        const { config, store } = await openToRead();
        const { defaultCluster } = config;
        const following = beside(config);
        yield* top(following, request, storedReadings(following, { store, requested, defaultCluster }));
        return;
      }
      const { config, registry } = await open();
      const following = { ...beside(config), labels: config.labels, registry };
      yield* top(following, request, liveReadings(following, requested));
    },

    async *check({ alert, signal }) {
      const { config, registry, projects, proxy } = await open(['clusters', 'store', alert ? 'slack' : 'slack-if-set']);
      const { defaultCluster, slack, routing } = config;
      const asked = projects.flatMap(({ project: { id }, atlas }) => (id && atlas ? [{ id, atlas }] : []));
      const checked = yield* check({ registry, projects: asked, defaultCluster, signal });
      const { checkStore } = await import('./commands/check-dependencies.ts');
      const { hostsOfStore, placeOfStore, remarksOfStore } = await import('./open-store.ts');
      yield* checkStore({
        open: () => opened(config),
        openToRead: () => opened(config, true),
        hosts: () => hostsOfStore(config.store),
        place: () => placeOfStore(config.store),
        remarks: () => remarksOfStore(config.store),
        watched: checked.hosts,
      });
      const { checkPools } = await import('./commands/check-pools.ts');
      yield* checkPools({ settings: config.pools, signal });
      const { checkSlackSettings, checkWatch } = await import('./commands/check.ts');
      yield* checkWatch({ ...world, ...config, ...checked, routing: slack.isSet && !alert ? routing : null });
      yield* checkSlackSettings(slack);
      const { transport } = slack;
      if (transport === null) return;
      const { checkSlack } = await import('./commands/check-dependencies.ts');
      const found = { ...slack, transport, timeZone: config.timeZone, proxy };
      yield* checkSlack({ ...world, settings: found, routing, alert });
    },

    async serve({ signal }) {
      const { config, registry, proxy } = await open(['clusters', 'store', 'slack']);
      // Only the bot loads this: the terminal should not wait for Slack's packages.
      const { serve } = await import('./serve.ts');
      await serve({ config, proxy, registry, world, observed, openStore: () => opened(config), signal });
    },

    async *load(request) {
      const { runLoad } = await import('./commands/load.ts');
      yield* runLoad(request, world);
    },

    pools: askPools,

    async health({ live, signal }) {
      const { health } = await settings(world, []);
      const { askHealth } = await import('../http/probe-client.ts');
      return askHealth({ settings: health, path: live ? '/livez' : '/readyz', signal });
    },

    async close() {
      await Promise.all(closers.splice(0).map((close) => close()));
    },
  };
}

type Needs = Parameters<typeof readConfig>[0]['needs'];

async function settings(world: RedactingWorld, needs: Needs): Promise<Config> {
  const config = await readConfig({ env: world.env, readFile: world.readFile, needs });
  world.log.hide(config.secrets);
  for (const notice of config.notices) world.log.info({ notice }, 'settings read');
  return redactedSettings(config, world.redact);
}

function remark(
  fields: { readonly remarks: readonly string[] } & Readonly<Record<string, unknown>>,
  log: World['log'],
) {
  if (fields.remarks.length > 0) log.warn(fields, 'connection string was adjusted');
}

function remarked(cluster: OpenCluster, log: World['log']): OpenCluster {
  remark({ cluster: cluster.name, remarks: cluster.remarks ?? [] }, log);
  return cluster;
}

type RedactingWorld = World & Pick<Required<World>, 'redact'>;
type Edges = Pick<AtlasProjectOptions, 'now' | 'random' | 'onCall' | 'request'>;

function atlasOf(
  { id, atlas }: ProjectConfig,
  { atlasBaseUrl: baseUrl }: Config,
  edges: Edges,
  { redact }: RedactingWorld,
): AtlasProject | null {
  if (id === null || atlas === null) return null;
  const project = openAtlasProject({ ...edges, baseUrl, projectId: id, credentials: atlas, userAgent: 'atlas-conns' });
  return redactedProject(project, redact);
}

function fleetProject(project: ProjectConfig, atlas: AtlasProject | null, { now, log }: World): RegistryProject {
  const { database, connection } = project;
  const hidden = atlas === null ? {} : { processes: (signal: AbortSignal) => atlas.processes(signal) };
  return {
    id: project.id,
    atlas,
    selection: project.clusters,
    whyLeft,
    own: project.ownClusters.map(({ name, uri, setting }) => ({
      name,
      open: () => remarked(openCluster({ name, uri, setting, now, ...hidden }), log),
    })),
    openFound:
      database === null
        ? null
        : (found) => {
            const uri = connectionStringOf(found, { ...database, connection });
            return openCluster({ name: found.name, uri, now, ...hidden });
          },
  };
}

/** Whether the settings, or those of a reporter, name a bot that takes reports of pools. */
function takesReports({ pools }: Pick<Config, 'pools'>, env: World['env']): boolean {
  return pools.port !== null || (env['ATLAS_CONNS_POOLS_URL'] ?? '') !== '';
}
