// Use case: why a source or a cluster holds so many, from a new or a saved reading and the stored history.

import { nearest } from '../../core/base/fuzzy-match.ts';
import { inWords } from '../../core/base/problem.ts';
import type { Label } from '../../core/connections/access-list.ts';
import type { Redact } from '../../core/connections/redaction.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { RuleBook } from '../../core/detection/rules.ts';
import { whyInChunks, whyOfSource } from '../../core/diagnosis/diagnose.ts';
import { type ClusterPast, NO_PAST } from '../../core/diagnosis/past.ts';
import type { Store } from '../../core/ports/store.ts';
import { ConfigError, explain, UpstreamError, UserError } from '../../errors.ts';
import type { ClusterRegistry } from '../clusters/registry.ts';
import { analyze } from '../clusters/report-service.ts';
import { pastOf } from '../monitor/history.ts';
import { createStateCache } from '../monitor/state-cache.ts';
import { runInChunks } from '../scheduler/timers.ts';
import type { PoolsAnswer, WhyAnswer, WhyQuery } from './types.ts';

type Named = Pick<WhyQuery, 'cluster' | 'source' | 'word'>;
type Asked = Pick<WhyQuery, 'find'> & { readonly source: string | null };

export interface WhyCommandInput extends Named, Pick<WhyQuery, 'find' | 'signal'> {
  readonly registry: ClusterRegistry;
  readonly labels: readonly Label[];
  readonly book: RuleBook;
  readonly defaultCluster: string | null;
  /** Rejects with UserError or UpstreamError if there is no store to read. */
  readonly openToRead: () => Promise<Store>;
  /** The pools that applications report to a running bot; null where the settings name none. */
  readonly askPools: (() => Promise<Pick<PoolsAnswer, 'view'>>) | null;
  readonly progress: (text: string | null) => void;
  readonly now: () => Date;
  readonly redact: Redact;
}

/** @throws UserError for an unknown cluster or source */
export async function whyOfCluster(input: WhyCommandInput): Promise<WhyAnswer> {
  const { registry, progress, signal } = input;
  progress('Finding the cluster…');
  const { names } = await registry.list(signal);
  const { cluster, source } = meantBy(input, names);
  const { cluster: found, naming } = await registry.open(cluster, signal);
  progress(`Reading ${found.name}…`);
  const [report, { past, limits }, reported] = await Promise.all([
    analyze({ ...input, cluster: found, naming }),
    storedPast(found.name, input),
    reportedPools(found.name, input),
  ]);
  const known = { past: { ...past, ...reported.past }, limits: [...limits, ...reported.limits] };
  return answer({ report, ...known }, { find: input.find, source });
}

/** The same of a saved reading, which has no history. */
export function whyOfSaved(report: ConnectionReport, asked: Asked): Promise<WhyAnswer> {
  return answer({ report, past: NO_PAST, limits: [] }, asked);
}

interface Known {
  readonly report: ConnectionReport;
  readonly past: ClusterPast;
  readonly limits: readonly string[];
}

async function answer({ report, past, limits }: Known, { find, source: typed }: Asked): Promise<WhyAnswer> {
  // Where no source is known, no name can be found among them.
  const source = typed === null || report.totals.active === null ? null : find(report, typed);
  const why = source === null ? await runInChunks(whyInChunks(report, past)) : whyOfSource(report, source, past);
  return { report, source, why: { ...why, limits: [...why.limits, ...limits] } };
}

/** A word alone is a cluster, or else a source of the default or only cluster. */
function meantBy(
  { cluster, source, word, defaultCluster }: Named & Pick<WhyCommandInput, 'defaultCluster'>,
  names: readonly string[],
): { readonly cluster: string | null; readonly source: string | null } {
  if (word === null) return { cluster, source };
  const named = names.find((name) => name.toLowerCase() === word.toLowerCase());
  if (named !== undefined) return { cluster: named, source: null };
  if (names.length < 2 || defaultCluster !== null) return { cluster: null, source: word };
  const near = nearest(word, names);
  const remedy =
    near === null
      ? `If it is a source, name its cluster first: atlas-conns why ${names[0]} "${word}".`
      : `Did you mean ${near}?`;
  throw new UserError(`I don't know a cluster "${word}".`, remedy);
}

/** Without a store, or before its first reading of the cluster, there is no past. */
async function storedPast(
  cluster: string,
  { openToRead, book, now }: WhyCommandInput,
): Promise<Pick<Known, 'past' | 'limits'>> {
  try {
    const memory = createStateCache({ store: await openToRead(), book, readOnly: true });
    const { state } = await memory.known(cluster);
    const limits = state === null ? [`The store has no reading of ${cluster} yet.`] : [];
    return { past: pastOf(state, { now: now().getTime(), book }), limits };
  } catch (error) {
    if (!(error instanceof UpstreamError || error instanceof UserError)) throw error;
    return { past: NO_PAST, limits: [inWords(explain(error, ''))] };
  }
}

/** Without reports the pools are guessed from what the nodes show. */
async function reportedPools(
  cluster: string,
  { askPools }: WhyCommandInput,
): Promise<{ readonly past: Pick<ClusterPast, 'pools'>; readonly limits: readonly string[] }> {
  try {
    const apps = (await askPools?.())?.view.apps.filter((app) => app.cluster === cluster) ?? [];
    return { past: apps.length === 0 ? {} : { pools: apps }, limits: [] };
  } catch (error) {
    if (!(error instanceof UpstreamError || error instanceof UserError || error instanceof ConfigError)) throw error;
    return {
      past: {},
      limits: [`What applications report of their pools is missing here: ${inWords(explain(error, ''))}`],
    };
  }
}
