// A world of alerts for the tests of plans: applies what is planned as a store would, and refuses what a store refuses.

import type { Alert, AlertGroup } from '../../../src/core/alerting/alert.ts';
import type { Delivery } from '../../../src/core/alerting/delivery.ts';
import {
  type Plan,
  planAccept,
  planAcknowledge,
  planReading,
  planSilence,
  planUnsilence,
} from '../../../src/core/alerting/plan.ts';
import type { RoutingSettings } from '../../../src/core/alerting/routing.ts';
import { isInForce, type Silence } from '../../../src/core/alerting/silence.ts';
import type { AlertTransition } from '../../../src/core/detection/findings.ts';

export const MINUTE = 60_000;
/** 2026-11-21 10:00 UTC */
export const START = Date.UTC(2026, 10, 21, 10);

export const ROUTING: RoutingSettings = {
  channel: 'C0ALERTS',
  critical: { channel: null, mention: '@dba-oncall' },
  routes: [
    {
      cluster: null,
      source: '203.0.113.0/24',
      node: null,
      rule: null,
      channel: null,
      owner: '@billing',
      runbook: null,
    },
  ],
  fallback: [],
};

export function transitionOf(told: Partial<AlertTransition> = {}): AlertTransition {
  const value = told.value ?? 412;
  return {
    rule: 'dormant-spike',
    source: '203.0.113.0/24',
    node: null,
    who: 'Billing API',
    value,
    usual: 61,
    what: `${value} dormant connections, usually 61`,
    reason: 'above the line',
    notes: [],
    evidence: null,
    app: null,
    ending: null,
    firing: true,
    event: null,
    severity: 'warning',
    since: START,
    returns: 0,
    calmSince: null,
    ...told,
  };
}

export function silenceOf(told: Partial<Silence> = {}): Silence {
  return {
    id: 'S1',
    version: 1,
    cluster: 'prod',
    source: '203.0.113.0/24',
    node: null,
    rule: null,
    who: 'Billing API',
    by: 'U0SILENT',
    reason: 'load test',
    at: START,
    until: START + 240 * MINUTE,
    hold: false,
    endedAt: null,
    ...told,
  };
}

export interface World {
  readonly alerts: ReadonlyMap<string, Alert>;
  readonly groups: ReadonlyMap<string, AlertGroup>;
  readonly silences: ReadonlyMap<string, Silence>;
  /** All that was ever planned, in order. */
  readonly deliveries: readonly Delivery[];
}

export const EMPTY: World = { alerts: new Map(), groups: new Map(), silences: new Map(), deliveries: [] };

export function applied(world: World, planned: Plan): World {
  return {
    alerts: written(world.alerts, planned.alerts),
    groups: written(world.groups, planned.groups),
    silences: written(world.silences, planned.silences),
    deliveries: [...world.deliveries, ...planned.deliveries],
  };
}

function written<T extends { readonly id: string; readonly version: number }>(
  held: ReadonlyMap<string, T>,
  records: readonly T[],
): ReadonlyMap<string, T> {
  const next = new Map(held);
  for (const record of records) {
    const version = next.get(record.id)?.version ?? 0;
    if (record.version !== version + 1) throw new Error(`${record.id}: version ${record.version} after ${version}`);
    next.set(record.id, record);
  }
  return next;
}

interface Options {
  readonly routing?: RoutingSettings;
  readonly electedAt?: number | null;
}

/** What a reading plans in this world. */
export function read(world: World, at: number, transitions: readonly AlertTransition[], options: Options = {}): Plan {
  return planReading({
    cluster: 'prod',
    at,
    transitions,
    electedAt: options.electedAt ?? null,
    interval: null,
    known: [...world.alerts.values()],
    groups: [...world.groups.values()],
    silences: [...world.silences.values()].filter(({ endedAt }) => endedAt === null),
    routing: options.routing ?? ROUTING,
  });
}

export function acknowledge(world: World, now: number, by = 'U0ACK', routing = ROUTING): Plan {
  return planAcknowledge({ alerts: [...world.alerts.values()], by, now, routing });
}

export function accept(world: World, now: number, by = 'U0ACCEPT', routing = ROUTING): Plan {
  return planAccept({ alerts: [...world.alerts.values()], by, now, routing });
}

export function silence(world: World, now: number, made: Silence, routing = ROUTING): Plan {
  const others = [...world.silences.values()].filter((one) => isInForce(one, now));
  return planSilence({ silence: made, others, alerts: open(world), now, routing });
}

/** Ends silences: those named, or those whose time is over. */
export function unsilence(world: World, now: number, ids: readonly string[] | null, routing = ROUTING): Plan {
  const held = [...world.silences.values()].filter(({ endedAt }) => endedAt === null);
  const isEnding = (one: Silence) => (ids === null ? !isInForce(one, now) : ids.includes(one.id));
  return planUnsilence({
    silences: held.filter(isEnding),
    others: held.filter((one) => !isEnding(one) && isInForce(one, now)),
    alerts: [...world.alerts.values()],
    groups: [...world.groups.values()],
    by: ids === null ? null : 'U0LOUD',
    now,
    routing,
  });
}

export function open(world: World): readonly Alert[] {
  return [...world.alerts.values()].filter(({ state }) => state !== 'ended');
}

export function only<T>(items: Iterable<T>): T {
  const [first, ...more] = items;
  if (first === undefined || more.length > 0) throw new Error(`expected one of ${JSON.stringify([...items])}`);
  return first;
}
