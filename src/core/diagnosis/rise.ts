// What an alert about a rise says: which diagnosis would explain it, and what to change.
//
// A known rise needs less evidence than a diagnosis of a state: a burst counts before its pools stayed for hours.

import { count, counted } from '../base/format.ts';
import type { WallMoment } from '../base/time-zone.ts';
import type { SourceHistory } from '../baseline/source-history.ts';
import { clientsInWords, clientsShown } from '../connections/clients.ts';
import type { Snapshot, SnapshotSource } from '../snapshots/snapshot.ts';
import { diagnosesOf } from './diagnose.ts';
import type { DiagnosisId } from './diagnosis.ts';
import { hasMinPoolSize as canKeepMinimum, mainDrivers } from './driver-options.ts';
import { clusterOfSnapshot, factsOfSnapshot } from './facts.ts';
import { averageOf } from './finder.ts';
import type { Elected } from './past.ts';
import { TITLES, wordsOf } from './words.ts';

interface Rise {
  readonly source: SnapshotSource;
  readonly snapshot: Snapshot;
  /** Before the reading; null for a source that was never seen. */
  readonly past: SourceHistory | null;
  readonly elected: Elected | null;
  readonly moment: WallMoment;
  /** Usual MongoClients; null when their number is unknown. */
  readonly usualClients: number | null;
}

/** What a rise can come from. The others stand for weeks, or explain no higher number. */
const CAUSES: ReadonlySet<DiagnosisId> = new Set([
  'functions',
  'client-leak',
  'fork',
  'client-per-request',
  'election-storm',
  'no-idle-limit',
  'pool-exhausted',
]);

/** The diagnosis that fits all of it, as `why` would tell it; null for none. */
function diagnosed({ source, snapshot, past, elected, moment }: Rise): string | null {
  const known = { sources: past === null ? {} : { [source.id]: past }, nodes: {}, elected, moment };
  const found = diagnosesOf(factsOfSnapshot(source), clusterOfSnapshot(snapshot), known);
  const cause = found.find(({ id }) => CAUSES.has(id));
  if (cause === undefined) return null;
  const { evidence, title, advice, confidence } = cause;
  return `${evidence[0]} “${title}” ${confidence === 'fits' ? 'fits' : 'would explain it'}. ${advice}`;
}

/** A pool is large with as many connections on each node, and small with fewer. */
const LARGE = 10;
const SMALL = 2;
/** Clients above their usual, as a factor and a number. */
const MANY = { ratio: 1.5, more: 5 };
const GRADUALLY = { ratio: 1.2, more: 2 };

/** @param isGradual the rise took half an hour or more: no burst does */
export function riseAdvice(rise: Rise & { readonly isGradual: boolean }): string {
  return diagnosed(rise) ?? byFigures(rise);
}

function byFigures({ source, usualClients, isGradual }: Parameters<typeof riseAdvice>[0]): string {
  const { active, dormant, clients } = source;
  const pooled = active + dormant;
  const explained = (facts: string, ...ids: readonly DiagnosisId[]) => explainedBy(facts, ids, source);
  if (pooled > 0 && active > pooled / 2)
    return `${count(active)} of ${count(pooled)} connections run operations now. ${wordsFor('pool-exhausted', source)}`;
  if (isGradual && clients !== 0) {
    if (isAbove(source, usualClients, GRADUALLY))
      return explained(
        `the number of clients grew gradually to ${clientsShown(source)}, usually ${count(usualClients ?? 0)}`,
        'client-leak',
      );
    return `the connections grew gradually, as a leak does. Look for clients that are never closed, and for cursors or sessions that stay open.`;
  }
  if (clients === null)
    return explained('the drivers do not show how many clients there are, as in functions', 'functions');
  if (clients === 0)
    return 'no MongoClient heartbeat was seen from this source. Look for processes that exited without close().';
  const each = pooled / clients;
  const isOne = clients === 1 && source.clientsAtLeast !== true;
  const held = `${clientsInWords(source)} ${isOne ? 'holds' : 'hold'} ${mostText(source)}${averageOf(each, 'connection')}${isOne ? '' : ' each'}`;
  if (isAbove(source, usualClients, MANY))
    return explained(`${held}; usually there are ${count(usualClients ?? 0)} clients`, 'client-per-request');
  const nodes = Math.max(1, source.nodes.length);
  if (each < SMALL * nodes) {
    // As many clients as usual do not explain more connections.
    const isAsUsual = usualClients !== null && !isAbove(source, usualClients, GRADUALLY);
    const ids: readonly DiagnosisId[] = [
      ...(isAsUsual ? [] : (['client-per-request'] as const)),
      ...(hasMinPoolSize(source) ? (['min-pool'] as const) : []),
    ];
    if (ids.length > 0) return explained(held, ...ids);
  }
  return explained(each >= LARGE * nodes ? `${held}, as after a burst that filled the pools` : held, 'no-idle-limit');
}

/** Of a source whose clients grew to many more. */
export function clientRiseAdvice(rise: Rise): string {
  return diagnosed(rise) ?? byClients(rise);
}

function byClients({ source, usualClients }: Rise): string {
  const { clients, active, dormant } = source;
  const facts = [
    clients === null || usualClients === null ? null : `${counted(clients - usualClients, 'client')} more than usual`,
    clients === null || clients === 0
      ? null
      : `${mostText(source)}${averageOf((active + dormant) / clients, 'connection')} each`,
  ].filter((fact) => fact !== null);
  return explainedBy(facts.join(', '), ['client-leak'], source);
}

function isAbove(
  { clients }: SnapshotSource,
  usual: number | null,
  { ratio, more }: { readonly ratio: number; readonly more: number },
): boolean {
  return clients !== null && usual !== null && clients >= ratio * usual && clients - usual >= more;
}

function mostText({ clientsAtLeast }: SnapshotSource): string {
  return clientsAtLeast === true ? 'up to ' : '';
}

function explainedBy(facts: string, ids: readonly DiagnosisId[], source: SnapshotSource): string {
  const titles = ids.map((id) => `“${TITLES[id]}”`).join(' or ');
  return `${facts}. ${titles} would explain it. ${ids.map((id) => wordsFor(id, source)).join(' ')}`;
}

function hasMinPoolSize(source: SnapshotSource): boolean {
  const drivers = mainDrivers(factsOfSnapshot(source));
  return drivers.every(({ driver }) => driver === null || canKeepMinimum(driver));
}

function wordsFor(id: DiagnosisId, source: SnapshotSource): string {
  return wordsOf(id, mainDrivers(factsOfSnapshot(source))).advice;
}
