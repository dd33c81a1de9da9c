// The diagnoses of a reading, with the past of its cluster where a store has one.

import { setImmediate as breath } from 'node:timers/promises';
import { unlessAborted } from '../../core/base/abort.ts';
import { runWithPauses } from '../../core/base/cooperative.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { ConnectionSource } from '../../core/connections/source.ts';
import { whyInChunks, whyOfSource } from '../../core/diagnosis/diagnose.ts';
import type { Why } from '../../core/diagnosis/diagnosis.ts';
import { type ClusterPast, NO_PAST } from '../../core/diagnosis/past.ts';
import type { AppPools } from '../../core/pools/view.ts';
import type { Monitor } from '../../core/ports/monitor.ts';
import type { PoolService } from '../../core/ports/pools.ts';
import { UpstreamError } from '../../errors.ts';
import type { RequestContext } from '../requests/handle-request.ts';

interface Asked {
  readonly report: ConnectionReport;
  readonly monitor: Monitor | null;
  /** Null where no reports of pools are taken. */
  readonly pools: PoolService | null;
}

type Context = Pick<RequestContext, 'signal' | 'explain'>;

/** Never rejects because of the store: then the limits say what is not known. */
export async function whyOf(source: ConnectionSource, asked: Asked, context: Context): Promise<Why> {
  const { report } = asked;
  const { past, limits } = await pastOf(asked, context);
  const why = whyOfSource(report, source, past);
  return { ...why, limits: [...why.limits, ...limits] };
}

interface Diagnosed {
  readonly of: ClusterPast['sources'];
  readonly why: Promise<Why>;
}
const diagnosed = new WeakMap<ConnectionReport, Diagnosed>();

/** The same of a whole cluster. Done once for a reading: during an incident hundreds ask for it. */
export async function whyOfAll(asked: Asked, context: Context): Promise<Why> {
  const { report } = asked;
  const { past, limits } = await pastOf(asked, context);
  const known = diagnosed.get(report);
  const found =
    known?.of === past.sources
      ? known
      : { of: past.sources, why: runWithPauses(whyInChunks(report, past), () => breath()) };
  diagnosed.set(report, found);
  const why = await found.why;
  return { ...why, limits: [...why.limits, ...limits] };
}

/** How long an answer waits for the store. */
const STORE_MS = 5_000;

interface Known {
  readonly past: ClusterPast;
  readonly limits: readonly string[];
}

async function pastOf({ report: { cluster }, monitor, pools }: Asked, context: Context): Promise<Known> {
  const [known, apps] = await Promise.all([storedPast(monitor, cluster, context), poolsOf(pools, cluster, context)]);
  return apps.length === 0 ? known : { ...known, past: { ...known.past, pools: apps } };
}

/** Without reports the pools are guessed from what the nodes show. */
async function poolsOf(pools: PoolService | null, cluster: string, context: Context): Promise<readonly AppPools[]> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(STORE_MS)]);
  try {
    return (await pools?.view(signal))?.apps.filter((app) => app.cluster === cluster) ?? [];
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof UpstreamError || signal.aborted) return [];
    throw error;
  }
}

async function storedPast(monitor: Monitor | null, cluster: string, context: Context): Promise<Known> {
  if (monitor === null) return { past: NO_PAST, limits: [] };
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(STORE_MS)]);
  try {
    return { past: await unlessAborted(monitor.past(cluster, signal), signal), limits: [] };
  } catch (error) {
    const { text } = signal.aborted ? TOO_SLOW : context.explain(error);
    return { past: NO_PAST, limits: [`The history is missing here: ${text}`] };
  }
}

const TOO_SLOW = { text: 'the store did not answer in time.' };
