// Kinds of days with things that pass by themselves, beside those that stay: elections, rollouts, steps, weekly jobs.

import type { ConnectionCount, Snapshot, SnapshotSource } from '../../../src/core/snapshots/snapshot.ts';
import { DAY_READINGS as DAY, HOSTS, type Kind, labelOf, sums } from './days.ts';
import { day, SPIKE, spiked, times, within } from './kinds.ts';

/** Every pool is built anew on another primary; for `length` readings it holds `factor` times what it will. */
function stormy(factor: number, length: number): Kind {
  const from = day(9, 10);
  return {
    labels: [SPIKE],
    shape: spiked,
    snapshot: (whole, at) => {
      if (at < from) return whole;
      const isStorm = at < from + length;
      const sources = whole.sources.map((source) => {
        const [one, two, three] = source.nodes;
        if (!one || !two || !three) return source;
        const old = { ...two, name: HOSTS[0] ?? '', dormant: isStorm ? one.dormant : two.dormant };
        const young = { ...one, name: HOSTS[1] ?? '', dormant: Math.round(one.dormant * (isStorm ? factor : 1)) };
        const nodes = [old, young, three];
        return { ...source, nodes, ...sums(nodes) };
      });
      const storm = 6000 * Math.min(3, length, Math.floor(at - from) + 1);
      const nodes = whole.nodes.map((node, index) => ({
        ...node,
        role: index === 1 ? 'primary' : 'secondary',
        totalCreated: (node.totalCreated ?? 0) + storm,
      }));
      return { ...whole, sources, nodes };
    },
  };
}

/** Once in a while, for some readings, the old instances are still there while the new ones already are. */
const ROLLOUT = DAY + 77;
const rolling =
  (factor: number, length: number): NonNullable<Kind['shape']> =>
  (source, at, shape, random) => {
    if (source < 2 && at % ROLLOUT < length) times(shape, factor);
    spiked(source, at, shape, random);
  };

type Rows = (input: { source: SnapshotSource; generation: number; isRolling: boolean }) => Partial<SnapshotSource>;
const told =
  (length: number, rows: Rows): NonNullable<Kind['snapshot']> =>
  (whole: Snapshot, at) => {
    const generation = Math.floor(at / ROLLOUT);
    const isRolling = generation > 0 && at % ROLLOUT < length;
    return {
      ...whole,
      sources: whole.sources.map((source) => ({ ...source, ...rows({ source, generation, isRolling }) })),
    };
  };

const row = (name: string, { dormant }: SnapshotSource, part: number): ConnectionCount => ({
  name,
  active: 0,
  dormant: Math.round(dormant * part),
});

const byVersion = (name: (generation: number) => string) => (input: Parameters<Rows>[0]) => {
  const { source, generation, isRolling } = input;
  if (!isRolling) return [row(name(generation), source, 1)];
  return [row(name(generation), source, 0.65), row(name(generation - 1), source, 0.35)];
};

const byHost: Rows = ({ source, generation, isRolling }) => {
  const of = (one: number, count: number, part: number) =>
    Array.from({ length: count }, (_, index) => row(`10.8.${one}.${index}`, source, part / count));
  return { hosts: isRolling ? [...of(generation, 3, 0.75), ...of(generation - 1, 1, 0.25)] : of(generation, 3, 1) };
};

const stepUp = (factor: number): Kind => ({
  labels: [labelOf(1, day(9, 10), day(9, 22))],
  shape: (source, at, shape) => {
    if (source === 1 && within(at, day(9, 10), day(9, 22))) times(shape, factor);
  },
});

/** Twelve hours of what looked like a storm at first. */
function staying(): Kind {
  const { snapshot = null } = stormy(3, 144);
  const labels = [0, 1].map((source) => labelOf(source, day(9, 10), day(9, 22)));
  return { labels, ...(snapshot !== null && { snapshot }) };
}

/** How late, in readings, each may be found. */
export const STEPS: Readonly<Record<string, { readonly kind: Kind; readonly late: number }>> = {
  'a step to 1.8 times': { kind: stepUp(1.8), late: 8 },
  'a step to twice': { kind: stepUp(2), late: 6 },
  'a step to 2.4 times': { kind: stepUp(2.4), late: 5 },
  'what stays after an election': { kind: staying(), late: 4 },
};

export const PASSING: Readonly<Record<string, Kind>> = {
  'a storm of three times after an election': stormy(3, 2),
  'a storm of twenty times after an election': stormy(20, 3),
  'rollouts that double for twenty minutes': { labels: [SPIKE], shape: rolling(2.1, 4) },
  'rollouts that the app tells': {
    labels: [SPIKE],
    shape: rolling(2.8, 3),
    snapshot: told(3, (input) => ({ apps: byVersion((generation) => `billing 5.${generation}.0`)(input) })),
  },
  'rollouts that the driver tells': {
    labels: [SPIKE],
    shape: rolling(2.8, 3),
    snapshot: told(3, (input) => ({ drivers: byVersion((generation) => `nodejs 7.${generation}.0`)(input) })),
  },
  'rollouts that the hosts tell': { labels: [SPIKE], shape: rolling(2.8, 3), snapshot: told(3, byHost) },
  'a weekly job': {
    days: 16,
    labels: [SPIKE],
    shape: (source, at, shape, random) => {
      if (source === 0 && within(at % (7 * DAY), day(5, 3), day(5, 5))) times(shape, 5);
      spiked(source, at, shape, random);
    },
  },
  'a first week that begins on a weekend': {
    days: 8,
    warm: 1.5,
    shape: (source, at, shape) => {
      if (source === 1 && within(at % (7 * DAY), day(1), day(3))) times(shape, 0.4);
    },
  },
  'an outage of a service, and its return': {
    labels: [SPIKE],
    shape: (source, at, shape, random) => {
      if (source < 2 && within(at, day(9, 9), day(9, 10))) times(shape, 0.02);
      spiked(source, at, shape, random);
    },
  },
};
