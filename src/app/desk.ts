// Use case: answers for many people at once. Whoever asks while a reading runs shares it; a fresh one is reused.

import type { Label } from '../core/access-list.ts';
import type { Answer, BotStatus, ClusterStatus, Desk } from '../core/desk.ts';
import { nodesRead } from '../core/headroom.ts';
import type { NodeHeadroom, NodeUnread } from '../core/node.ts';
import type { Observer } from '../core/observe.ts';
import type { Problem } from '../core/problem.ts';
import type { ConnectionReport } from '../core/report.ts';
import { unlessAborted } from '../core/unless-aborted.ts';
import type { Watching } from '../core/watching.ts';
import { UserError } from '../errors.ts';
import { analyze } from './analyze.ts';
import type { Fleet } from './fleet.ts';

export interface DeskInput {
  readonly fleet: Fleet;
  readonly labels: readonly Label[];
  readonly defaultCluster: string | null;
  readonly version: string;
  readonly instance: string;
  readonly now: () => Date;
  /** What the faces have found missing, e.g. scopes of Slack. */
  readonly problems: () => readonly Problem[];
  /** The watch, which is made after the desk that it reads through; null without a store. */
  readonly watching: () => Watching | null;
  /** Told of every reading, for whoever measures it. */
  readonly observer?: Pick<Observer, 'reading'>;
  /** Ends readings when the bot stops. */
  readonly signal: AbortSignal;
}

/** A desk that the watch reads through. */
export interface ReadingDesk extends Desk {
  /** How full the nodes are now, by serverStatus alone. Rejects as `report` does. */
  headroom(cluster: string, signal: AbortSignal): Promise<readonly (NodeHeadroom | NodeUnread)[]>;
}

interface Kept {
  readonly report: ConnectionReport;
  /** When it was finished: its figures are those of that moment. */
  readonly doneAt: number;
}

const REUSED_FOR_MS = 10_000;
/** Nodes and Atlas have deadlines of their own; this ends what escapes them. */
const READING_MS = 120_000;
const LOOK_MS = 30_000;

export function createDesk(input: DeskInput): ReadingDesk {
  const { fleet, now } = input;
  const startedAt = now().toISOString();
  const running = new Map<string, Promise<Kept>>();
  const latest = new Map<string, Kept>();
  const lastGood = new Map<string, Kept>();

  const read = async (name: string): Promise<Kept> => {
    const signal = AbortSignal.any([input.signal, AbortSignal.timeout(READING_MS)]);
    const report = await observed(input, name, async () => {
      const { cluster, naming } = await fleet.open(name, signal);
      return analyze({ cluster, naming, labels: input.labels, signal, now });
    });
    const kept = { report, doneAt: now().getTime() };
    latest.set(name, kept);
    if (nodesRead(report).length > 0) lastGood.set(name, kept);
    return kept;
  };
  const shared = (name: string): Promise<Kept> => {
    const reading = running.get(name) ?? read(name).finally(() => running.delete(name));
    running.set(name, reading);
    return reading;
  };
  const answer = ({ report, doneAt }: Kept): Answer => ({ report, ageMs: Math.max(0, now().getTime() - doneAt) });

  return {
    async clusters(signal) {
      const { names, left, problems } = await fleet.list(signal);
      const only = names.length === 1 ? (names[0] ?? null) : null;
      return { names, left, problems, defaultCluster: input.defaultCluster ?? only };
    },
    async report(name, { fresh = false, signal }) {
      const known = latest.get(name);
      const isYoung = known !== undefined && now().getTime() - known.doneAt < REUSED_FOR_MS;
      if (isYoung && !fresh) return answer(known);
      // One person's giving up must not take the reading from the others.
      return answer(await unlessAborted(shared(name), signal));
    },
    async headroom(name, signal) {
      const within = AbortSignal.any([input.signal, signal, AbortSignal.timeout(LOOK_MS)]);
      const { cluster } = await fleet.open(name, within);
      return cluster.headroom({ signal: within });
    },
    last(name) {
      const known = lastGood.get(name);
      return known === undefined ? null : answer(known);
    },
    async status(signal): Promise<BotStatus> {
      const { names, left, problems } = await fleet.list(signal);
      const { version, instance } = input;
      const clusters = names.map((name) => statusOf(name, latest.get(name)));
      const watch = (await input.watching()?.status()) ?? null;
      return { version, instance, startedAt, clusters, left, problems: [...problems, ...input.problems()], watch };
    },
    get watching() {
      return input.watching();
    },
  };
}

/** A name that is no cluster, or one that is left, is no reading that failed. */
async function observed(
  { observer, now }: Pick<DeskInput, 'observer' | 'now'>,
  cluster: string,
  read: () => Promise<ConnectionReport>,
): Promise<ConnectionReport> {
  const began = now().getTime();
  const tookMs = () => Math.max(0, now().getTime() - began);
  try {
    const report = await read();
    observer?.reading({ cluster, report, tookMs: tookMs() });
    return report;
  } catch (error) {
    if (!(error instanceof UserError)) observer?.reading({ cluster, report: null, tookMs: tookMs() });
    throw error;
  }
}

function statusOf(name: string, kept: Kept | undefined): ClusterStatus {
  if (kept === undefined) return { name, lastReadAt: null, tookMs: null, nodesRead: null, nodesKnown: null };
  const { at, tookMs, nodes } = kept.report;
  return { name, lastReadAt: at, tookMs, nodesRead: nodesRead(kept.report).length, nodesKnown: nodes.length };
}
