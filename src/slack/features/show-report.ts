// A reading of a cluster, made or kept, with what the watch knows around it, as somebody wants to see it.

import type { ProjectHygiene } from '../../core/connections/project-access-list.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { Answer } from '../../core/ports/reports.ts';
import { DEFAULT_WINDOW } from '../../core/snapshots/time-window.ts';
import { lastReadingOf, renderingOf, sourceWanted, type Wanted } from '../rendering.ts';
import type { Guest } from '../requests/handle-request.ts';
import { withProgress } from '../requests/progress.ts';
import type { Showing } from '../showing.ts';
import { projectHygieneView } from '../views/access-list.ts';
import { goneView } from '../views/gone.ts';
import { problemView } from '../views/notices.ts';
import { readingView } from '../views/reading.ts';
import { type Surroundings, surroundingsOf } from './report-context.ts';
import { showHistory } from './show-history.ts';

export interface Sought {
  readonly cluster: string;
  readonly wanted: Wanted;
  readonly fresh: boolean;
}

export async function showCluster(guest: Guest, sought: Sought, input: Showing): Promise<void> {
  const { cluster, wanted, fresh } = sought;
  const { desk, timing } = input;
  const { reply, signal } = guest;
  const nodes = desk.last(cluster)?.report.nodes.length ?? null;
  let answer: Answer;
  try {
    answer = await withProgress({
      afterMs: timing.readingAfter,
      show: () => reply.show(() => readingView({ cluster, nodes })),
      work: desk.report(cluster, { fresh, signal }),
    });
  } catch (error) {
    const problem = input.explained(error, guest);
    const lastReading = lastReadingOf(desk.last(cluster));
    return reply.show(() => problemView(problem, lastReading === null ? {} : { lastReading }));
  }
  const isGone = wanted.view === 'source' && sourceWanted(answer.report, wanted) === null;
  // What an alert was about may hold nothing by now; then its past is what there is to see.
  if (isGone && 'id' in wanted.source && desk.watching !== null) {
    return showHistory(guest, { cluster, source: wanted.source.id, window: DEFAULT_WINDOW }, input);
  }
  const around = await surroundings(guest, { report: answer.report, wanted }, input);
  await reply.show(renderingOf({ ...input, answer, wanted, place: reply.place, around, last: desk.last(cluster) }));
}

/** The hygiene of all clusters of the project that a cluster is of. */
export async function showProject(
  guest: Guest,
  { cluster, fresh }: { readonly cluster: string; readonly fresh: boolean },
  input: Showing,
): Promise<void> {
  const { reply, signal } = guest;
  let hygiene: ProjectHygiene | null;
  try {
    hygiene = await withProgress({
      afterMs: input.timing.readingAfter,
      show: () => reply.show(() => readingView({ cluster: 'all clusters of the project', nodes: null })),
      work: input.desk.hygiene(cluster, { fresh, signal }),
    });
  } catch (error) {
    const problem = input.explained(error, guest);
    return reply.show(() => problemView(problem));
  }
  if (hygiene === null) return showCluster(guest, { cluster, wanted: { view: 'hygiene' }, fresh }, input);
  const found = hygiene;
  await reply.show((tables) => projectHygieneView({ hygiene: found, cluster, tables, place: reply.place }));
}

export async function showLast(
  guest: Guest,
  { cluster, wanted }: { readonly cluster: string; readonly wanted: Wanted },
  input: Showing,
): Promise<void> {
  const { reply } = guest;
  const answer = input.desk.last(cluster);
  if (answer === null) return reply.show(() => goneView({ what: 'The last reading', cluster }));
  const around = await surroundings(guest, { report: answer.report, wanted }, input);
  await reply.show(renderingOf({ ...input, answer, wanted, place: reply.place, around, last: null }));
}

/** Only what is drawn of it is asked for. */
export async function surroundings(
  guest: Guest,
  { report, wanted }: { readonly report: ConnectionReport; readonly wanted: Wanted },
  { desk, explained }: Showing,
): Promise<Surroundings | null> {
  if (wanted.view === 'nodes' || wanted.view === 'hygiene') return null;
  const source = wanted.view === 'source' ? sourceWanted(report, wanted) : null;
  return surroundingsOf(desk, {
    cluster: report.cluster,
    source: source?.id ?? null,
    signal: guest.signal,
    explained: (error) => explained(error, guest),
  });
}
