// Why a source or a cluster holds so many, asked for by a command or a button.

import { clipped } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import { findSource, type SourceMatch } from '../../core/connections/find-source.ts';
import { nodesRead } from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { ConnectionSource } from '../../core/connections/source.ts';
import { matchesKey, type SourceReference, type ViewRequest } from '../blockkit/action-values.ts';
import type { RequestContext } from '../requests/handle-request.ts';
import { goneView, problemView, sourceChoiceView, unreadView } from '../views/notices.ts';
import { whyOf, whyOfAll } from './diagnose.ts';
import { type ReadingDependencies, readingFor } from './reading.ts';
import { whyOfClusterView, whyOfSourceView } from './why-view.ts';

interface WhyRequest extends Omit<ViewRequest<'why'>, 'view'> {
  /** Reads anew, else the reading on the screen is used where there is one. */
  readonly fresh: boolean;
}

export async function showWhy(context: RequestContext, request: WhyRequest, input: ReadingDependencies): Promise<void> {
  const { cluster, source: named, page = 0 } = request;
  const { reports, command } = input;
  const { reply } = context;
  const answer = await readingFor(context, request, input);
  if (answer === null) return;
  const { report, ageMs } = answer;
  const { place } = reply;
  if (nodesRead(report).length === 0) return reply.show(() => unreadView(report, { place }));
  if (place.kind !== 'shared') reports.shown.keep(report);
  const asked = { report, monitor: reports.monitor, pools: reports.pools };
  const shown = { report, ageMs, place, page };
  const ofCluster = async () => {
    const why = await whyOfAll(asked, context);
    return reply.show((tables) => whyOfClusterView({ ...shown, command, why, tables }));
  };
  if (named === null) return ofCluster();
  const match = matchIn(report, named);
  switch (match.kind) {
    case 'found': {
      const { source } = match;
      const why = await whyOf(source, asked, context);
      return reply.show((tables) => whyOfSourceView({ ...shown, source, why, tables }));
    }
    case 'several': {
      const { candidates } = match;
      const text = 'text' in named ? named.text : '';
      return reply.show(() => sourceChoiceView({ cluster, text, candidates, view: 'why' }));
    }
    case 'none': {
      if (!('text' in named)) return reply.show(() => goneView({ what: 'The source', cluster }));
      // In quotes, and yet no source.
      if (named.text.toLowerCase() === cluster.toLowerCase()) return ofCluster();
      return reply.show(() => problemView(unknownSource(named.text, { near: match.nearest, cluster, command })));
    }
  }
}

function matchIn({ sources }: ConnectionReport, named: SourceReference): SourceMatch<ConnectionSource> {
  if ('text' in named) return findSource(sources, named.text);
  const source = sources.find(({ id }) => ('id' in named ? id === named.id : matchesKey(id, named.key)));
  return source === undefined ? { kind: 'none', nearest: null } : { kind: 'found', source };
}

function unknownSource(
  text: string,
  { near, cluster, command }: { readonly near: string | null; readonly cluster: string; readonly command: string },
): Problem {
  return {
    code: 'unknown-source',
    text: `No source "${clipped(text)}" has connections to ${cluster}.`,
    remedy: near === null ? `"${command} ${cluster}" lists them all.` : `Did you mean "${near}"?`,
  };
}
