// The composition root: settings → adapters → use cases. Wiring alone; what is opened here is closed here.

import { type AtlasProjectOptions, openAtlasProject } from '../atlas/project.ts';
import type { Commands, World } from '../cli/commands.ts';
import { openCluster } from '../cluster/cluster.ts';
import { connectionStringOf, whyLeft } from '../cluster/connection-string.ts';
import type { ProjectConfig } from '../config/projects.ts';
import { readRules } from '../config/rules.ts';
import { type Config, readConfig } from '../config.ts';
import { relay } from '../core/observe.ts';
import type { AtlasProject } from '../core/ports.ts';
import { DEFAULT_BOOK } from '../core/rule.ts';
import type { Store } from '../core/store.ts';
import { linesOf } from '../files.ts';
import { analyze } from './analyze.ts';
import { check } from './check.ts';
import { createFleet } from './fleet.ts';
import { savedReport } from './saved.ts';
import type { ServeInput } from './serve.ts';
import type { FleetProject } from './survey.ts';

export interface App extends Required<Commands> {
  /** Closes what the commands opened; whoever made the app calls it. */
  close(): Promise<void>;
}

/** Connects to nothing before the first command. */
export function createApp(world: ServeInput['world']): App {
  const closers: (() => Promise<void>)[] = [];
  const observed = relay();
  const edges = { now: world.now, random: world.random, onCall: observed.observer.atlasCall };
  const open = async (needs: Needs = ['clusters']) => {
    const config = await settings(world, needs);
    const projects = config.projects.map((project) => ({ project, atlas: atlasOf(project, config, edges) }));
    const fleet = createFleet({
      projects: projects.map(({ project, atlas }) => fleetProject(project, atlas, world)),
      defaultCluster: config.defaultCluster,
      now: world.now,
    });
    closers.push(() => fleet.close());
    return { config, fleet, projects };
  };
  const opened = async (config: Config, readOnly = false): Promise<Store> => {
    const { openStore } = await import('./open-store.ts');
    const store = await openStore({ settings: config.store, now: world.now, readOnly });
    closers.push(() => store.close());
    return store;
  };
  const openToRead = async () => {
    const config = await settings(world, ['store']);
    return { config, store: await opened(config, true) };
  };
  return {
    async report({ cluster, threads, signal }) {
      const { config, fleet } = await open();
      world.progress('Finding the cluster…');
      const { cluster: found, naming } = await fleet.open(cluster, signal);
      world.progress(`Reading ${found.name}…`);
      return analyze({ cluster: found, naming, labels: config.labels, threads, signal, now: world.now });
    },

    async savedReport(request) {
      // Needs no settings, but uses the labels of those there are.
      const { labels } = await settings(world, []);
      return savedReport(request, { ...world, labels });
    },

    async *replay({ path, cluster, rulesPath, signal }) {
      const { replay } = await import('./replay.ts');
      const given = rulesPath === null ? null : readRules(rulesPath, await world.readFile(rulesPath));
      if (path !== null) {
        yield* replay({ name: path, lines: linesOf(path, { signal }), book: given ?? DEFAULT_BOOK });
        return;
      }
      const { store, config } = await openToRead();
      const { storedLines } = await import('./history-export.ts');
      const lines = storedLines(store, { cluster, after: 0, until: world.now().getTime(), signal });
      yield* replay({ name: store.about.where, lines, book: given ?? config.book });
    },

    async history(query) {
      const { store, config } = await openToRead();
      const { history } = await import('./history.ts');
      return history({ ...query, store, book: config.book, defaultCluster: config.defaultCluster, now: world.now() });
    },

    async *exportHistory({ cluster, window, signal }) {
      const { store } = await openToRead();
      const { storedSnapshots } = await import('./history-export.ts');
      const until = world.now().getTime();
      yield* storedSnapshots(store, { cluster, after: window === null ? 0 : until - window, until, signal });
    },

    async alerts({ cluster }) {
      const { store } = await openToRead();
      const { alertBoard } = await import('./alert-board.ts');
      return alertBoard(store, cluster, world.now());
    },

    async *watch({ signal }) {
      const { config, fleet } = await open(['clusters', 'store']);
      const store = await opened(config);
      const { terminalWatch } = await import('./terminal-watch.ts');
      const { packing } = await import('../store/packing.ts');
      yield* terminalWatch({ ...world, ...config, fleet, store, packing, signal });
    },

    async *check({ alert, signal }) {
      const { config, fleet, projects } = await open(['clusters', 'store', alert ? 'slack' : 'slack-if-set']);
      const { defaultCluster, slack, routing } = config;
      const asked = projects.flatMap(({ project: { id }, atlas }) => (id && atlas ? [{ id, atlas }] : []));
      const checked = yield* check({ fleet, projects: asked, defaultCluster, signal });
      const { checkStore } = await import('./check-store.ts');
      const { hostsOfStore, placeOfStore } = await import('./open-store.ts');
      yield* checkStore({
        open: () => opened(config),
        openToRead: () => opened(config, true),
        hosts: () => hostsOfStore(config.store),
        place: () => placeOfStore(config.store),
        watched: checked.hosts,
      });
      const { checkSlackSettings, checkWatch } = await import('./check-watch.ts');
      yield* checkWatch({ ...world, ...config, ...checked, routing: slack.isSet && !alert ? routing : null });
      yield* checkSlackSettings(slack);
      const { transport } = slack;
      if (transport === null) return;
      const { checkSlack } = await import('./check-slack.ts');
      yield* checkSlack({ ...world, settings: { ...slack, transport, timeZone: config.timeZone }, routing, alert });
    },

    async serve({ signal }) {
      const { config, fleet } = await open(['clusters', 'store', 'slack']);
      // Loaded by the bot alone: the terminal should not wait for Slack's packages.
      const { serve } = await import('./serve.ts');
      await serve({ config, fleet, world, observed, openStore: () => opened(config), signal });
    },

    async health({ live, signal }) {
      const { health } = await settings(world, []);
      const { askHealth } = await import('../http/ask.ts');
      return askHealth({ settings: health, path: live ? '/livez' : '/readyz', signal });
    },

    async close() {
      await Promise.all(closers.splice(0).map((close) => close()));
    },
  };
}

type Needs = Parameters<typeof readConfig>[0]['needs'];

async function settings(world: World, needs: Needs): Promise<Config> {
  const config = await readConfig({ env: world.env, readFile: world.readFile, needs });
  world.log.hide(config.secrets);
  for (const notice of config.notices) world.log.info({ notice }, 'settings read');
  return config;
}

type Edges = Pick<AtlasProjectOptions, 'now' | 'random' | 'onCall'>;

function atlasOf({ id, atlas }: ProjectConfig, config: Config, edges: Edges): AtlasProject | null {
  if (id === null || atlas === null) return null;
  const { atlasBaseUrl: baseUrl } = config;
  return openAtlasProject({ ...edges, baseUrl, projectId: id, credentials: atlas, userAgent: 'atlas-conns' });
}

function fleetProject(project: ProjectConfig, atlas: AtlasProject | null, { now }: World): FleetProject {
  const { database, connection } = project;
  const hidden = atlas === null ? {} : { processes: (signal: AbortSignal) => atlas.processes(signal) };
  return {
    id: project.id,
    atlas,
    wanted: project.clusters,
    whyLeft,
    own: project.ownClusters.map(({ name, uri }) => ({ name, open: () => openCluster({ name, uri, now, ...hidden }) })),
    openFound:
      database === null
        ? null
        : (found) => {
            const uri = connectionStringOf(found, { ...database, connection });
            return openCluster({ name: found.name, uri, now, ...hidden });
          },
  };
}
