// Made-up readings, alerts and deliveries for tests of the store.

import { type Alert, alertId } from '../../src/core/alerting/alert.ts';
import type { Delivery } from '../../src/core/alerting/delivery.ts';
import type { Silence } from '../../src/core/alerting/silence.ts';
import type { Change, ClusterHead } from '../../src/core/ports/store.ts';
import type { Snapshot, UsualConnections } from '../../src/core/snapshots/snapshot.ts';
import type { Retention } from '../../src/store/retention.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** A full hour. */
export const T0 = Date.parse('2026-11-02T10:00:00Z');
export const KEEP: Retention = { readings: 35 * DAY, hours: 400 * DAY };

/** Active and dormant of each source, by id. */
type Holding = Readonly<Record<string, readonly [active: number, dormant: number]>>;

/** Connections and limit by host; null for a node that was not read. */
export type NodeSample = Readonly<Record<string, readonly [current: number, limit: number | null] | null>>;

export interface ReadingSample {
  readonly cluster?: string;
  readonly at: number;
  readonly complete?: boolean;
  readonly problem?: string | null;
  readonly holding?: Holding;
  /** Left out: one node with 812 of 3,000 connections, and another one that was not read if it is incomplete. */
  readonly nodes?: NodeSample;
  /** What was usual, by id; a source that does not hold anything is absent. */
  readonly usual?: Readonly<Record<string, UsualConnections>>;
}

export function snapshotOf({ cluster = 'prod', at, complete = true, problem = null, ...sample }: ReadingSample) {
  const { holding = {}, usual = {} } = sample;
  const host = 'a.example:27017';
  const { nodes = { [host]: [812, 3000], ...(complete ? {} : { 'b.example:27017': null }) } } = sample;
  const absent = Object.entries(usual).flatMap(([id, known]) => (id in holding ? [] : [{ id, usual: known }]));
  const figures = { role: 'primary', totalCreated: 104_223, rejected: null };
  const snapshot: Snapshot = {
    cluster,
    at,
    complete,
    problem,
    nodes: Object.entries(nodes).map(([name, read]) =>
      read === null
        ? { host: name, problem: 'timed out after 10 s', ...nothing }
        : { host: name, problem: null, ...figures, current: read[0], limit: read[1] },
    ),
    sources: Object.entries(holding).map(([id, [active, dormant]]) => ({
      id,
      name: `Source ${id} „ü“`,
      class: 'listed',
      active,
      dormant,
      monitors: 3,
      clients: null,
      nodes: [{ name: host, active, dormant }],
      apps: [{ name: null, active, dormant }],
      hosts: [{ name: '203.0.113.9', active, dormant }],
      drivers: [{ name: 'nodejs 7.8.0', active, dormant }],
      ...(usual[id] !== undefined && { usual: usual[id] }),
    })),
    ...(absent.length > 0 && { absent }),
  };
  return snapshot;
}

const nothing = { role: null, current: null, limit: null, totalCreated: null, rejected: null };

export function headOf(version: number, at: number = T0): ClusterHead {
  const rejected = { 'a.example:27017': { count: 3, at } };
  const state = {
    since: T0,
    at,
    interval: 5 * MINUTE,
    primary: 'a.example:27017',
    electedAt: null,
    alerts: {},
    findings: {},
  };
  return { ...state, version, rejected, accepted: [{ source: 'a', at: at + 1, since: T0 }] };
}

/** What a person did: nothing, until parts of it are given. */
export function changeOf(parts: Partial<Change> = {}): Change {
  const nothing = { reading: null, head: null, alerts: [], groups: [], silences: [], deliveries: [] };
  return { cluster: 'prod', ...nothing, ...parts };
}

/** A scheduled reading, one second after its slot. */
export function readingOf(sample: Omit<ReadingSample, 'at'> & { readonly slot: number }, parts: Partial<Change> = {}) {
  const { slot, ...rest } = sample;
  const snapshot = snapshotOf({ ...rest, at: slot + 1_000 });
  return changeOf({ cluster: snapshot.cluster, reading: { slot, snapshot }, ...parts });
}

export function alertOf(parts: Partial<Alert> = {}): Alert {
  const key = {
    cluster: 'prod',
    rule: 'dormant-spike',
    source: '203.0.113.0/24',
    node: null,
    since: T0,
    ...parts,
  } as const;
  return {
    id: alertId(key),
    version: 1,
    who: 'Billing API',
    state: 'firing',
    severity: 'warning',
    endedAt: null,
    refires: 0,
    value: 440,
    usual: 93.5,
    peak: 440,
    shown: 440,
    postedAt: null,
    shownAt: null,
    channel: 'C0001',
    what: '440 dormant connections, usually 93',
    reason: '2 of 3 readings above (needs 2)',
    notes: ['On a.example:27017.'],
    evidence: null,
    unreadSince: null,
    endReason: null,
    calmSince: null,
    lastAction: null,
    judgedAt: T0,
    group: null,
    lead: null,
    previous: null,
    replies: 0,
    ...key,
    ...parts,
  };
}

export function silenceOf(parts: Partial<Silence> = {}): Silence {
  return {
    id: 'silence-1',
    version: 1,
    cluster: 'prod',
    source: null,
    node: null,
    rule: null,
    who: 'everything of prod',
    by: 'U0001',
    reason: 'maintenance',
    at: T0,
    until: T0 + HOUR,
    hold: false,
    endedAt: null,
    ...parts,
  };
}

export function messageOf(about: string, parts: Partial<Delivery> = {}): Delivery {
  return {
    id: `${about}/message`,
    kind: 'message',
    about,
    cluster: 'prod',
    channel: 'C0001',
    text: null,
    broadcast: false,
    mentions: [],
    refresh: null,
    at: T0,
    ...parts,
  };
}

export function replyOf(about: string, number: number, parts: Partial<Delivery> = {}): Delivery {
  return {
    ...messageOf(about),
    id: `${about}/reply/${number}`,
    kind: 'reply',
    text: `reply ${number}`,
    broadcast: true,
    mentions: ['@oncall', 'S0001'],
    ...parts,
  };
}

export function noteOf(id: string, parts: Partial<Delivery> = {}): Delivery {
  return { ...messageOf('none'), id, kind: 'note', about: null, text: `note ${id}`, ...parts };
}
