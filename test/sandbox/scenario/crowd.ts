// All sources of one cluster, over time: how many connections each node holds, and their documents on demand.

import type { Document } from 'bson';
import { idleSession, type Shape, topologyVersion } from '../nodes/document.ts';
import type { Population } from '../nodes/population.ts';
import { addressesOf } from './address-pool.ts';
import { chance } from './chance.ts';
import { connectionsOf, type Placed } from './connections.ts';
import { type Effect, NO_EFFECT, type Source, size, standing } from './source.ts';

export interface CrowdOptions {
  readonly seed: number;
  readonly start: Date;
  readonly sources: readonly Source[];
  /** Documents are made anew at every tick; counts follow the clock. */
  readonly tickSeconds: number;
}

interface NodeMoment {
  /** The node's place in its set: connections of one client differ from node to node. */
  readonly index: number;
  readonly primary: boolean;
  readonly at: Date;
}

export interface Crowd {
  population(moment: NodeMoment): Population;
  /** Pools (or the number of clients) of a source times `factor`, until `calm`. */
  spike(source: string, factor: number, of?: 'pool' | 'clients'): void;
  gone(source: string): void;
  /** The source is again what it was declared to be. */
  calm(source: string): void;
}

/** Throws on a source that is not there. */
export function createCrowd(options: CrowdOptions): Crowd {
  const effects = new Map<string, Effect>();
  const created = new Map<number, { total: number; last: number }>();
  const cache = new Map<number, { readonly key: string; readonly documents: readonly Document[] }>();
  const addresses = new Map(options.sources.map((source) => [source.name, addressesOf(source.addresses)]));
  let change = 0;

  const affect = (name: string, effect: Partial<Effect>) => {
    if (!addresses.has(name)) throw new Error(`the scenario has no source ${name}`);
    effects.set(name, { ...NO_EFFECT, ...effect });
    change += 1;
  };
  const placed = ({ index, primary }: NodeMoment, seconds: number): readonly Placed[] =>
    options.sources.map((source) => ({
      source,
      standing: standing(source, { seconds, primary, effect: effects.get(source.name) ?? NO_EFFECT }),
      addresses: addresses.get(source.name) ?? [],
      seed: Math.floor(chance(options.seed, source.name, index) * 2 ** 31),
    }));

  return {
    population: (moment) => {
      const elapsed = Math.max(0, (moment.at.getTime() - options.start.getTime()) / 1000);
      const tick = Math.floor(elapsed / options.tickSeconds) * options.tickSeconds;
      const now = placed(moment, tick);
      const connections = sum(now, ({ standing }) => size(standing));
      const heartbeats = sum(now, ({ standing }) => standing.clients * standing.heartbeats);
      return {
        connections,
        heartbeats,
        active: heartbeats + sum(now, ({ standing }) => standing.active),
        totalCreated: createdUntil(created, {
          index: moment.index,
          connections,
          churned: churned(options, moment, elapsed),
        }),
        documents: (shape) => {
          const key = [tick, change, moment.primary, shape.version, shape.host].join();
          const cached = cache.get(moment.index);
          if (cached?.key === key) return cached.documents;
          const documents = now.flatMap((source) => connectionsOf(source, shape, topology(moment.index)));
          cache.set(moment.index, { key, documents });
          return documents;
        },
        idleSessions: (shape) => sessions(now, shape, moment.primary),
      };
    },
    spike: (name, factor, of = 'pool') =>
      affect(name, of === 'pool' ? { poolFactor: factor } : { clientsFactor: factor }),
    gone: (name) => affect(name, { gone: true }),
    calm: (name) => affect(name, {}),
  };
}

/** A server's count only grows: by what is new since the last look, and by what came and went in between. */
function createdUntil(
  created: Map<number, { total: number; last: number }>,
  now: { readonly index: number; readonly connections: number; readonly churned: number },
): number {
  const before = created.get(now.index) ?? { total: 90_000, last: 0 };
  const total = before.total + Math.max(0, now.connections - before.last);
  created.set(now.index, { total, last: now.connections });
  return total + now.churned;
}

function churned({ sources }: CrowdOptions, { primary }: NodeMoment, seconds: number): number {
  return primary ? Math.floor(seconds * sum(sources, ({ churn }) => churn ?? 0)) : 0;
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

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
