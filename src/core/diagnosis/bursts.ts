// no-idle-limit and election-storm: pools that stay after what filled them.

import { DAY, HOUR, MINUTE } from '../base/duration.ts';
import { count, percent, span } from '../base/format.ts';
import { medianOf, usualAt } from '../baseline/baseline.ts';
import { SLOT } from '../baseline/memory.ts';
import { shortHosts } from '../connections/node-usage.ts';
import { middleOf, reachedAt, readingsOf } from './course.ts';
import { closesIdleByDefault, mainDriver } from './driver-options.ts';
import { type Examined, type Finder, type Match, momentOf, pooledOf, pooledOn } from './finder.ts';

/** Bursts of the last two days: older ones are the level. */
const LOOKS_BACK = 2 * DAY;
/** C#, which closes idle connections, does so within ten minutes; a busy morning lasts longer. */
const HELD_FOR = 3 * HOUR;
/** What rises for longer is growth. */
const ROSE_WITHIN = 30 * MINUTE;
/** The level stays within a tenth. */
const SAME = 0.1;
/** Of the highest reading of the burst. */
const STAYED = 0.85;
/** Before, it held less than this share. */
const LOWER = 0.7;
const LEAST_MORE = 30;
/** Most of it must be idle: connections that run operations are no leftover. */
const IDLE = 0.75;
/** The activity after a burst is a quarter of the burst's, or nothing next to the pools. */
const CALM = 0.25;
const ALMOST_NONE = 0.02;
const LEAST_BURST = 5;
/** More clients, not larger pools, explain more connections. */
const MORE_CLIENTS = 1.2;

export const noIdleLimit: Finder = (subject) => {
  const { source, history } = subject;
  const pooled = pooledOf(source);
  if (history === null || source.dormant < IDLE * pooled || closesIdleByDefault(mainDriver(source))) return null;
  const burst = lastBurst(subject, history);
  if (burst === null) return null;
  const { level, before, at, activeThen, activeSince } = burst;
  const isSeen = activeThen >= LEAST_BURST && activeSince <= CALM * activeThen;
  if (!isSeen && activeSince > ALMOST_NONE * level) return null;
  const more = Math.min(source.dormant, level - before);
  const lasted = subject.cluster.at - at;
  return {
    evidence: [
      `It rose from ${count(before)} to ${count(level)} pooled connections ${span(lasted)} ago, and has held about as many since: ${count(source.dormant)} are dormant now.`,
      isSeen
        ? `${count(activeThen)} were active in the burst, ${count(activeSince)} since.`
        : `About ${count(activeSince)} are active (${percent(activeSince / Math.max(1, level))}).`,
      'Expected with a limit for idle connections: back to the level before within minutes.',
    ],
    frees: (node) => Math.min(node.dormant, (more * pooledOn(node)) / Math.max(1, pooled)),
    confidence: isSeen ? 'fits' : 'likely',
  };
};

interface Burst {
  readonly at: number;
  readonly before: number;
  readonly level: number;
  readonly activeThen: number;
  readonly activeSince: number;
}

/** The burst that brought the source to its level of now; null when it did not come by a burst. */
function lastBurst(subject: Examined, history: NonNullable<Examined['history']>): Burst | null {
  const moment = momentOf(subject);
  const level = middleOf(history.pooled, moment, HOUR);
  if (level === null) return null;
  const isSame = (value: number) => Math.abs(value - level) <= SAME * level;
  if (!isSame(pooledOf(subject.source))) return null;
  // Back to the first reading at this level. What is above it belongs to the burst.
  const start = reachedAt(history.pooled, moment, { value: (1 - SAME) * level, within: LOOKS_BACK });
  if (start === null || moment.at - start < HELD_FOR) return null;
  const points = readingsOf(history.pooled, moment, { from: moment.at - start + 2 * HOUR });
  const after = points.filter(({ at }) => at >= start);
  const since = after.filter(({ at }) => at >= start + HOUR);
  const peak = Math.max(...after.map(({ value }) => value));
  if (!since.every(({ value }) => isSame(value)) || level < STAYED * peak) return null;
  const early = points.filter(({ at }) => at < start - ROSE_WITHIN + SLOT && at >= start - ROSE_WITHIN - HOUR);
  if (early.length === 0) return null;
  const before = medianOf(early.map(({ value }) => value));
  if (before > LOWER * level || level - before < LEAST_MORE) return null;
  if (history.clients && hasMoreClients(subject, history.clients, start)) return null;
  const idle = new Map(
    readingsOf(history.dormant, moment, { from: moment.at - start + 2 * HOUR }).map(
      ({ at, value }) => [at, value] as const,
    ),
  );
  const active = (at: number, value: number) => Math.max(0, value - (idle.get(at) ?? value));
  const around = points.filter(({ at }) => Math.abs(at - start) <= ROSE_WITHIN);
  return {
    at: start,
    before,
    level,
    activeThen: Math.max(...around.map(({ at, value }) => active(at, value))),
    activeSince: Math.max(medianOf(since.map(({ at, value }) => active(at, value))), subject.source.active),
  };
}

function hasMoreClients(
  subject: Examined,
  clients: NonNullable<NonNullable<Examined['history']>['clients']>,
  at: number,
): boolean {
  const moment = momentOf(subject);
  const back = moment.at - at + ROSE_WITHIN;
  const before = middleOf(clients, moment, back + HOUR, back);
  return before !== null && (subject.source.clients ?? 0) > MORE_CLIENTS * before;
}

/** Fewer on the former primary are not worth a word. */
const LEAST_POOL = 20;
/** A pool that serves no writes any more is idle. */
const LEFT_IDLE = 0.8;
/** The two are of one size, within a factor of two. */
const ALIKE = 0.5;

export const electionStorm: Finder = (subject): Match | null => {
  const { source, cluster, past, history } = subject;
  const { elected } = past;
  if (elected === null || cluster.at - elected.at > HOUR || cluster.at < elected.at) return null;
  const now = source.nodes.find(({ host }) => host === elected.primary);
  const [former, ...others] = source.nodes.filter((node) => node !== now).toSorted((a, b) => pooledOn(b) - pooledOn(a));
  if (now === undefined || former === undefined) return null;
  const [left, grown] = [pooledOn(former), pooledOn(now)];
  if (left < LEAST_POOL || former.dormant < LEFT_IDLE * left || grown < ALIKE * left || left < ALIKE * grown)
    return null;
  // Pools on every node are those of minPoolSize, or of reads from the nearest node.
  if (others.some((node) => pooledOn(node) > ALIKE * left)) return null;
  const usual = history === null ? null : usualAt(history.pooled, momentOf(subject));
  const share = (host: string) => history?.shares[host]?.share ?? 0;
  const isKnown = usual !== null && history !== null;
  if (isKnown && (share(elected.primary) * usual.value > ALIKE * grown || share(former.host) < ALIKE)) return null;
  const short = shortHosts(cluster);
  const whole = isKnown ? `; usually ${count(usual.value)} on all nodes, most of them there` : '';
  return {
    evidence: [
      `${short(elected.primary)} became the primary ${span(cluster.at - elected.at)} ago. The source holds ${count(grown)} connections on it. On ${short(former.host)} it holds ${count(left)}, of which ${count(former.dormant)} are dormant${whole}.`,
      'Expected: a driver keeps the pool of a primary that steps down, and fills another one for the new primary.',
      ...(isKnown ? [] : [`Whether ${short(former.host)} was the primary before is not known.`]),
    ],
    frees: (node) => (node === former ? former.dormant : 0),
    confidence: isKnown ? 'fits' : 'likely',
  };
};
