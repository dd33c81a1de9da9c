// The demo's project, whole, behind a desk: stand-in nodes and Admin API, the real adapters, the test's clock.

import { onTestFinished } from 'vitest';
import { type ClusterRegistry, createRegistry } from '../../../src/app/clusters/registry.ts';
import {
  createReportService,
  type ReadingService,
  type ReportServiceInput,
} from '../../../src/app/clusters/report-service.ts';
import { NONE_SHOWN } from '../../../src/app/clusters/shown-readings.ts';
import { openAtlasProject } from '../../../src/atlas/project.ts';
import { openCluster } from '../../../src/cluster/cluster.ts';
import { connectionStringOf, whyLeft } from '../../../src/cluster/connection-string.ts';
import { PROJECT_ID } from '../../sandbox/atlas/scenario.ts';
import { type StandInProject, startProject } from '../../sandbox/project.ts';
import type { ScenarioPlan } from '../../sandbox/scenario/scenario.ts';

export const never = new AbortController().signal;

export interface ProjectDesk {
  readonly reports: ReadingService;
  readonly registry: ClusterRegistry;
  readonly project: StandInProject;
  /** How often a node of prod was asked who holds its connections. */
  readonly aggregations: () => number;
}

export async function projectDesk(input: {
  readonly now: () => Date;
  readonly defaultCluster?: string | null;
  /** Names or patterns of clusters; all unless told. */
  readonly wanted?: readonly string[];
  /** Clusters of the demo that are watched by a connection string of their own too, each as `own-<name>`; none unless told. */
  readonly own?: readonly string[];
  /** The demo's unless told. */
  readonly plan?: ScenarioPlan;
  /** The history of the use of entries; none unless told. */
  readonly use?: ReportServiceInput['use'];
}): Promise<ProjectDesk> {
  const { now, defaultCluster = null, wanted = null } = input;
  const project = await startProject({ now, ...(input.plan !== undefined && { plan: input.plan }) });
  const { env, atlas } = project;
  const api = openAtlasProject({
    baseUrl: atlas.url,
    projectId: PROJECT_ID,
    credentials: { kind: 'service-account', ...atlas.scenario.serviceAccount },
    now,
    random: Math.random,
    userAgent: 'test',
  });
  const login = { username: env['MONGODB_USERNAME'] ?? '', password: env['MONGODB_PASSWORD'] ?? '' };
  const openFound: NonNullable<Parameters<typeof createRegistry>[0]['projects'][number]['openFound']> = (found) =>
    openCluster({ name: found.name, uri: connectionStringOf(found, { ...login, connection: 'standard' }), now });
  const own = (input.own ?? []).map((cluster) => {
    const name = `own-${cluster}`;
    const uri = project.scenario.cluster(cluster).set.uri.replace('://', `://${login.username}:${login.password}@`);
    return { name, open: () => openCluster({ name, uri, now }) };
  });
  const registry = createRegistry({
    projects: [{ id: PROJECT_ID, atlas: api, own, selection: wanted, whyLeft, openFound }],
    defaultCluster,
    now,
  });
  onTestFinished(async () => {
    await registry.close();
    await project.close();
  });
  const reports = createReportService({
    registry,
    labels: [],
    defaultCluster,
    version: '1.2.3',
    instance: 'A',
    now,
    problems: () => [],
    monitor: () => null,
    ...(input.use !== undefined && { use: input.use }),
    shown: NONE_SHOWN,
    signal: never,
  });
  const aggregations = () =>
    project.scenario
      .cluster('prod')
      .set.nodes.flatMap((node) => node.received())
      .filter(({ name }) => name === 'aggregate').length;
  return { reports, registry, project, aggregations };
}
