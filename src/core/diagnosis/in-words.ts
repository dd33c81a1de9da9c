// A diagnosis in a few words, for Slack and terminal alike.

import { count, counted, percent } from '../base/format.ts';
import { byFullness, headroomWord } from '../connections/node-usage.ts';
import type { ConnectionReport } from '../connections/report.ts';
import type { ConnectionSource } from '../connections/source.ts';
import { type Diagnosis, type ExpectedAndSeen, MEGABYTES_EACH, type WouldFree } from './diagnosis.ts';

/** Never a claim that the figures do not carry. */
export const CONFIDENCE: Readonly<Record<Diagnosis['confidence'], string>> = {
  fits: 'fits',
  likely: 'likely',
};

/** `“One MongoClient for each request” fits.` */
export function titleInWords({ title, confidence }: Pick<Diagnosis, 'title' | 'confidence'>): string {
  return `“${title}” ${confidence === 'fits' ? 'fits' : 'is likely'}.`;
}

/** `“One MongoClient for each request” is likely. About 240 connections on shard-00-00 would be freed.` */
export function inShort(
  diagnosis: Pick<Diagnosis, 'title' | 'confidence' | 'wouldFree'>,
  short: (host: string) => string,
): string {
  const { wouldFree } = diagnosis;
  const freed = wouldFree === null ? '' : ` About ${connectionsOn(wouldFree, short)} would be freed.`;
  return `${titleInWords(diagnosis)}${freed}`;
}

/** `about 240 connections on shard-00-00, about 240 MB: an estimate` */
export function freedInWords(wouldFree: WouldFree, short: (host: string) => string): string {
  const memory = count(wouldFree.connections * MEGABYTES_EACH);
  return `about ${connectionsOn(wouldFree, short)}, about ${memory} MB: an estimate`;
}

function connectionsOn({ node, connections }: WouldFree, short: (host: string) => string): string {
  return `${counted(connections, 'connection')} on ${short(node)}`;
}

/** The advice, and the option if the advice does not say it. */
export function changeInWords({ advice, option }: Pick<Diagnosis, 'advice' | 'option'>): string {
  return option === null || advice.includes(option) ? advice : `${advice} ${option}`;
}

/**
 * `shard-00-00 is at 100 % of its limit. "/atlas-conns alerts prod" tells who is shut out.` Null while no node is near its
 * limit.
 * @param command as it is typed, such as `/atlas-conns`
 */
export function emergencyInWords(
  report: ConnectionReport,
  { short, command }: { readonly short: (host: string) => string; readonly command: string },
): string | null {
  const [fullest] = byFullness(report);
  if (fullest === undefined || headroomWord(fullest.ratio) !== 'critical') return null;
  const { host, ratio } = fullest;
  return `${short(host)} is at ${percent(ratio)} of its limit. "${command} alerts ${report.cluster}" tells what is open, and who is shut out.`;
}

/** What the number of its connections does not tell: a source that nothing lets in. Null for the others. */
export function notLetInWords({ class: kind }: Pick<ConnectionSource, 'class'>): string | null {
  return kind === 'unlisted'
    ? 'No access list entry lets it in: an entry was removed or ran out while it stayed.'
    : null;
}

/** `For 12 clients at least 96 connections are expected; 140 are seen.` What the difference means is said beside it. */
export function expectedInWords({ clients, clientsAtLeast, expected, seen }: ExpectedAndSeen): string {
  const are = (value: number) => (value === 1 ? 'is' : 'are');
  if (clients === null || expected === null) return `${counted(seen, 'connection')} ${are(seen)} seen.`;
  const many = `${clientsAtLeast === true ? 'at least ' : ''}${counted(clients, 'client')}`;
  const least = `at least ${counted(expected, 'connection')} ${are(expected)} expected`;
  return `For ${many} ${least}; ${count(seen)} ${are(seen)} seen.`;
}

/** The first warning of each source, in the order given: by what would be freed. */
export function warningOfEach(diagnoses: readonly Diagnosis[]): readonly Diagnosis[] {
  const found = new Map<string, Diagnosis>();
  for (const diagnosis of diagnoses)
    if (diagnosis.severity === 'warning' && !found.has(diagnosis.source)) found.set(diagnosis.source, diagnosis);
  return [...found.values()];
}
