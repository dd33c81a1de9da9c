// Removes secrets from cluster names and from the patterns that match them. All parts then use the name that people
// see.

import { orNull, type Redact } from '../core/connections/redaction.ts';
import type { AtlasProject } from '../core/ports/clusters.ts';

interface Patterns {
  readonly cluster: string | null;
  readonly source: string | null;
  readonly node: string | null;
}

/** The settings that name a cluster, or match cluster names. */
interface NamingSettings {
  readonly defaultCluster: string | null;
  readonly projects: readonly {
    readonly clusters: readonly string[] | null;
    readonly ownClusters: readonly { readonly name: string }[];
  }[];
  readonly book: { readonly overrides: readonly Patterns[] };
  readonly routing: { readonly routes: readonly Patterns[] };
  readonly schedules: { readonly clusters: readonly { readonly cluster: string }[] };
}

export function redactedSettings<Settings extends NamingSettings>(config: Settings, redact: Redact): Settings {
  const patterns = <Part extends Patterns>(part: Part): Part => ({
    ...part,
    cluster: orNull(part.cluster, redact),
    source: orNull(part.source, redact),
    node: orNull(part.node, redact),
  });
  const { projects, book, routing, schedules } = config;
  return {
    ...config,
    defaultCluster: orNull(config.defaultCluster, redact),
    projects: projects.map((project) => ({
      ...project,
      clusters: project.clusters?.map(redact) ?? null,
      ownClusters: project.ownClusters.map((one) => ({ ...one, name: redact(one.name) })),
    })),
    book: { ...book, overrides: book.overrides.map(patterns) },
    routing: { ...routing, routes: routing.routes.map(patterns) },
    schedules: { ...schedules, clusters: schedules.clusters.map((one) => ({ ...one, cluster: redact(one.cluster) })) },
  };
}

export function redactedProject(project: AtlasProject, redact: Redact): AtlasProject {
  return {
    ...project,
    async clusters(signal) {
      const { clusters, problems } = await project.clusters(signal);
      return { clusters: clusters.map((cluster) => ({ ...cluster, name: redact(cluster.name) })), problems };
    },
  };
}
