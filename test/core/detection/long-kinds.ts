// Kinds of weeks: what lasts longer than a day, and what comes back after a week. Each kind has several variants.

import { base, DAY_READINGS as DAY, type Kind, type Label, labelOf, readingAt, seeded } from './days.ts';
import { day, times, within } from './kinds.ts';

type Change = NonNullable<Kind['shape']>;

const HOUR = 12;
const WEEK = 7 * DAY;

/** A rise of one source, in steps of five minutes: to be told once. */
interface Spike {
  readonly source: number;
  readonly from: number;
  readonly length: number;
  readonly factor: number;
}

const spike = (source: number, from: number, factor = 4, length = 2 * HOUR): Spike => ({
  source,
  from,
  factor,
  length,
});
const labelled = ({ source, from, length }: Spike): Label => ({ ...labelOf(source, from, from + length), most: 1 });

/** While it lasts; the number of clients stays. */
const changed =
  ({ source: own, from, length, factor }: Spike): Change =>
  (source, at, shape) => {
    if (source === own && within(at, from, from + length)) times(shape, factor);
  };

/** Fewer instances, or none. */
const lowered =
  (fall: Spike): Change =>
  (source, at, shape, random) => {
    if (source !== fall.source || !within(at, fall.from, fall.from + fall.length)) return;
    changed(fall)(source, at, shape, random);
    if (shape.clients !== null) shape.clients = Math.round(shape.clients * fall.factor);
  };

/** Days differ by up to `daily`, and hours by up to 5 %. */
const alive =
  (luck: number, daily: number): Change =>
  (source, at, shape) => {
    const inside = (time: number, part: number) =>
      1 + part * (2 * seeded(luck * 1e6 + source * 1e5 + Math.floor(at / time))() - 1);
    times(shape, inside(DAY, daily) * inside(HOUR, 0.05));
  };

/** The second source has office hours and weekends, too. */
const office: Change = (source, at, shape) => {
  if (source === 1) shape.dormant = base(0, at).dormant * 5;
};

/** The first source is large enough for a spike at night. */
const large: Change = (source, _, shape) => {
  if (source === 0) times(shape, 4);
};

interface Weeks extends Omit<Kind, 'shape'> {
  readonly changes?: readonly Change[];
  readonly spikes?: readonly Spike[];
  readonly daily?: number;
}

/** @param luck makes the days of one variant differ from those of another */
function weeks(luck: number, { changes = [], spikes = [], labels = [], daily = 0.08, ...kind }: Weeks): Kind {
  const all = [...changes, ...spikes.map(changed), alive(luck, daily)];
  return {
    days: 28,
    warm: 8,
    ...kind,
    labels: [...labels, ...spikes.map(labelled)],
    shape: (source, at, shape, random) => {
      for (const change of all) change(source, at, shape, random);
    },
  };
}

/** @param order of the sources, a day apart. @param after when a source's spike is: of the beginning of its outage */
function outage(
  luck: number,
  length: number,
  order: readonly number[],
  hour: number,
  after: (from: number) => number,
): Kind {
  const falls = order.map((source, index) => ({
    source,
    from: day(8 + index, (hour + 7 * luck + 5 * index) % 24),
    length,
    factor: 0.025 * index,
  }));
  const spikes = falls.filter(({ source }) => source < 2).map(({ source, from }) => spike(source, after(from)));
  return weeks(luck + hour, { changes: falls.map(lowered), spikes });
}

/** In the working hours of a day some days later. */
const laterThan = (length: number, days: number) => (from: number) => day(Math.ceil((from + length) / DAY) + days, 11);

const outages = (luck: number, length: number): readonly Kind[] => [
  outage(luck, length, [0, 1, 2], 9, laterThan(length, 2)),
  // The spike is a week after the outage began.
  outage(luck, length, [1, 2, 0], 14, (from) => from + WEEK),
  outage(luck, length, [2, 0, 1], 2, laterThan(length, 4)),
];

const earlyOutages = (luck: number): readonly Kind[] =>
  [
    { short: 0, long: 1, first: 3, hour: 10 },
    { short: 1, long: 0, first: 5, hour: 13 },
  ].map(({ short, long, first, hour }) =>
    weeks(luck + hour, {
      warm: 3,
      changes: [
        lowered({ source: short, from: day(first, hour), length: 9, factor: 0 }),
        lowered({ source: long, from: day(8 - first, hour), length: 6 * HOUR, factor: 0.03 }),
      ],
      spikes: [spike(short, day(10, 15)), spike(long, day(18, 11))],
    }),
  );

/** Whole days at a part of the usual. */
const quiet = (source: number, first: number, days = 1, factor = 0.4): Change =>
  changed({ source, from: day(first), length: days * DAY, factor });

const holidays = (luck: number, changes: readonly Change[]): Kind =>
  weeks(luck, { changes: [office, ...changes], spikes: [spike(0, day(25, 10)), spike(1, day(26, 14))] });

/** Three a week of all heights and lengths. */
function bursts(source: number, luck: number): readonly Spike[] {
  const random = seeded(luck);
  const part = WEEK / 3;
  return Array.from({ length: 9 }, (_, index) => {
    const length = 3 + Math.floor(10 * random());
    const from = day(7) + Math.floor(index * part + 12 + random() * (part - 36));
    return spike(source, from, 3 + 3 * random(), length);
  }).filter(({ from }) => from >= day(8));
}

/** Ten a week, much like one another. */
function habit(source: number, luck: number): readonly Spike[] {
  const random = seeded(luck);
  const part = WEEK / 10;
  return Array.from({ length: 50 }, (_, index) => {
    const length = 5 + Math.floor(3 * random());
    const from = Math.floor(index * part + 12 + random() * (part - 36));
    return spike(source, from, 3.8 + 0.4 * random(), length);
  });
}

/** @param larger takes the place of the burst with this index */
function habitual(
  luck: number,
  sources: readonly number[],
  larger?: { readonly index: number; readonly factor: number; readonly length: number },
): Kind {
  const usual = sources.flatMap((source) => habit(source, luck + source).filter((_, index) => index !== larger?.index));
  return weeks(luck, {
    days: 35,
    warm: 14,
    changes: [large, ...usual.map(changed)],
    spikes: larger
      ? sources.map((source) =>
          spike(source, Math.floor((larger.index * WEEK) / 10) + 60, larger.factor, larger.length),
        )
      : [],
    habits: usual.map(labelled),
  });
}

/** @param falls of the sources 0 and 1; a spike of the new level `days` after each */
const fallen = (luck: number, falls: readonly (Spike & { readonly days: readonly number[] })[]): Kind =>
  weeks(luck, {
    changes: [large, ...falls.map(lowered)],
    spikes: falls.flatMap(({ source, from, days }) => days.map((later) => spike(source, from + later * DAY, 5))),
  });

const fall = (source: number, from: number, factor: number, days: readonly number[]) => ({
  source,
  from,
  factor,
  days,
  length: day(28),
});

/** After a long spike the usual is what it was; after days of it, two days later. */
const longSpikes = (luck: number, spikes: readonly Spike[]): Kind =>
  weeks(luck, {
    // The usual is compared over days: they must not differ by themselves.
    daily: 0,
    changes: [large],
    spikes,
    kept: spikes.map((one) => ({ ...labelled(one), settles: one.length > 2 * DAY ? 2 * DAY : 0 })),
  });

/**
 * Vienna from a Monday on; the clocks change on the second Sunday, at 01:00 UTC. The job of 02:30 is left out in spring
 * and runs twice in autumn.
 *
 * @param offsets from UTC in hours, before and after
 */
function clockChange(luck: number, start: string, offsets: readonly [number, number]): Kind {
  const [before, after] = offsets;
  const localAt = (at: number) => at + HOUR * (at < day(13, 1) ? before : after);
  const local: Change = (source, at, shape) => {
    const wall = localAt(at);
    Object.assign(shape, base(source, wall));
    const time = wall % DAY;
    const isWeekend = wall % WEEK >= day(5);
    if (source === 0) times(shape, within(time, day(0, 8), day(0, 18)) && !isWeekend ? 3 : 1);
    const isJob = within(time, day(0, 2.5), day(0, 3));
    if (source === 1 && isJob) times(shape, 3);
    if (source === 2 && isJob) shape.dormant = 150;
  };
  return weeks(luck, {
    start: Date.parse(start),
    timeZone: 'Europe/Vienna',
    changes: [local],
    spikes: [spike(1, day(16, 15)), spike(0, day(20, 20)), spike(1, day(25, 7))],
  });
}

/** Not in the readings for two weeks. A spike follows a day or two after the return. */
const away = (luck: number, gone: readonly { readonly source: number; readonly from: number }[]): Kind =>
  weeks(luck, {
    spikes: gone.map(({ source, from }, index) => spike(source, from + 15 * DAY + index * DAY)),
    snapshot: (whole, at) => ({
      ...whole,
      sources: whole.sources.filter(
        (_, index) => !gone.some(({ source, from }) => source === index && within(at, from, from + 2 * WEEK)),
      ),
    }),
  });

/** Grows to `top` times its usual, then a restart leaves nothing for one reading. */
const leaking =
  (own: number, from: number, length: number, top: number): Change =>
  (source, at, shape) => {
    if (source !== own) return;
    if (within(at, from, from + length)) times(shape, 1 + ((top - 1) * (at - from)) / length);
    if (at === from + length) times(shape, 0);
  };

const leaks = (luck: number, froms: readonly number[]): Kind =>
  weeks(luck, {
    changes: froms.map((from, source) => leaking(source, from, 4 * DAY, 4)),
    // It grows on after its first alert.
    labels: froms.map((from, source) => ({ ...labelOf(source, from, from + 4 * DAY), most: 2 })),
    spikes: froms.map((_, source) => spike(source, day(24 + source, 10))),
  });

const restarted =
  (own: number, times: readonly number[]): Change =>
  (source, at, shape) => {
    if (source === own && times.includes(at)) Object.assign(shape, { active: 0, dormant: 0, clients: 0 });
  };

const growing: Change = (source, at, shape) => {
  if (source < 2) times(shape, 1.15 ** (at / WEEK));
};

/** A job of one weekday only: it may be told the first two times. */
function weekly(luck: number, jobs: readonly Spike[]): Kind {
  const runs = jobs.flatMap((job) => [0, 1, 2, 3].map((week) => ({ ...job, from: job.from + week * WEEK })));
  return weeks(luck, {
    days: 35,
    changes: runs.map(changed),
    free: runs.filter(({ from }) => from < day(21)).map(labelled),
    spikes: [spike(0, day(30, 15)), spike(1, day(31, 9))],
  });
}

/** @param first the weekday of the first reading, 0 for Monday */
function coldStart(luck: number, first: number, spikes: readonly Spike[]): Kind {
  const shifted: Change = (source, at, shape) => void Object.assign(shape, base(source, at + first * DAY));
  return weeks(luck, { days: 10, warm: 1, start: readingAt(first * DAY), changes: [shifted], spikes });
}

/** Variants by kind. @param luck other days, outages and bursts, for a look at what was not tuned for */
export const longKinds = (luck = 0): Readonly<Record<string, readonly Kind[]>> => ({
  'an outage of 45 minutes': outages(luck, 9),
  'an outage of 12 hours': outages(luck, 12 * HOUR),
  'an outage of 4 days': outages(luck, 4 * DAY),
  'an outage in the first week': earlyOutages(luck),
  'a holiday': [
    holidays(luck + 1, [quiet(0, 9), quiet(1, 15)]),
    // On the same weekday of two weeks.
    holidays(luck + 2, [quiet(0, 10), quiet(0, 17), quiet(1, 8), quiet(1, 15)]),
  ],
  'a long weekend, and a week of holidays': [
    holidays(luck + 3, [quiet(0, 11), quiet(0, 14), quiet(1, 12, 9, 0.5)]),
    holidays(luck + 4, [quiet(1, 11), quiet(1, 14), quiet(0, 14, 7, 0.5)]),
  ],
  'three irregular bursts a week': [
    weeks(luck + 5, { changes: [large], spikes: [...bursts(0, luck + 51), ...bursts(1, luck + 52)] }),
    weeks(luck + 6, { changes: [large], spikes: [...bursts(0, luck + 61), ...bursts(1, luck + 62)] }),
  ],
  'a habit of ten bursts a week': [habitual(luck + 70, [0]), habitual(luck + 80, [1])],
  'a much larger burst than those of the habit': [
    habitual(luck + 90, [0, 1], { index: 33, factor: 12, length: 6 }),
    habitual(luck + 95, [0, 1], { index: 44, factor: 4, length: 36 }),
  ],
  'a lasting fall, and spikes of the new level': [
    fallen(luck + 7, [fall(0, day(8, 10), 0.4, [3, 8, 12]), fall(1, day(9, 14), 0.25, [8, 12])]),
    fallen(luck + 8, [fall(1, day(10, 9), 0.4, [3, 8, 12]), fall(0, day(11, 13), 0.25, [8, 12])]),
  ],
  'a long spike': [
    longSpikes(luck + 11, [spike(0, day(9, 8), 5, 6 * HOUR), spike(1, day(10, 10), 3, 30 * HOUR)]),
    longSpikes(luck + 12, [spike(0, day(11, 7), 3, 12 * HOUR), spike(1, day(12, 15), 4, 6 * HOUR)]),
    longSpikes(luck + 13, [spike(0, day(15, 9), 4, 30 * HOUR), spike(1, day(9, 20), 5, 12 * HOUR)]),
  ],
  'a spike of three days': [
    longSpikes(luck + 14, [spike(0, day(9, 9), 3, 3 * DAY), spike(1, day(14, 12), 3, 3 * DAY)]),
    longSpikes(luck + 15, [spike(1, day(11, 22), 3, 3 * DAY), spike(0, day(15, 16), 3, 3 * DAY)]),
  ],
  'daylight saving time': [
    clockChange(luck + 15, '2026-03-16T00:00:00Z', [1, 2]),
    clockChange(luck + 16, '2026-10-12T00:00:00Z', [2, 1]),
  ],
  'a source that is away for two weeks': [
    away(luck + 17, [
      { source: 0, from: day(8, 10) },
      { source: 1, from: day(10, 3) },
    ]),
    away(luck + 26, [
      { source: 0, from: day(9, 20) },
      { source: 1, from: day(8, 1) },
    ]),
  ],
  'a leak that a restart ends': [
    leaks(luck + 18, [day(8, 9), day(14, 16)]),
    leaks(luck + 27, [day(12, 22), day(9, 3)]),
  ],
  'restarts of one reading, and a small step': [
    weeks(luck + 19, {
      changes: [
        restarted(0, [day(8, 10), day(9, 3), day(12, 14), day(15, 10)]),
        changed({ source: 1, from: day(10, 9), length: day(28), factor: 1.3 }),
      ],
      spikes: [spike(0, day(22, 10)), spike(1, day(23, 10))],
    }),
  ],
  'a growth of 15 % a week': [weeks(luck + 20, { days: 42, changes: [growing], spikes: [spike(1, day(38, 15))] })],
  'a weekly job that begins in the second week': [
    weekly(luck + 21, [
      { source: 0, from: day(9, 3), length: HOUR, factor: 5 },
      { source: 1, from: day(12, 22), length: 2 * HOUR, factor: 4 },
    ]),
    weekly(luck + 28, [
      { source: 0, from: day(13, 23), length: HOUR, factor: 5 },
      { source: 1, from: day(10, 14), length: 3 * HOUR, factor: 3 },
    ]),
  ],
  'a cold start': [
    coldStart(luck + 22, 0, [spike(0, day(2, 10)), spike(1, day(4, 15))]),
    coldStart(luck + 23, 3, [spike(1, day(2, 13)), spike(0, day(4, 10))]),
    coldStart(luck + 24, 5, [spike(0, day(2, 14)), spike(1, day(4, 3))]),
    coldStart(luck + 25, 4, [spike(1, day(2, 9)), spike(0, day(4, 12))]),
  ],
});
