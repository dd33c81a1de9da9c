// The kinds of days that the four public traces do not have.

import type { Snapshot } from '../../../src/core/snapshots/snapshot.ts';
import { DAY_READINGS as DAY, HOSTS, type Kind, labelOf, onlyNodes, seeded, sums, without } from './days.ts';

const hours = (count: number) => Math.round(count * 12);
export const day = (number: number, hour = 0) => number * DAY + hours(hour);
export const within = (at: number, from: number, until: number) => at >= from && at < until;
export const times = (shape: { active: number; dormant: number }, factor: number) => {
  shape.active *= factor;
  shape.dormant *= factor;
};

/** Four times its usual on source 1, in the afternoon of day 11, for two hours: to be found whatever the day is like. */
export const SPIKE = labelOf(1, day(11, 15), day(11, 17));
export const spiked: NonNullable<Kind['shape']> = (source, at, shape) => {
  if (source === 1 && within(at, SPIKE.from, SPIKE.until)) times(shape, 4);
};

/** Every pool moves to another primary; for `storm` readings the old ones are still there. */
function elected(snapshot: Snapshot, storm: boolean): Snapshot {
  const sources = snapshot.sources.map((source) => {
    const [one, two, three] = source.nodes;
    if (!one || !two || !three) return source;
    const old = storm ? Math.round(one.dormant * 0.8) : two.dormant;
    const nodes = [{ ...two, name: HOSTS[0] ?? '', dormant: old }, { ...one, name: HOSTS[1] ?? '' }, three];
    return { ...source, nodes, ...sums(nodes) };
  });
  const nodes = snapshot.nodes.map((node, index) => ({ ...node, role: index === 1 ? 'primary' : 'secondary' }));
  return { ...snapshot, sources, nodes };
}

const jobAt = (at: number, hour: number, length: number) => within(at % DAY, hours(hour), hours(hour) + length);

export const KINDS: Readonly<Record<string, Kind>> = {
  quiet: {},
  spike: { labels: [SPIKE], shape: spiked },
  election: {
    labels: [SPIKE],
    shape: spiked,
    snapshot: (whole, at) => (at < day(9, 10) ? whole : elected(whole, at < day(9, 10) + 3)),
  },
  gaps: {
    labels: [SPIKE],
    shape: spiked,
    snapshot: (whole, at, random) => (within(at, day(8, 3), day(8, 11)) || random() < 0.05 ? null : whole),
  },
  incomplete: {
    labels: [SPIKE],
    shape: spiked,
    snapshot: (whole, at, random) =>
      random() < 0.1 || within(at, day(9, 2), day(9, 5))
        ? without(whole, HOSTS[Math.floor(random() * 3)] ?? '')
        : whole,
  },
  'a spike while a node is away': {
    labels: [SPIKE],
    shape: spiked,
    snapshot: (whole, at) => (within(at, day(11, 14), day(11, 18)) ? without(whole, HOSTS[2] ?? '') : whole),
  },
  growth: {
    labels: [SPIKE],
    shape: (source, at, shape, random) => {
      if (source < 2) times(shape, 1 + (0.25 * at) / (7 * DAY));
      spiked(source, at, shape, random);
    },
  },
  'a level that changes for good': {
    labels: [labelOf(1, day(8, 9), day(9, 9))],
    shape: (source, at, shape) => {
      if (source === 1 && at >= day(8, 9)) times(shape, 3);
    },
  },
  'a small level change': {
    labels: [SPIKE],
    shape: (source, at, shape, random) => {
      if (at >= day(8, 9)) times(shape, 1.4);
      spiked(source, at, shape, random);
    },
  },
  'a tiny source': {
    shape: (source, at, shape) => {
      if (source === 2 && (at * 7) % 50 < 5) shape.dormant = 15;
    },
  },
  'bursts of functions': {
    labels: [SPIKE],
    shape: (source, at, shape, random) => {
      const inside = seeded(Math.floor(at / 60))();
      const length = 1 + Math.floor(inside * 4);
      const start = Math.floor(seeded(Math.floor(at / 60) + 7)() * 50);
      if (source === 0 && within(at % 60, start, start + length)) times(shape, 3 + 3 * inside);
      spiked(source, at, shape, random);
    },
  },
  flapping: {
    labels: [labelOf(1, day(10, 9), day(10, 15))],
    shape: (source, at, shape) => {
      if (source === 1 && within(at, day(10, 9), day(10, 15)) && at % 6 < 3) times(shape, 4);
    },
  },
  'falling load': {
    shape: (source, at, shape) => {
      if (source !== 1) return;
      const isBusy = !within(at, day(9, 11), day(9, 16));
      shape.active = isBusy ? 450 : 20;
      shape.dormant = isBusy ? 120 : 550;
    },
  },
  'a nightly and an hourly job': {
    labels: [SPIKE],
    shape: (source, at, shape, random) => {
      if (source === 0 && jobAt(at, 2, 14)) times(shape, 6);
      if (source === 2 && at % 12 < 2) shape.dormant = 90;
      spiked(source, at, shape, random);
    },
  },
  deploys: {
    labels: [SPIKE],
    shape: (source, at, shape, random) => {
      if (source < 2 && at % (DAY + 77) < 3) times(shape, 2.1);
      spiked(source, at, shape, random);
    },
  },
  leak: {
    labels: [labelOf(1, day(9), day(11))],
    shape: (source, at, shape) => {
      if (source === 1 && within(at, day(9), day(11))) times(shape, 1 + (3 * (at - day(9))) / (2 * DAY));
    },
  },
  'a node added, another removed': {
    labels: [SPIKE],
    shape: spiked,
    snapshot: (whole, at) =>
      onlyNodes(whole, (host) => (host !== HOSTS[2] || at >= day(8, 10)) && (host !== HOSTS[1] || at < day(12, 10))),
  },
};
