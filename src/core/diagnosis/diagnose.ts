// Why a source, or a whole cluster, holds so many connections.

import { type Chunked, isChunkEnd, runToEnd } from '../base/cooperative.ts';
import type { ConnectionReport } from '../connections/report.ts';
import type { ConnectionSource } from '../connections/source.ts';
import type { Diagnosis, DiagnosisId, Why } from './diagnosis.ts';
import { type ClusterFacts, clusterOfReport, factsOfReport, type SourceFacts } from './facts.ts';
import { type Finder, wouldFree } from './finder.ts';
import { unnamed } from './names.ts';
import type { ClusterPast } from './past.ts';
import { TITLES, wordsOf } from './words.ts';

const FINDERS: readonly (readonly [DiagnosisId, Finder])[] = [['unnamed', unnamed]];

/** A history of these is for information: nothing breaks for want of the change. */
const INFORMATION: ReadonlySet<DiagnosisId> = new Set(['unnamed', 'idle-host', 'min-pool']);

const CHUNK = 10;

export function whyOfSource(report: ConnectionReport, source: ConnectionSource, past: ClusterPast): Why {
  return { diagnoses: diagnosesOf(factsOfReport(source), clusterOfReport(report), past), expected: null, limits: [] };
}

/** The diagnoses of all sources, by what would be freed, the most first. */
export function whyOfCluster(report: ConnectionReport, past: ClusterPast): Why {
  return runToEnd(whyInChunks(report, past));
}

/** The same in chunks, so that thousands of sources do not block the event loop. */
export function* whyInChunks(report: ConnectionReport, past: ClusterPast): Chunked<Why> {
  const cluster = clusterOfReport(report);
  const found: Diagnosis[] = [];
  for (const [index, source] of report.sources.entries()) {
    if (isChunkEnd(index, CHUNK)) yield;
    found.push(...diagnosesOf(factsOfReport(source), cluster, past));
  }
  return { diagnoses: found.toSorted((a, b) => freedBy(b) - freedBy(a)), expected: null, limits: [] };
}

function freedBy({ wouldFree: free }: Diagnosis): number {
  return free?.connections ?? 0;
}

function diagnosesOf(source: SourceFacts, cluster: ClusterFacts, past: ClusterPast): readonly Diagnosis[] {
  const subject = { source, cluster, past, history: past.sources[source.id] ?? null };
  return FINDERS.flatMap(([id, find]) => {
    const found = find(subject);
    if (found === null) return [];
    const { evidence, frees, confidence } = found;
    return [
      {
        ...{ id, source: source.id, name: source.name, title: TITLES[id], evidence, ...wordsOf(id) },
        wouldFree: wouldFree(subject, frees),
        severity: INFORMATION.has(id) ? ('info' as const) : ('warning' as const),
        confidence,
      },
    ];
  });
}
