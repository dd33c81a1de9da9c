// Why a source, or a whole cluster, holds so many connections.

import { type Chunked, isChunkEnd, runToEnd } from '../base/cooperative.ts';
import type { ConnectionReport } from '../connections/report.ts';
import type { ConnectionSource } from '../connections/source.ts';
import { electionStorm, noIdleLimit } from './bursts.ts';
import { clientLeak, clientPerRequest, fork } from './clients.ts';
import type { Diagnosis, DiagnosisId, Why } from './diagnosis.ts';
import { mainDrivers } from './driver-options.ts';
import { expectedAgainstSeen } from './expected.ts';
import { type ClusterFacts, clusterOfReport, factsOfReport, type SourceFacts } from './facts.ts';
import { type Finder, wouldFree } from './finder.ts';
import { functions } from './functions.ts';
import { idleHost } from './idle-host.ts';
import { limitsOfCluster, limitsOfSource } from './limits.ts';
import { unnamed } from './names.ts';
import { churn } from './openings.ts';
import type { ClusterPast } from './past.ts';
import { minPool, poolExhausted, poolTooLarge } from './pools.ts';
import { TITLES, wordsOf } from './words.ts';

interface Entry {
  readonly id: DiagnosisId;
  readonly find: Finder;
  /** Diagnoses of the same cause: they are left out beside this one. */
  readonly explains: readonly DiagnosisId[];
  /** Nothing breaks for want of the change. */
  readonly isInformation?: true;
}

/** A cause stands before what it explains. */
const ENTRIES: readonly Entry[] = [
  { id: 'functions', find: functions, explains: ['client-per-request', 'churn', 'pool-too-large', 'no-idle-limit'] },
  {
    id: 'client-leak',
    find: clientLeak,
    explains: ['fork', 'client-per-request', 'no-idle-limit', 'min-pool', 'idle-host'],
  },
  { id: 'fork', find: fork, explains: ['client-per-request', 'min-pool'] },
  { id: 'client-per-request', find: clientPerRequest, explains: ['churn', 'no-idle-limit', 'min-pool'] },
  { id: 'min-pool', find: minPool, explains: ['pool-too-large', 'no-idle-limit', 'idle-host'], isInformation: true },
  { id: 'election-storm', find: electionStorm, explains: ['pool-too-large'] },
  { id: 'no-idle-limit', find: noIdleLimit, explains: ['pool-too-large'] },
  { id: 'pool-too-large', find: poolTooLarge, explains: ['idle-host'] },
  { id: 'pool-exhausted', find: poolExhausted, explains: [] },
  { id: 'churn', find: churn, explains: [] },
  { id: 'idle-host', find: idleHost, explains: [], isInformation: true },
  { id: 'unnamed', find: unnamed, explains: [], isInformation: true },
];

/** A large source takes the most time: the readings of a week are looked at. */
const CHUNK = 4;

/**
 * The diagnoses of one source, and what its clients would need.
 * @param past of the cluster; `NO_PAST` for a reading without a store
 */
export function whyOfSource(report: ConnectionReport, source: ConnectionSource, past: ClusterPast): Why {
  const cluster = clusterOfReport(report);
  const facts = factsOfReport(source);
  const diagnoses = diagnosesOf(facts, cluster, past);
  return {
    diagnoses,
    expected: expectedAgainstSeen(facts, cluster, diagnoses),
    limits: limitsOfSource(facts, cluster, past),
  };
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
  return { diagnoses: ranked(found), expected: null, limits: limitsOfCluster(report, past) };
}

/** The most freed first; warnings before information; then in the order of the sources. */
function ranked(found: readonly Diagnosis[]): readonly Diagnosis[] {
  const weight = ({ severity }: Diagnosis) => (severity === 'warning' ? 1 : 0);
  return found.toSorted((a, b) => freedBy(b) - freedBy(a) || weight(b) - weight(a));
}

function freedBy({ wouldFree: free }: Diagnosis): number {
  return free?.connections ?? 0;
}

/** What fits the figures of a source, of a report or a snapshot: the most freed first. */
export function diagnosesOf(source: SourceFacts, cluster: ClusterFacts, past: ClusterPast): readonly Diagnosis[] {
  const subject = { source, cluster, past, history: past.sources[source.id] ?? null };
  const explained = new Set<DiagnosisId>();
  const diagnoses: Diagnosis[] = [];
  for (const { id, find, explains, isInformation } of ENTRIES) {
    const found = explained.has(id) ? null : find(subject);
    if (found === null) continue;
    for (const other of explains) explained.add(other);
    diagnoses.push({
      ...{ id, source: source.id, name: source.name, title: TITLES[id], evidence: found.evidence },
      wouldFree: wouldFree(subject, found.frees),
      ...(found.advice === undefined
        ? wordsOf(id, mainDrivers(source), found.size, found.demand)
        : { advice: found.advice, option: null }),
      severity: isInformation === true ? 'info' : 'warning',
      confidence: found.confidence,
    });
  }
  return ranked(diagnoses);
}
