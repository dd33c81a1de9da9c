// The composition root: settings → adapters → use cases. Wiring alone; what is opened here is closed here.

import { openAtlasProject } from '../atlas/project.ts';
import { readSavedAccessList } from '../atlas/saved-access-list.ts';
import type { Commands, SavedReportRequest, World } from '../cli/commands.ts';
import { openCluster } from '../cluster/cluster.ts';
import { connectionStringOf, whyLeft } from '../cluster/connection-string.ts';
import { readSaved } from '../cluster/saved.ts';
import type { ProjectConfig } from '../config/projects.ts';
import { readRules } from '../config/rules.ts';
import { type Config, readConfig } from '../config.ts';
import { ACCESS_LIST_MISSING } from '../core/access-list.ts';
import type { AtlasProject } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import { buildReport, type ConnectionReport } from '../core/report.ts';
import { DEFAULT_BOOK } from '../core/rule.ts';
import { UserError } from '../errors.ts';
import { analyze } from './analyze.ts';
import { check } from './check.ts';
import { createFleet, type FleetProject } from './fleet.ts';

export interface App extends Required<Commands> {
  /** Closes what the commands opened; whoever made the app calls it. */
  close(): Promise<void>;
}

/** Connects to nothing before the first command. */
export function createApp(world: World): App {
  const closers: (() => Promise<void>)[] = [];
  const open = async (needs: Needs = ['clusters']) => {
    const config = await settings(world, needs);
    const projects = config.projects.map((project) => ({ project, atlas: atlasOf(project, config, world) }));
    const fleet = createFleet({
      projects: projects.map(({ project, atlas }) => fleetProject(project, atlas, world)),
      defaultCluster: config.defaultCluster,
      now: world.now,
    });
    closers.push(() => fleet.close());
    return { config, fleet, projects };
  };
  return {
    async report({ cluster, threads, signal }) {
      const { config, fleet } = await open();
      world.progress('Finding the cluster…');
      const { cluster: found, naming } = await fleet.open(cluster, signal);
      world.progress(`Reading ${found.name}…`);
      return analyze({ cluster: found, naming, labels: config.labels, threads, signal, now: world.now });
    },

    savedReport: (request) => savedReport(request, world),

    async *replay({ path, rulesPath, signal }) {
      const { replay } = await import('./replay.ts');
      const book = rulesPath === null ? DEFAULT_BOOK : readRules(rulesPath, await readFileOrSay(rulesPath, world));
      yield* replay({ name: path, lines: linesOf(path, signal), book });
    },

    async *check({ signal }) {
      const hasSlack = Boolean(world.env['SLACK_BOT_TOKEN']);
      const { config, fleet, projects } = await open(hasSlack ? ['clusters', 'slack'] : ['clusters']);
      const asked = projects.flatMap(({ project: { id }, atlas }) => (id && atlas ? [{ id, atlas }] : []));
      yield* check({ fleet, projects: asked, signal });
      const { transport } = config.slack;
      if (transport === null) return;
      const { checkSlack } = await import('./check-slack.ts');
      yield* checkSlack({ ...config.slack, transport }, world.log);
    },

    async serve({ signal }) {
      const { config, fleet } = await open(['clusters', 'slack']);
      // Loaded by the bot alone: the terminal should not wait for Slack's packages.
      const { serve } = await import('./serve.ts');
      await serve({ config, fleet, world, signal });
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

function atlasOf({ id, atlas }: ProjectConfig, config: Config, { now, random }: World): AtlasProject | null {
  if (id === null || atlas === null) return null;
  const { atlasBaseUrl: baseUrl } = config;
  return openAtlasProject({ baseUrl, projectId: id, credentials: atlas, now, random, userAgent: 'atlas-conns' });
}

function fleetProject(project: ProjectConfig, atlas: AtlasProject | null, { now }: World): FleetProject {
  const { database, connection } = project;
  const hidden = atlas === null ? {} : { processes: (signal: AbortSignal) => atlas.processes(signal) };
  return {
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

/** A report on files: needs no settings, but uses the labels of those there are. */
async function savedReport(request: SavedReportRequest, world: World): Promise<ConnectionReport> {
  const { labels } = await settings(world, []);
  const now = world.now();
  const files = await Promise.all(
    request.readings.map(async ({ host, path }) => {
      const text = await readFileOrSay(path, world);
      return readSaved({ name: path, text, ...(host === null ? {} : { host }) });
    }),
  );
  const pages = await Promise.all(
    request.accessLists.map(async (path) => ({ path, text: await readFileOrSay(path, world) })),
  );
  const nodes = files.flat();
  const twice = nodes.find(({ host }, at) => nodes.findIndex((node) => node.host === host) !== at);
  if (twice) {
    const remedy = 'Give one file a node, or say whose it is: --from HOST=FILE.';
    throw new UserError(`Two of the files are readings of ${twice.host}.`, remedy);
  }
  const accessList = pages.length === 0 ? null : readSavedAccessList(pages, now);
  const problems = accessList === null ? [NO_LIST] : accessList.problems;
  const reading = { cluster: 'saved', at: now.toISOString(), tookMs: 0, nodes, leftOut: [], problems: [] };
  return buildReport({ reading, accessList, networks: null, labels, problems, now });
}

const NO_LIST: Problem = {
  code: ACCESS_LIST_MISSING,
  text: 'No access list was given, so addresses are named by labels alone.',
  remedy: 'Add --access-list FILE with what `atlas accessLists list -o json` prints.',
};

async function readFileOrSay(path: string, { readFile }: World): Promise<string> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw unreadableFile(path, cause);
  }
}

/** A history may be larger than memory: line by line. */
async function* linesOf(path: string, signal: AbortSignal): AsyncIterable<string> {
  const { createReadStream } = await import('node:fs');
  const { createInterface } = await import('node:readline');
  const file = createReadStream(path, { encoding: 'utf8', signal });
  // An error of the file ends the lines without a word: it is kept, and told then.
  let failure: unknown = null;
  file.once('error', (error) => {
    failure = error;
  });
  try {
    yield* createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    failure ??= error;
  } finally {
    file.destroy();
  }
  signal.throwIfAborted();
  if (failure !== null) throw unreadableFile(path, failure);
}

function unreadableFile(path: string, cause: unknown): UserError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  if (code === 'ENOENT') return new UserError(`There is no file ${path}.`, 'Check its name.', { cause });
  const remedy = 'Check that it is a file that you may read.';
  return new UserError(`${path} cannot be read (${String(code)}).`, remedy, { cause });
}
