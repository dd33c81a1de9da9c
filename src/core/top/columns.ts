// The columns of `top`, most important first: a narrow terminal leaves out the last ones.

import { count, span } from '../base/format.ts';
import { clientsShown } from '../connections/clients.ts';
import type { TopRow, TopView } from './row.ts';
import type { Track } from './track.ts';

export interface TopColumn {
  readonly key: string;
  readonly title: string;
  /** A figure is never shortened. */
  readonly kind: 'figure' | 'name';
  /** For sorting; null is unknown, and last. */
  readonly value: (track: Track) => number | string | null;
  /** @param now milliseconds since 1970 */
  readonly text: (track: Track, now: number) => string;
}

const UNKNOWN = '–';

export function columnsOf(view: TopView): readonly TopColumn[] {
  return view === 'pools' ? POOLS : BY_VIEW[view];
}

function figure(
  key: string,
  title: string,
  value: (row: TopRow, track: Track) => number | null,
  text: (value: number, row: TopRow) => string = count,
): TopColumn {
  return {
    ...{ key, title, kind: 'figure' },
    value: (track) => value(track.row, track),
    text: (track) => {
      const known = value(track.row, track);
      return known === null ? UNKNOWN : text(known, track.row);
    },
  };
}

const estimate = (value: number, { isEstimated }: TopRow) => `${isEstimated ? '~' : ''}${count(value)}`;
const signed = (value: number) => `${value > 0 ? '+' : ''}${count(value)}`;

/** One decimal below 10. */
function decimal(value: number): string {
  return value < 10 ? `${Number(value.toFixed(1))}` : count(value);
}

/** Pooled connections. Only a lower bound is known of some clients, so the quotient is an upper one. */
function perClient({ active, dormant, clients }: TopRow): number | null {
  const many = clients?.clients ?? 0;
  return active === null || dormant === null || many === 0 ? null : (active + dormant) / many;
}

const NAME = (title: string): TopColumn => {
  return { key: 'name', title, kind: 'name', value: ({ row }) => row.name.toLowerCase(), text: ({ row }) => row.name };
};

const NOW = (title: string) => figure('now', title, (row) => row.now);
const MAX = figure('max', 'MAX', (_, { max }) => max);
const CHANGE = figure(
  'change',
  'CHANGE',
  ({ now }, { first, missed, isPartial }) => (isPartial ? null : (missed > 0 ? 0 : now) - first),
  signed,
);

const AGE: TopColumn = {
  ...{ key: 'age', title: 'AGE', kind: 'figure' },
  value: ({ row }) => -row.at,
  text: ({ row, missed, isAbsent }, now) => {
    const age = ageOf(now - row.at);
    return missed > 0 ? `gone ${age}` : isAbsent ? `not read ${age}` : age;
  },
};

/** In whole seconds: a screen that is drawn each second has no use for tenths. */
export function ageOf(milliseconds: number): string {
  return milliseconds < 1000 ? '0 s' : span(Math.floor(milliseconds / 1000) * 1000);
}

const CLIENTS: TopColumn = {
  ...{ key: 'clients', title: 'CLIENTS', kind: 'figure' },
  value: ({ row }) => row.clients?.clients ?? null,
  text: ({ row: { clients } }) => (clients === null ? UNKNOWN : clientsShown(clients)),
};

const PER_CLIENT: TopColumn = {
  ...{ key: 'per-client', title: 'PER CLIENT', kind: 'figure' },
  value: ({ row }) => perClient(row),
  text: ({ row }) => {
    const each = perClient(row);
    if (each === null) return row.clients === null ? UNKNOWN : '?';
    return `${row.clients?.clientsAtLeast === true ? '≤ ' : ''}${decimal(each)}`;
  },
};

const OPENED: TopColumn = {
  ...{ key: 'new', title: 'NEW/S', kind: 'figure' },
  value: ({ row }) => row.opened?.perSecond ?? null,
  text: ({ row: { opened } }) =>
    opened === null ? UNKNOWN : `${opened.isAtLeast ? '≥ ' : ''}${decimal(opened.perSecond)}`,
};

const ORIGIN = (title: string): TopColumn => {
  const value = ({ row }: Track) => row.origin;
  return { key: 'origin', title, kind: 'name', value, text: value };
};

/** Of a group, the last column names its sources. */
const ORIGINS: Partial<Record<TopView, string>> = { source: 'ENTRY', node: 'ROLE' };

function clusterColumns(view: Exclude<TopView, 'pools'>): readonly TopColumn[] {
  return [
    NAME(view.toUpperCase()),
    NOW('NOW'),
    MAX,
    figure('active', 'ACTIVE', (row) => row.active),
    figure('dormant', 'DORMANT', (row) => row.dormant, estimate),
    figure('heartbeats', 'HEARTBEATS', (row) => row.heartbeats, estimate),
    CLIENTS,
    PER_CLIENT,
    OPENED,
    CHANGE,
    AGE,
    ORIGIN(ORIGINS[view] ?? 'SOURCES'),
  ];
}

const BY_VIEW = {
  source: clusterColumns('source'),
  app: clusterColumns('app'),
  host: clusterColumns('host'),
  node: clusterColumns('node'),
  user: clusterColumns('user'),
  driver: clusterColumns('driver'),
};

const POOLS: readonly TopColumn[] = [
  NAME('APP'),
  NOW('OPEN'),
  MAX,
  figure('in-use', 'IN USE', ({ pool }) => pool?.inUse ?? null),
  figure('waiting', 'WAITING', ({ pool }) => pool?.waiting ?? null),
  {
    ...{ key: 'processes', title: 'PROCESSES', kind: 'figure' },
    value: ({ row }) => row.pool?.processes ?? null,
    text: ({ row: { pool } }) => {
      if (pool === null) return UNKNOWN;
      return `${count(pool.processes)}${pool.stale > 0 ? ` (${count(pool.stale)} stale)` : ''}`;
    },
  },
  CLIENTS,
  figure('checkouts', 'CHECKOUTS/S', ({ pool }) => pool?.checkoutsPerSecond ?? null, decimal),
  figure('timeouts', 'TIMEOUTS', ({ pool }) => pool?.timeouts ?? null),
  CHANGE,
  AGE,
  ORIGIN('CLUSTER'),
];
