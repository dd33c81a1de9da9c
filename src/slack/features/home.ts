// App Home: every cluster at a glance, first from the last readings, then from new ones.

import type { AlertOverview } from '../../core/ports/monitor.ts';
import type { BotStatus, ReportService } from '../../core/ports/reports.ts';
import type { Timing } from '../client/settings.ts';
import type { RequestContext } from '../requests/handle-request.ts';
import { withProgress } from '../requests/reply.ts';
import { type ClusterCard, homeView } from '../views/home.ts';

export interface HomeInput {
  readonly reports: ReportService;
  readonly timing: Timing;
}

/** Shows the overview; `fresh` reads every cluster again. */
export type ShowHome = (context: RequestContext, options: { readonly fresh: boolean }) => Promise<void>;

export function createHome({ reports, timing }: HomeInput): ShowHome {
  /** Null while the store does not answer; the status shows why. */
  const boardOf = async (context: RequestContext): Promise<AlertOverview | null> => {
    try {
      return (await reports.monitor?.board(context.signal)) ?? null;
    } catch (error) {
      context.explain(error);
      return null;
    }
  };
  return async (context, { fresh }) => {
    const { signal, reply } = context;
    const known = async (): Promise<readonly ClusterCard[]> => {
      const { names } = await reports.clusters(signal);
      return names.map((name) => ({ name, answer: reports.last(name), problem: null }));
    };
    const read = async (name: string): Promise<ClusterCard> => {
      try {
        return { name, answer: await reports.report(name, { fresh, signal }), problem: null };
      } catch (error) {
        return { name, answer: reports.last(name), problem: context.explain(error) };
      }
    };
    const publish = async (clusters: readonly ClusterCard[], status: BotStatus) => {
      const board = await boardOf(context);
      return reply.show((tables) => ({ text: TITLE, blocks: homeView({ clusters, status, board, tables }).blocks }));
    };
    const [overview, before] = await Promise.all([known(), reports.status(signal)]);
    const cards = await withProgress({
      afterMs: timing.readingAfter,
      show: () => publish(overview, before),
      work: Promise.all(overview.map(({ name }) => read(name))),
    });
    await publish(cards, await reports.status(signal));
  };
}

const TITLE = 'Connections of every cluster';
