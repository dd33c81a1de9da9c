// A run against a real mongod: its events as they come, and a hand to stop it.

import { nodeProblem } from '../../src/cluster/problems.ts';
import type { PatternName } from '../../src/core/load/patterns.ts';
import type { LoadAsk, LoadEvent, LoadResult } from '../../src/core/load/run.ts';
import { type LoadEdges, type LoadRequest, load } from '../../src/load/load.ts';
import { until } from '../sandbox/mongod/until.ts';

export interface Play {
  readonly events: readonly LoadEvent[];
  /** Resolves when the nodes were read; rejects where the run is refused. */
  begun(): Promise<Extract<LoadEvent, { readonly kind: 'begin' }>>;
  /** As Ctrl-C. */
  stop(): Promise<LoadResult>;
  /** Resolves when the run has ended by itself. */
  ended(): Promise<LoadResult>;
}

export type PlayInput = Partial<Omit<LoadAsk, 'pattern'>> & {
  readonly uri: string;
  readonly pattern: PatternName;
  readonly consent?: Partial<LoadRequest['consent']>;
} & Partial<Pick<LoadEdges, 'resolver' | 'openFiles' | 'wait'>>;

/** Fast and long: the tests stop what they have seen. */
export function play({ uri, pattern, consent, resolver, openFiles = null, wait, ...ask }: PlayInput): Play {
  const stop = new AbortController();
  const events: LoadEvent[] = [];
  const request = {
    ...{ uri, setting: '--uri', signal: stop.signal },
    ask: { ...{ clients: null, connections: null, lasts: 600_000, perSecond: 100 }, ...ask, pattern },
    consent: { hosts: [], clusters: [], ...consent },
  };
  const optional = { ...(resolver !== undefined && { resolver }), ...(wait !== undefined && { wait }) };
  const running = (async () => {
    const edges = { now: () => new Date(), problemOf: nodeProblem, openFiles, ...optional };
    for await (const event of load(request, edges)) events.push(event);
  })();
  // Awaited by those who ask below.
  running.catch(() => undefined);
  const ended = async () => {
    await running;
    const last = events.at(-1);
    if (last?.kind !== 'end') throw new Error(`the run has no end: ${last?.kind}`);
    return last.result;
  };
  return {
    events,
    async begun() {
      const first = () => events.find((event) => event.kind === 'begin');
      await Promise.race([running, until('the run begins', async () => first() !== undefined)]);
      const begin = first();
      if (begin === undefined) throw new Error('the run never began');
      return begin;
    },
    stop() {
      stop.abort();
      return ended();
    },
    ended,
  };
}
