// The reading that an answer of this room is about: the one on the screen, or one that is made now.

import type { ReportAnswer, ReportService } from '../../core/ports/reports.ts';
import type { Timing } from '../client/settings.ts';
import type { RequestContext } from '../requests/handle-request.ts';
import { withProgress } from '../requests/reply.ts';
import { notKeptView, problemView, readingView } from '../views/notices.ts';

export interface ReadingDependencies {
  readonly reports: ReportService;
  /** The slash command's name. */
  readonly command: string;
  readonly timing: Timing;
}

interface Asked {
  readonly cluster: string;
  readonly fresh: boolean;
  /** Of the reading on the screen, and the page of it. */
  readonly readAt?: number;
  readonly page?: number;
}

/** Null when the answer was given: the reading failed, or is no longer kept. */
export async function readingFor(
  context: RequestContext,
  { cluster, fresh, readAt, page }: Asked,
  { reports, timing }: ReadingDependencies,
): Promise<ReportAnswer | null> {
  const { reply, signal } = context;
  const shown = fresh || readAt === undefined ? null : await reports.shown.find(cluster, readAt);
  if (shown !== null) return shown;
  // Another reading has other rows.
  if (!fresh && page !== undefined) {
    await reply.show(() => notKeptView(cluster));
    return null;
  }
  const nodes = reports.last(cluster)?.report.nodes.length ?? null;
  try {
    return await withProgress({
      afterMs: timing.readingAfter,
      show: () => reply.show(() => readingView({ cluster, nodes })),
      work: reports.report(cluster, { fresh, signal }),
    });
  } catch (error) {
    const problem = context.explain(error);
    const last = reports.last(cluster)?.report;
    await reply.show(() => problemView(problem, last && { lastReading: { cluster, at: last.at } }));
    return null;
  }
}
