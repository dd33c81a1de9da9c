// Fault schedules: a short history of a cluster, what people do in it, and what goes wrong when. The same for the same seed.

import { seeded } from '../core/detection/days.ts';

export const FAULTS = [
  'kill',
  'store-away',
  'store-silent',
  'rate-limit',
  '5xx-before',
  '5xx-after',
  'slow',
  'answer-lost',
  'answer-late',
  'html',
  'empty',
  'null',
  'cut',
  'html-after',
  'empty-after',
  'null-after',
  'cut-after',
  'clock-forward',
  'clock-back',
  'pause',
] as const;
export type FaultKind = (typeof FAULTS)[number] | 'two-replicas' | 'sigkill' | 'election';

/** Where a bot may die or stop: an operation of its store or a method of Slack, before it or after it. */
const POINTS = [
  ...['write', 'take', 'sent', 'doubted', 'alert', 'place', 'series', 'claim'],
  ...['chat.postMessage', 'chat.update', 'conversations.history'],
]
  .flatMap((name) => [`${name}/before`, `${name}/after`])
  .concat('any');
/** In the middle of what must not be done half, or twice. */
const DEADLY = [
  'take/after',
  'alert/after',
  'series/after',
  'write/before',
  'write/after',
  'chat.postMessage/before',
  'chat.postMessage/after',
  'sent/before',
  'sent/after',
];

export interface Fault {
  readonly kind: FaultKind;
  /** The reading at which it begins. */
  readonly at: number;
  /** Which replica it meets. */
  readonly replica: number;
  readonly point: string;
  /** How many such points pass unharmed. */
  readonly skip: number;
  readonly minutes: number;
  readonly times: number;
}

export interface Spike {
  /** Of the sources; null for the connections of the node. */
  readonly source: string | null;
  readonly from: number;
  readonly until: number;
  /** In the first half of it, and in the second. */
  readonly levels: readonly [number, number];
}

export interface Act {
  readonly at: number;
  readonly kind: 'acknowledge' | 'silence' | 'unsilence';
  readonly source: string;
  readonly minutes: number;
}

export interface Schedule {
  readonly seed: number;
  /** A minute apart. */
  readonly readings: number;
  /** Whether the bot may not read the channel. */
  readonly isBlind: boolean;
  readonly replicas: 1 | 2;
  readonly spikes: readonly Spike[];
  readonly acts: readonly Act[];
  readonly faults: readonly Fault[];
}

export const SOURCES = Array.from({ length: 8 }, (_, index) => `10.${index}.0.0/16`);
/** Spikes when everything has calmed down: the bot must still be at work then. */
export const WITNESS = '10.99.0.0/16';

/** @param faults which may happen; all of them unless told */
export function scheduleFor(seed: number, faults: readonly FaultKind[] = FAULTS): Schedule {
  const random = seeded(seed);
  const whole = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  const one = <T>(of: readonly [T, ...T[]] | readonly T[]): T => {
    const found = of[whole(0, of.length - 1)];
    if (found === undefined) throw new Error('nothing to choose from');
    return found;
  };
  const readings = whole(12, 32);
  const replicas = random() < 0.35 ? 2 : 1;
  const spike = (source: string | null): Spike => {
    const from = whole(1, readings - 4);
    const until = from + whole(2, 18);
    const level = whole(150, 400);
    return { source, from, until, levels: [level, random() < 0.5 ? level * whole(2, 3) : level] };
  };
  const burst = random() < 0.15 ? { ...spike(''), levels: [300, 300] as const } : null;
  const fault = (): Fault => ({
    kind: one(faults),
    at: whole(1, readings - 1),
    replica: whole(0, replicas - 1),
    point: one(random() < 0.6 ? DEADLY : POINTS),
    skip: random() < 0.5 ? 0 : whole(0, 12),
    minutes: whole(1, 12),
    times: whole(1, 3),
  });
  return {
    seed,
    readings,
    isBlind: random() < 0.25,
    replicas,
    spikes: [
      ...Array.from({ length: whole(1, 5) }, () => spike(one(SOURCES))),
      ...(random() < 0.3 ? [spike(null)] : []),
      ...(burst === null ? [] : SOURCES.slice(0, 7).map((source) => ({ ...burst, source }))),
    ],
    acts: Array.from({ length: whole(0, 4) }, () => ({
      at: whole(2, readings),
      kind: one(['acknowledge', 'silence', 'unsilence'] as const),
      source: one(SOURCES),
      minutes: whole(2, 10),
    })),
    faults: Array.from({ length: whole(1, 5) }, fault),
  };
}

/** The kinds of faults of a schedule, each once; a bot beside another is one. */
export function kindsOf({ faults, replicas }: Pick<Schedule, 'faults' | 'replicas'>): readonly FaultKind[] {
  const kinds = new Set<FaultKind>(faults.map(({ kind }) => kind));
  if (replicas > 1) kinds.add('two-replicas');
  return [...kinds];
}
