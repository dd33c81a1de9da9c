// A run of `load`: checks where it goes, reads what is free, opens the crowd, watches the nodes, closes everything.

import { withTimeout } from '../core/base/abort.ts';
import { wait as timer, type Wait } from '../core/base/clock.ts';
import { MINUTE, SECOND } from '../core/base/duration.ts';
import type { Problem } from '../core/base/problem.ts';
import {
  fullNode,
  isClosed,
  type LoadAsk,
  type LoadEnd,
  type LoadEvent,
  type LoadedNode,
  type NodeLoad,
  planLoad,
  tooFull,
} from '../core/load/run.ts';
import { isAtlasName, type LoadConsent } from '../core/load/safety.ts';
import { UpstreamError, UserError } from '../errors.ts';
import { type Control, type Greeting, openControl } from './control.ts';
import { createCrowd } from './crowd.ts';
import { createRamp } from './ramp.ts';
import { findTarget, type LoadTarget, type Resolver, systemResolver } from './target.ts';

export interface LoadRequest {
  /** A secret. */
  readonly uri: string;
  /** What has the string, such as `--uri`. */
  readonly setting: string;
  readonly ask: LoadAsk;
  readonly consent: LoadConsent;
  /** Ends the run: everything is closed, and the last events still come. */
  readonly signal: AbortSignal;
}

export interface LoadEdges {
  /** Only differences count: a clock that is set back must not make a run longer. */
  readonly now: () => Date;
  readonly wait?: Wait;
  readonly resolver?: Resolver;
  /** The sentence for an error of the driver. */
  readonly problemOf: (
    error: unknown,
    failed: { readonly host: string; readonly user: string | null; readonly usesTls: boolean },
  ) => Problem;
  /** Files that this process may open; null where it is unknown. */
  readonly openFiles: number | null;
}

/** How often the nodes are read while a run lasts. */
const LOOK_MS = 500;
/** A server notices a closed connection within moments. */
const FALL_MS = 8_000;

/** Rejects with UserError for a run that may not be, and with UpstreamError if a node cannot be read before it. */
export async function* load(request: LoadRequest, edges: LoadEdges): AsyncGenerator<LoadEvent, void, undefined> {
  const { signal, ask, consent } = request;
  const { resolver = systemResolver, problemOf, openFiles } = edges;
  signal.throwIfAborted();
  const resolving = (error: unknown, host: string) => problemOf(error, { host, user: null, usesTls: false });
  const target = await findTarget({ ...request, consent, resolver, problemOf: resolving });
  const failed = (error: unknown, host: string) => problemOf(error, { ...target, host });
  const { controls, arbiters } = await findNodes(target, failed);
  try {
    signal.throwIfAborted();
    const before = await statuses(controls, failed);
    const planned = planLoad(ask, { nodes: before, arbiters, isDirect: target.isDirect, openFiles });
    if ('problem' in planned) throw new UserError(planned.problem.text, planned.problem.remedy);
    yield { kind: 'begin', plan: planned.plan, nodes: before, remarks: [...target.remarks, ...planned.plan.remarks] };
    yield* run({ ...request, ...edges, plan: planned.plan, target, controls, before, failed });
  } finally {
    await Promise.all(controls.map((control) => control.close()));
  }
}

type Failed = (error: unknown, host: string) => Problem;

/** Connections to every node that holds data. All hosts are approved before the first is used. */
async function findNodes(
  target: LoadTarget,
  failed: Failed,
): Promise<{ readonly controls: readonly Control[]; readonly arbiters: readonly string[] }> {
  const opened = new Map<string, Control>();
  const controlOf = (host: string) => {
    const control = opened.get(host) ?? openControl(target, host);
    opened.set(host, control);
    return control;
  };
  try {
    const answers = await Promise.allSettled(target.seeds.map(async (host) => controlOf(host).greet()));
    const hellos = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    const index = answers.findIndex(({ status }) => status === 'rejected');
    const refused = answers[index];
    if (hellos.length === 0 && refused?.status === 'rejected')
      throw new UpstreamError(failed(refused.reason, target.seeds[index] ?? ''), { cause: refused.reason });
    refuseOtherSet(target, hellos);
    const ofSet = hellos.filter(({ members }) => members.length > 0);
    const hello = ofSet.find(({ role }) => role === 'primary') ?? ofSet[0];
    const isSet = !target.isDirect && hello !== undefined;
    const hosts = isSet ? hello.members : target.seeds;
    const arbiters = isSet ? hello.arbiters : [];
    // A direct connection may lead through a tunnel: then only the node says that it is of Atlas.
    const ofAtlas = hellos.flatMap(({ members }) => members.filter(isAtlasName));
    await target.approve([...hosts, ...arbiters, ...ofAtlas]);
    const controls = hosts.map(controlOf);
    const others = [...opened.values()].filter((control) => !controls.includes(control));
    await Promise.all(others.map((control) => control.close()));
    return { controls, arbiters };
  } catch (error) {
    await Promise.all([...opened.values()].map((control) => control.close()));
    throw error;
  }
}

/** Clients that look for another set would wait for it in vain. */
function refuseOtherSet({ setName, seeds }: LoadTarget, hellos: readonly Greeting[]): void {
  if (setName === null || hellos.some((hello) => hello.setName === setName)) return;
  const found = hellos.find((hello) => hello.setName !== null)?.setName ?? null;
  const is = found === null ? 'not in a replica set' : `in the replica set ${found}`;
  throw new UserError(
    `The connection string has replicaSet=${setName}, and ${seeds.join(', ')} is ${is}.`,
    found === null ? 'Leave replicaSet out.' : `Write replicaSet=${found}.`,
  );
}

/** Rejects with UpstreamError for a node that does not tell. */
async function statuses(controls: readonly Control[], failed: Failed): Promise<readonly NodeLoad[]> {
  return Promise.all(
    controls.map(async (control) => {
      try {
        return await control.status();
      } catch (error) {
        throw new UpstreamError(failed(error, control.host), { cause: error });
      }
    }),
  );
}

interface Run extends LoadRequest, LoadEdges {
  readonly plan: Extract<LoadEvent, { readonly kind: 'begin' }>['plan'];
  readonly target: LoadTarget;
  readonly controls: readonly Control[];
  readonly before: readonly NodeLoad[];
  readonly failed: Failed;
}

interface Ended {
  readonly end: LoadEnd;
  readonly problem: Problem | null;
}

async function* run(input: Run): AsyncGenerator<LoadEvent, void, undefined> {
  const { plan, target, controls, before, failed, signal, now, wait = timer } = input;
  const stop = new AbortController();
  const state: { ended: Ended | null; lasted: number } = { ended: null, lasted: 0 };
  const news = createNews<Extract<LoadEvent, { readonly kind: 'progress' }>>();
  let closing: Promise<void> | null = null;
  // It closes at once: neither a node that hangs nor a reader that is slow holds it up.
  const finish = (end: LoadEnd, problem: Problem | null = null) => {
    if (state.ended !== null) return;
    state.ended = { end, problem };
    state.lasted = now().getTime() - began;
    stop.abort();
    closing = crowd.close();
    news.end();
  };
  const interrupt = () => finish('stopped');
  signal.addEventListener('abort', interrupt, { once: true });
  const began = now().getTime();
  const crowd = createCrowd({
    ...{ plan, nodes: before, target, wait, signal: stop.signal },
    ramp: createRamp({ perSecond: plan.perSecond, now, wait, signal: stop.signal }),
    onFailure: (error, host) => finish('refused', refusalOf(failed(error, host || hostsOf(before)))),
    onStranger: (host) => finish('unsafe', strangerProblem(host)),
  });
  const peaks = new Map(before.map((node) => [node.host, node]));
  const watch = async () => {
    let told = began;
    while (state.ended === null) {
      await wait(LOOK_MS, stop.signal);
      const nodes = await statuses(controls, failed).catch((error: unknown) => {
        finish('unread', error instanceof UpstreamError ? error.problem : failed(error, hostsOf(before)));
        return [];
      });
      const at = now().getTime() - began;
      for (const node of nodes) if (node.current >= (peaks.get(node.host)?.current ?? 0)) peaks.set(node.host, node);
      const full = fullNode(nodes);
      if (full !== null) finish('full', tooFull(full, 'so the run ended'));
      if (at >= plan.lasts) finish('time');
      if (state.ended === null && now().getTime() - told >= pauseAt(at)) {
        told = now().getTime();
        news.tell({ kind: 'progress', at, clients: crowd.clients, pooled: crowd.pooled, nodes });
      }
    }
  };
  let working: Promise<unknown> | null = null;
  try {
    if (signal.aborted) interrupt();
    working = Promise.all([crowd.play(), watch()]);
    // A fault of ours is thrown by the second await below.
    working.catch(() => finish('stopped'));
    for (let told = await news.next(); told !== null; told = await news.next()) yield told;
    yield { kind: 'closing', end: state.ended?.end ?? 'stopped' };
  } finally {
    // The reader may have left in the middle.
    finish('stopped');
    signal.removeEventListener('abort', interrupt);
    await closing;
    // What still waited for a node has an error now.
    if (working !== null) await withTimeout(working, { ms: LOOK_MS });
    await crowd.close();
  }
  const { lasted } = state;
  const { end, problem } = state.ended ?? { end: 'stopped', problem: null };
  const after = await fallen({ controls, before, now, wait });
  const nodes = before.map((node): LoadedNode => {
    const { host, role } = node;
    return {
      ...{ host, role, before: node, peak: peaks.get(host) ?? node },
      ...(after.get(host) ?? GONE),
      forecast: plan.forecast[host] ?? 0,
    };
  });
  yield { kind: 'end', result: { plan, end, problem, lasted, nodes } };
}

/** The newest of what is told: what a slow reader missed is left out. */
function createNews<T>(): {
  readonly tell: (news: T) => void;
  readonly end: () => void;
  /** Null when it has ended and everything was told. */
  readonly next: () => Promise<T | null>;
} {
  let newest: T | null = null;
  let isEnded = false;
  let changed = Promise.withResolvers<void>();
  return {
    tell(news) {
      newest = news;
      changed.resolve();
    },
    end() {
      isEnded = true;
      changed.resolve();
    },
    async next() {
      while (newest === null && !isEnded) {
        await changed.promise;
        changed = Promise.withResolvers<void>();
      }
      const told = newest;
      newest = null;
      return told;
    },
  };
}

/** Between two readings that are told, in milliseconds: a run of hours needs no line every two seconds. */
function pauseAt(lasted: number): number {
  if (lasted < MINUTE) return 2 * SECOND;
  return lasted < 10 * MINUTE ? 10 * SECOND : MINUTE;
}

type After = Pick<LoadedNode, 'after' | 'remaining'>;
const GONE: After = { after: null, remaining: null };

/** The last readings: as soon as all is closed, or when the time is over. A node that hangs does not hold them up. */
async function fallen({
  controls,
  before,
  now,
  wait,
}: Required<Pick<Run, 'controls' | 'before' | 'now' | 'wait'>>): Promise<ReadonlyMap<string, After>> {
  const until = now().getTime() + FALL_MS;
  const patient = new AbortController().signal;
  const look = async (control: Control): Promise<readonly [string, After]> => {
    const remaining = await control.remaining();
    const after = await control.status().catch(() => null);
    return [control.host, { after, remaining }];
  };
  const after = new Map<string, After>();
  for (;;) {
    const ms = Math.max(1, until - now().getTime());
    for (const one of await Promise.all(controls.map((control) => withTimeout(look(control), { ms }))))
      if (one !== undefined) after.set(...one);
    const isDown = before.every((node) => isClosed({ before: node, ...(after.get(node.host) ?? GONE) }));
    if (isDown || now().getTime() >= until) return after;
    await wait(LOOK_MS / 2, patient);
  }
}

const hostsOf = (nodes: readonly NodeLoad[]): string => nodes.map(({ host }) => host).join(', ');

function refusalOf({ code, text, remedy }: Problem): Problem {
  return { code, text: `A connection failed, so the run ended: ${text}`, remedy };
}

function strangerProblem(host: string): Problem {
  return {
    code: 'load-stranger',
    text: `The cluster lists a new node, ${host}, that was not checked before the run, so the run ended.`,
    remedy: 'Start load again: it checks every node that the cluster lists.',
  };
}
