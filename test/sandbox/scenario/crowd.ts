// All sources of one cluster, over time: how many connections each node holds, and their documents on demand.

import type { Document } from 'bson';
import { idleSession, type Shape, topologyVersion } from '../nodes/document.ts';
import type { Population } from '../nodes/population.ts';
import { addressesOf } from './address-pool.ts';
import { type Admission, admit } from './admission.ts';
import { chance } from './chance.ts';
import { connectionsOf, type Placed } from './connections.ts';
import { cut, type Effect, NO_EFFECT, type Source, size, standing } from './source.ts';

export interface CrowdOptions {
  readonly seed: number;
  readonly start: Date;
  readonly sources: readonly Source[];
  /** Sources change, and are let in or refused, at every tick. */
  readonly tickSeconds: number;
}

interface NodeMoment {
  /** The node's place in its set: connections of one client differ from node to node. */
  readonly index: number;
  readonly primary: boolean;
  readonly at: Date;
  /** How many connections fit; without one, all. */
  readonly room?: number;
}

/** What a node's server counted before the scenario began. */
const OPENED_BEFORE = 90_000;
/** How far back a node is caught up when nobody asked for it. */
const CATCH_UP_TICKS = 720;

/** One node at its last tick. */
interface Let {
  readonly tick: number;
  readonly admission: Admission;
}

/** The pooled connections of a source on one node, all clients together. */
export interface PooledOn {
  readonly pooled: number;
  readonly active: number;
}

export interface Crowd {
  /** What was done to a source holds for all the time since the last call: call it before, too. */
  population(moment: NodeMoment): Population;
  /** What the pools of a source had on a node when its population was last asked for. */
  pools(source: string, node: Pick<NodeMoment, 'index' | 'primary'>): PooledOn;
  /** Pools (or the number of clients) of a source times `factor`, until `calm`. */
  spike(source: string, factor: number, of?: 'pool' | 'clients'): void;
  /** So many dormant connections on the primary beside its pools, until `calm`. */
  leak(source: string, connections: number): void;
  gone(source: string): void;
  /** The source is again what it was declared to be. */
  calm(source: string): void;
}

/** Throws on a source that is not there. */
export function createCrowd(options: CrowdOptions): Crowd {
  const { sources, tickSeconds } = options;
  const effects = new Map<string, Effect>();
  const nodes = new Map<number, Let>();
  const cache = new Map<number, { readonly key: string; readonly documents: readonly Document[] }>();
  const addresses = new Map(sources.map((source) => [source.name, addressesOf(source.addresses)]));

  const affect = (name: string, effect: Partial<Effect>) => {
    if (!addresses.has(name)) throw new Error(`the scenario has no source ${name}`);
    effects.set(name, { ...(effects.get(name) ?? NO_EFFECT), gone: false, ...effect });
  };
  const standings = (primary: boolean, seconds: number) =>
    sources.map((source) => {
      const effect = effects.get(source.name) ?? NO_EFFECT;
      return { source, whole: standing(source, { seconds, primary, effect }) };
    });

  /** Every tick since the last call in turn, so that it does not matter how often somebody asks. */
  const letIn = ({ index, primary, room = Number.POSITIVE_INFINITY }: NodeMoment, until: number): Admission => {
    let now = nodes.get(index) ?? {
      tick: until,
      admission: newcomer(sumOf(sources, (source) => churned(source, primary, until))),
    };
    const first = Math.max(Math.min(now.tick + tickSeconds, until), until - CATCH_UP_TICKS * tickSeconds);
    for (let tick = first; tick <= until; tick += tickSeconds) {
      const { tick: last, admission } = now;
      const wishes = standings(primary, tick).map(({ source, whole }) => ({
        size: size(whole),
        ended: Math.max(0, churned(source, primary, tick) - churned(source, primary, last)),
      }));
      now = { tick, admission: admit(admission, wishes, { room, seconds: Math.max(0, tick - last) }) };
    }
    nodes.set(index, now);
    return now.admission;
  };

  return {
    pools: (name, { index, primary }) => {
      const place = sources.findIndex((source) => source.name === name);
      const last = nodes.get(index);
      const whole = standings(primary, last?.tick ?? 0)[place]?.whole;
      if (whole === undefined) throw new Error(`the scenario has no source ${name}`);
      const open = last?.admission.open[place] ?? 0;
      const monitors = size({ ...whole, pooled: 0 });
      return { pooled: Math.max(0, Math.min(whole.pooled, open - monitors)), active: cut(whole, open).active };
    },
    population: (moment) => {
      const { index, primary } = moment;
      const elapsed = Math.max(0, (moment.at.getTime() - options.start.getTime()) / 1000);
      const tick = Math.floor(elapsed / tickSeconds) * tickSeconds;
      const { open, opened, refused } = letIn(moment, tick);
      const now: readonly Placed[] = standings(primary, tick).map(({ source, whole }, at) => ({
        source,
        standing: whole,
        open: open[at] ?? 0,
        addresses: addresses.get(source.name) ?? [],
        seed: Math.floor(chance(options.seed, source.name, index) * 2 ** 31),
      }));
      const admitted = now.map(({ standing, open }) => cut(standing, open));
      const heartbeats = sumOf(admitted, (part) => part.heartbeats);
      return {
        connections: sumOf(open, (count) => count),
        heartbeats,
        active: heartbeats + sumOf(admitted, (part) => part.active),
        totalCreated: opened,
        refused: Math.floor(refused),
        documents: (shape) => {
          const key = [tick, open.join('/'), primary, shape.version, shape.host].join();
          const cached = cache.get(index);
          if (cached?.key === key) return cached.documents;
          const documents = now.flatMap((source) => connectionsOf(source, shape, topology(index)));
          cache.set(index, { key, documents });
          return documents;
        },
        idleSessions: (shape) => sessions(now, shape, primary),
      };
    },
    spike: (name, factor, of = 'pool') =>
      affect(name, of === 'pool' ? { poolFactor: factor } : { clientsFactor: factor }),
    leak: (name, connections) => affect(name, { leaked: connections }),
    gone: (name) => affect(name, { gone: true }),
    calm: (name) => affect(name, NO_EFFECT),
  };
}

function newcomer(churned: number): Admission {
  return { open: [], lacking: [], opened: OPENED_BEFORE + churned, refused: 0 };
}

/** How many connections of it have come and gone on a node since the scenario began. */
function churned({ churn = 0 }: Source, primary: boolean, seconds: number): number {
  return primary ? Math.floor(seconds * churn) : 0;
}

/** One transaction that was left open, so that readers meet a document with a client that is no connection. */
function sessions(now: readonly Placed[], shape: Shape, primary: boolean): readonly Document[] {
  const first = now.find(({ standing, source }) => standing.pooled > 0 && source.user !== null);
  if (first === undefined || !primary) return [];
  const client = `${first.addresses[0]}:20001`;
  const { app, user } = first.source;
  const metadata = app === null ? null : { application: { name: app } };
  return [idleSession(shape, { connectionId: 999, client, metadata, user: { user: user ?? '', db: 'admin' } })];
}

function topology(index: number): Document {
  return topologyVersion(`6b0171fecde9c25563eac0c${(index + 5) % 10}`, 7);
}

function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
