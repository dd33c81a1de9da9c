// The readings in the log: one line when what can be read of a cluster changes, however often it is read.

import type { Problem } from '../../core/base/problem.ts';
import { ACCESS_LIST_MISSING } from '../../core/connections/access-list.ts';
import { nodesRead, nodesUnread } from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { WatchInput } from './types.ts';

/** What a reading came to. */
export interface Outcome {
  readonly cluster: string;
  readonly complete: boolean;
  readonly nodesRead: number;
  readonly unread: readonly { readonly host: string; readonly problem: Problem }[];
  /** Of the cluster as a whole or around it, e.g. its access list; where there are no nodes, why. */
  readonly problems: readonly Problem[];
}

export interface ToldReadings {
  told(outcome: Outcome): void;
  /** Of a cluster that is left: what was wrong with it is over with it. */
  forget(cluster: string): void;
}

/** What nobody asked for is not missing, and a doubt only follows from what is. */
const NOTHING_MISSING: ReadonlySet<string> = new Set([ACCESS_LIST_MISSING, 'unlisted-uncertain']);

const NO_NODE: Problem = {
  code: 'no-node',
  text: 'no node is known',
  remedy: 'Check the connection string, and whether the cluster is just being made.',
};

export function outcomeOf(report: ConnectionReport): Outcome {
  const missing = report.problems.filter(({ code }) => !NOTHING_MISSING.has(code));
  const problems = report.nodes.length === 0 && missing.length === 0 ? [NO_NODE] : missing;
  const { cluster, complete } = report;
  return { cluster, complete, nodesRead: nodesRead(report).length, unread: nodesUnread(report), problems };
}

export function failed(cluster: string, problem: Problem): Outcome {
  return { cluster, complete: false, nodesRead: 0, unread: [], problems: [problem] };
}

/** Codes of all that is wrong, each once. */
export function codesOf({ unread, problems }: Outcome): readonly string[] {
  return [...new Set([...unread.map(({ problem }) => problem), ...problems].map(({ code }) => code))];
}

interface Trouble {
  readonly since: Date;
  /** What is missing now. */
  readonly missing: string;
  /** Codes that were said since it began: causes that take turns are said once. */
  readonly said: ReadonlySet<string>;
}

export function createToldReadings({ log, now }: Pick<WatchInput, 'log' | 'now'>): ToldReadings {
  const troubles = new Map<string, Trouble>();
  return {
    told(outcome) {
      const { cluster } = outcome;
      const before = troubles.get(cluster) ?? null;
      const codes = codesOf(outcome);
      if (codes.length === 0) {
        if (before !== null) log.info({ cluster, since: before.since }, 'a cluster is read again');
        troubles.delete(cluster);
        return;
      }
      const missing = missingIn(outcome);
      if (before?.missing !== missing || codes.some((code) => !before.said.has(code))) say(outcome, log);
      const said = new Set([...(before?.said ?? []), ...codes]);
      troubles.set(cluster, { since: before?.since ?? now(), missing, said });
    },
    forget: (cluster) => void troubles.delete(cluster),
  };
}

function missingIn({ nodesRead, unread, problems }: Outcome): string {
  if (nodesRead === 0) return 'everything';
  return JSON.stringify([unread.map(({ host }) => host).toSorted(), problems.map(({ code }) => code).toSorted()]);
}

function say({ cluster, nodesRead, unread, problems }: Outcome, log: WatchInput['log']): void {
  const nodes = unread.map(({ host, problem }) => ({ host, ...fieldsOf(problem) }));
  const [first] = unread;
  // Where nodes are known it is they that do not answer, whatever else is missing.
  const [why] = first === undefined ? problems : [first.problem];
  if (nodesRead === 0 && why !== undefined) log.warn({ cluster, ...fieldsOf(why) }, 'a cluster cannot be read');
  else log.warn({ cluster, nodes, problems: problems.map(fieldsOf) }, 'a cluster is read in part');
}

export function fieldsOf({ code, text, remedy }: Problem): object {
  return { code, problem: text, remedy };
}
