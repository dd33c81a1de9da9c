// A source of connections, declared: who it is, how many clients it runs, and when.

import type { Document } from 'bson';
import type { AddressPool } from './address-pool.ts';
import { chance } from './chance.ts';

export interface Source {
  readonly name: string;
  readonly addresses: AddressPool;
  /** appName; null for clients that set none. */
  readonly app: string | null;
  readonly driver: {
    readonly name: string;
    readonly version: string;
    readonly platform?: string;
    readonly env?: Document;
  };
  /** A database user of `admin`; null: nobody logs in. */
  readonly user: string | null;
  /** MongoClients. */
  readonly clients: number;
  /** Pooled connections of one client on the primary, on average. */
  readonly pool: number;
  /** The same on each other data-bearing member; default 0, as without minPoolSize. */
  readonly poolElsewhere?: number;
  /** Share of the primary's pool that runs an operation. */
  readonly active: number;
  /** stream: a heartbeat and an RTT socket a node; poll: one idle socket; none: the pool is all. Default stream. */
  readonly monitoring?: 'stream' | 'poll' | 'none';
  /** New connections a second on the primary, at a steady count: clients without a pool. */
  readonly churn?: number;
  /** Comes and goes: there for `forSeconds` in every `everySeconds`, from `atSeconds` of them on. Default: always there. */
  readonly presence?: { readonly everySeconds: number; readonly forSeconds: number; readonly atSeconds?: number };
  /** The pool breathes by this share around its average, over this time; largest after a quarter of it unless told. */
  readonly wave?: { readonly periodSeconds: number; readonly depth: number; readonly peakSeconds?: number };
  /** By which share the pool is more or less than that, by chance, every few minutes. Default 0. */
  readonly noise?: number;
  /** MongoClients that are made and never closed. */
  readonly leakPerHour?: number;
  /** What its operations look like; the command may carry literals. */
  readonly operation?: { readonly ns: string; readonly command: Document };
}

/** What was done to a source, beside what it does itself. */
export interface Effect {
  readonly poolFactor: number;
  readonly clientsFactor: number;
  /** Dormant connections on the primary beside its pools. */
  readonly leaked: number;
  readonly gone: boolean;
}

export const NO_EFFECT: Effect = { poolFactor: 1, clientsFactor: 1, leaked: 0, gone: false };

/** How a source stands on one node at one moment. */
export interface Standing {
  readonly clients: number;
  /** Pooled connections, all clients together. */
  readonly pooled: number;
  /** Of these, running an operation. */
  readonly active: number;
  /** Per client. */
  readonly heartbeats: 0 | 1;
  /** Per client: RTT or polling sockets. */
  readonly idleMonitors: 0 | 1;
}

export interface Moment {
  /** Since the scenario began. */
  readonly seconds: number;
  readonly primary: boolean;
  readonly effect: Effect;
}

const ABSENT: Standing = { clients: 0, pooled: 0, active: 0, heartbeats: 0, idleMonitors: 0 };

export function standing(source: Source, { seconds, primary, effect }: Moment): Standing {
  if (effect.gone || !present(source, seconds)) return ABSENT;
  const leaked = ((source.leakPerHour ?? 0) * seconds) / 3600;
  const clients = Math.floor((source.clients + leaked) * effect.clientsFactor);
  const usual = clients * (primary ? source.pool : (source.poolElsewhere ?? 0)) * breath(source, seconds);
  const monitoring = source.monitoring ?? 'stream';
  return {
    clients,
    pooled: Math.round(Math.round(usual) * effect.poolFactor) + (primary ? effect.leaked : 0),
    // A spike of the pool is dormant: the work stays what it was.
    active: primary ? Math.round(usual * source.active) : 0,
    heartbeats: monitoring === 'stream' ? 1 : 0,
    idleMonitors: monitoring === 'none' ? 0 : 1,
  };
}

/** The first `open` connections of it: work and heartbeats first, what is dormant last. */
export function cut(whole: Standing, open: number) {
  const active = Math.min(whole.active, open);
  return { active, heartbeats: Math.max(0, Math.min(whole.clients * whole.heartbeats, open - whole.active)) };
}

export function size({ clients, pooled, heartbeats, idleMonitors }: Standing): number {
  return pooled + clients * (heartbeats + idleMonitors);
}

function present({ presence }: Source, seconds: number): boolean {
  if (presence === undefined) return true;
  const { everySeconds, forSeconds, atSeconds = 0 } = presence;
  return (seconds + everySeconds - atSeconds) % everySeconds < forSeconds;
}

const NOISE_SECONDS = 240;

function breath({ name, wave, noise = 0 }: Source, seconds: number): number {
  const luck = noise === 0 ? 0 : noise * (2 * chance(name, Math.floor(seconds / NOISE_SECONDS)) - 1);
  if (wave === undefined) return 1 + luck;
  const { periodSeconds, depth, peakSeconds = periodSeconds / 4 } = wave;
  return 1 + luck + depth * Math.cos((2 * Math.PI * (seconds - peakSeconds)) / periodSeconds);
}
