// Use case: the access list findings of a project, from readings of its clusters and from the stored history.

import type { Label } from '../../core/connections/access-list.ts';
import type { ProjectHygiene } from '../../core/connections/project-access-list.ts';
import type { Redact } from '../../core/connections/redaction.ts';
import type { Store } from '../../core/ports/store.ts';
import { explain, UpstreamError, UserError } from '../../errors.ts';
import type { ClusterRegistry } from '../clusters/registry.ts';
import { createReportService } from '../clusters/report-service.ts';
import { NONE_SHOWN } from '../clusters/shown-readings.ts';
import { useOf } from '../monitor/history.ts';

export interface HygieneCommandInput {
  readonly registry: ClusterRegistry;
  readonly labels: readonly Label[];
  readonly defaultCluster: string | null;
  /** As typed; null for the default, or for any cluster of the only project. */
  readonly cluster: string | null;
  /** Rejects with UserError or UpstreamError if there is no store to read. */
  readonly openToRead: () => Promise<Store>;
  readonly version: string;
  readonly now: () => Date;
  readonly redact: Redact;
  readonly signal: AbortSignal;
}

/** Without a store there is no history: a problem says so, and no entry is called unused. */
export async function hygiene(input: HygieneCommandInput): Promise<ProjectHygiene> {
  const { registry, cluster, now, signal } = input;
  const opened = input.openToRead().catch((error: unknown) => {
    if (error instanceof UpstreamError || error instanceof UserError)
      throw new UpstreamError({ ...explain(error, ''), code: 'no-history' }, { cause: error });
    throw error;
  });
  // It is awaited later; a failure before that is no unhandled rejection.
  opened.catch(() => undefined);
  const reports = createReportService({
    ...input,
    instance: 'terminal',
    shown: NONE_SHOWN,
    problems: () => [],
    monitor: () => null,
    use: async (name) => useOf(await opened, name, now().getTime()),
  });
  const { cluster: found } = await registry.open(cluster ?? (await anyOfOnlyProject(input)), signal);
  return reports.hygiene(found.name, { signal });
}

/** Null if the registry has to choose or to ask. */
async function anyOfOnlyProject({ registry, defaultCluster, signal }: HygieneCommandInput): Promise<string | null> {
  const { projects } = await registry.list(signal);
  const [only, ...others] = projects.filter(({ names }) => names.length > 0);
  return defaultCluster === null && others.length === 0 ? (only?.names[0] ?? null) : null;
}
