// The clients of a run, with the real driver: each pattern opens them in its way, and all are closed at the end.

import { MongoClient, type MongoClientOptions } from 'mongodb';
import { withTimeout } from '../core/base/abort.ts';
import type { Wait } from '../core/base/clock.ts';
import { sum } from '../core/base/format.ts';
import { LOAD_APP, PATTERNS, type PatternName } from '../core/load/patterns.ts';
import type { LoadNode, LoadPlan } from '../core/load/run.ts';
import type { Ramp } from './ramp.ts';
import type { LoadTarget } from './target.ts';

export interface LoadCrowd {
  /** Resolves when the pattern has opened all; one that renews goes on until the signal aborts. Never rejects. */
  play(): Promise<void>;
  readonly clients: number;
  /** Open sockets of its pools; heartbeats are not in them. */
  readonly pooled: number;
  /** The newest clients first. Ends within seconds, even if a node hangs. May be called again. */
  close(): Promise<void>;
}

interface CrowdInput {
  readonly plan: LoadPlan;
  readonly nodes: readonly LoadNode[];
  readonly target: LoadTarget;
  readonly ramp: Ramp;
  readonly wait: Wait;
  /** Stops the pattern. What is open stays open until `close`. */
  readonly signal: AbortSignal;
  /** Called for each failure of a client: a refused connection, a heartbeat without an answer. */
  readonly onFailure: (error: unknown, host: string) => void;
  /** Called when a driver finds a node that was not approved. */
  readonly onStranger: (host: string) => void;
}

const CLOSE_MS = 2_000;
const DEADLINE_MS = 10_000;
/** Clients that open at the same time. They share the ramp. */
const AT_ONCE = 8;
/** How long a request of `client-per-request` lasts. */
const REQUEST_MS = 1_000;
/** A connection of `churn` is closed after this time, and needed again a little later. */
const IDLE_MS = 1_000;
const NEEDED_AFTER_MS = 1_500;
/** How often a pool that grows by itself is looked at. */
const LOOK_MS = 100;
/** The heartbeat, the RTT connection and one of the pool: what a node gets from the start of a client at most. */
const START = { stream: 3, poll: 2 };

export function createCrowd(input: CrowdInput): LoadCrowd {
  const { plan, signal, onFailure } = input;
  const members: Member[] = [];
  const open = () => {
    signal.throwIfAborted();
    const member = openMember(input);
    members.push(member);
    return member;
  };
  const forget = (member: Member) => {
    const index = members.indexOf(member);
    if (index >= 0) members.splice(index, 1);
  };
  return {
    async play() {
      try {
        await PLAYS[plan.pattern]({ ...input, open, forget });
      } catch (error) {
        if (!signal.aborted) onFailure(error, '');
      }
    },
    get clients() {
      return members.length;
    },
    get pooled() {
      return sum(members, ({ pooled }) => pooled());
    },
    async close() {
      await Promise.all(
        members
          .splice(0)
          .toReversed()
          .map((member) => member.close()),
      );
    },
  };
}

/** One client, and how many sockets its pools have. */
interface Member {
  /** Resolves after the first command. */
  start(): Promise<void>;
  ping(): Promise<unknown>;
  pooled(): number;
  /** Of the pools with the fewest, on so many nodes. */
  least(nodes: number): number;
  close(): Promise<void>;
}

function openMember({ plan, target, onFailure, onStranger }: CrowdInput): Member {
  const client = new MongoClient(target.uri, {
    ...optionsOf(plan),
    ...{ appName: LOAD_APP, lookup: target.lookup },
    ...{ connectTimeoutMS: DEADLINE_MS, serverSelectionTimeoutMS: DEADLINE_MS },
  });
  const pools = new Map<string, number>();
  let isClosing = false;
  const count = (host: string, more: number) => void pools.set(host, (pools.get(host) ?? 0) + more);
  const failed = (error: unknown, host: string) => {
    if (!isClosing) onFailure(error, host);
  };
  client.on('connectionReady', ({ address }) => count(address, 1));
  client.on('connectionClosed', (event) => {
    // One that is refused was never ready.
    if (event.reason === 'error') failed('error' in event ? event.error : null, event.address);
    else count(event.address, -1);
  });
  client.on('serverHeartbeatFailed', ({ failure, connectionId }) => failed(failure, connectionId));
  client.on('serverOpening', ({ address }) => {
    if (!isClosing && !target.isApproved(address)) onStranger(address);
  });
  const ping = () => client.db('admin').command({ ping: 1 });
  return {
    async start() {
      await client.connect();
      await ping();
    },
    ping,
    pooled: () => sum([...pools.values()], (each) => each),
    least: (nodes) => (pools.size < nodes ? 0 : Math.min(...pools.values())),
    close() {
      isClosing = true;
      return withTimeout(
        client.close(true).catch(() => undefined),
        { ms: CLOSE_MS },
      );
    },
  };
}

/** A pool never exceeds the plan. */
function optionsOf({ pattern, connections }: LoadPlan): MongoClientOptions {
  const { monitoring, pool } = PATTERNS[pattern];
  return {
    maxPoolSize: connections,
    ...(pool === 'minimum' && { minPoolSize: connections }),
    ...(pattern === 'churn' && { maxIdleTimeMS: IDLE_MS }),
    ...(monitoring === 'poll' && { serverMonitoringMode: 'poll' }),
  };
}

interface Stage extends CrowdInput {
  readonly open: () => Member;
  readonly forget: (member: Member) => void;
}

const PLAYS: Readonly<Record<PatternName, (stage: Stage) => Promise<void>>> = {
  idle: (stage) => each(stage, async () => fill(await started(stage), stage)),
  functions: (stage) => each(stage, async () => fill(await started(stage), stage)),
  leak: (stage) => each(stage, async () => void (await started(stage))),
  async burst(stage) {
    const { plan, wait, signal } = stage;
    const members: Member[] = [];
    const end = wait(plan.burstAfter, signal);
    await each(stage, async () => void members.push(await started(stage)));
    await end;
    await Promise.all(members.map((member) => fill(member, stage)));
  },
  'min-pool': (stage) =>
    each(stage, async () => {
      const { plan, nodes, wait, signal } = stage;
      // The driver opens the pool of each node by itself, ten connections a second.
      const member = await started(stage, plan.connections - 1);
      while (member.least(nodes.length) < plan.connections && !signal.aborted) await wait(LOOK_MS, signal);
    }),
  churn: (stage) =>
    always(stage, async () => {
      const { ramp, wait, signal } = stage;
      const member = await started(stage);
      while (!signal.aborted) {
        await wait(NEEDED_AFTER_MS, signal);
        await ramp.take(1);
        await member.ping();
      }
    }),
  'client-per-request': (stage) =>
    always(stage, async () => {
      const { wait, signal, forget } = stage;
      while (!signal.aborted) {
        const member = await started(stage);
        await wait(REQUEST_MS, signal);
        // After the signal, all are closed together.
        if (signal.aborted) return;
        await member.close();
        forget(member);
      }
    }),
};

/** @param more connections that the driver opens by itself besides */
async function started({ plan, ramp, open }: Stage, more = 0): Promise<Member> {
  await ramp.take(START[PATTERNS[plan.pattern].monitoring] + more);
  const member = open();
  await member.start();
  return member;
}

/** Opens all clients, a few at a time. */
async function each({ plan, signal }: Stage, work: () => Promise<void>): Promise<void> {
  let left = plan.clients;
  const lane = async () => {
    while (left > 0 && !signal.aborted) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, plan.clients) }, lane));
}

/** All clients at the same time, until the signal aborts. */
async function always({ plan }: Stage, work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: plan.clients }, work));
}

/**
 * Lets the pool grow by one connection at a time: of one command more than it has connections, the last one waits, and
 * the driver opens a connection for it. `ping` needs no privilege and no data, and costs the node next to nothing.
 */
async function fill(member: Member, { plan, ramp, signal }: Stage): Promise<void> {
  // A connection may be closed meanwhile, as after an election: some rounds more than connections.
  const most = 2 * plan.connections + 10;
  for (let round = 0; round < most && member.pooled() < plan.connections && !signal.aborted; round++) {
    await ramp.take(1);
    await Promise.all(Array.from({ length: member.pooled() + 1 }, () => member.ping()));
  }
}
