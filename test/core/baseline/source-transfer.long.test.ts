// A change of the access list is no spike: history and alerts go with the clients, and the sources it touched are named.

import { expect, test } from 'vitest';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { evaluate } from '../../../src/core/detection/evaluate.ts';
import type { Notification } from '../../../src/core/detection/findings.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import type { ConnectionCount, Move, Snapshot, SnapshotSource } from '../../../src/core/snapshots/snapshot.ts';
import { DAY_READINGS as DAY, readingAt, seeded } from '../detection/days.ts';

/** What one host holds at a time, in steps of five minutes. */
type Holding = (host: number, at: number) => number;
/** What the list calls a host. */
type Naming = (host: number) => readonly [id: string, name: string];

const HOSTS = 4;
const CHANGE = 2 * DAY + 120;
const OFFICE = '203.0.113.0/24';
const address = (host: number) => `203.0.113.${host}`;
const steady: Holding = (host) => [60, 100, 20, 20][host] ?? 0;
const office: Naming = () => [OFFICE, 'Office'];

interface History {
  readonly before?: Naming;
  readonly after: Naming;
  readonly holding?: Holding;
  /** Whether the writer tells moves and hosts, as ours does. */
  readonly told: 'moves' | 'hosts' | 'nothing';
  readonly days?: number;
}

function snapshots({ before = office, after, holding = steady, told, days = 4 }: History): readonly Snapshot[] {
  const random = seeded(7);
  const other: SnapshotSource = {
    ...{ id: '10.40.0.0/16', name: 'Kubernetes', class: 'listed', monitors: 10, clients: 5 },
    ...{ active: 5, dormant: 300, nodes: [], apps: [], hosts: [] },
  };
  return Array.from({ length: days * DAY }, (_, at): Snapshot => {
    const naming = at < CHANGE ? before : after;
    const held = Array.from({ length: HOSTS }, (_, host) => Math.round(holding(host, at) * (0.95 + 0.1 * random())));
    const sources = new Map<string, SnapshotSource>();
    held.forEach((dormant, host) => {
      const [id, name] = naming(host);
      const row: ConnectionCount = { name: address(host), active: 0, dormant };
      const known = sources.get(id);
      const hosts = told === 'nothing' ? [] : [...(known?.hosts ?? []), row];
      const sum = (known?.dormant ?? 0) + dormant;
      const base = { id, name, class: null, active: 0, monitors: null, clients: null, nodes: [], apps: [] };
      sources.set(id, { ...base, dormant: sum, hosts });
    });
    return {
      ...{ cluster: 'prod', at: readingAt(at), complete: true, problem: null, nodes: [] },
      sources: [...sources.values(), other],
      ...(told === 'moves' && { moves: at === CHANGE ? movesAt(at, { before, after, holding }) : [] }),
    };
  });
}

function movesAt(at: number, { before, after, holding }: Required<Pick<History, 'before' | 'after' | 'holding'>>) {
  const moves = new Map<string, Move>();
  for (let host = 0; host < HOSTS; host++) {
    const [[from], [to]] = [before(host), after(host)];
    if (from === to) continue;
    const held = Math.round(holding(host, at - 1));
    const known = moves.get(from + to) ?? { from, to, dormant: 0, pooled: 0, hosts: 0 };
    const sums = { dormant: known.dormant + held, pooled: known.pooled + held, hosts: known.hosts + 1 };
    moves.set(from + to, { ...known, ...sums });
  }
  return [...moves.values()];
}

function heard(history: readonly Snapshot[]) {
  let state: ClusterState | null = null;
  const notifications: Notification[] = [];
  const remarks: string[] = [];
  for (const snapshot of history) {
    const judged = evaluate(state, snapshot, DEFAULT_BOOK);
    state = judged.state;
    notifications.push(...judged.notifications);
    remarks.push(...judged.remarks);
  }
  return { notifications, remarks };
}

const brief = ({ rule, source, event, at }: Notification) =>
  `${(Date.parse(at) - readingAt(CHANGE)) / 300_000} ${rule} ${source} ${event}`;

const CHANGES: readonly [string, Pick<History, 'before' | 'after'>][] = [
  ['an entry was added', { after: (host) => (host === 1 ? ['203.0.113.1/32', 'Billing'] : office(host)) }],
  [
    'an entry was narrowed',
    { after: (host) => (host < 2 ? ['203.0.113.0/31', 'Office'] : [address(host), address(host)]) },
  ],
  ['an entry was removed, or it expired', { after: (host) => [address(host), address(host)] }],
  ['an entry was renamed', { after: () => [OFFICE, 'Head office'] }],
  [
    'two entries became one',
    { before: (host) => [`203.0.113.${host < 2 ? 0 : 2}/31`, host < 2 ? 'One' : 'Two'], after: office },
  ],
  [
    'an entry went, and a broader one that was there names its clients',
    { before: (host) => (host === 1 ? ['203.0.113.1/32', 'Billing'] : office(host)), after: office },
  ],
];

test.each(
  CHANGES.flatMap(([what, change]) => (['moves', 'hosts', 'nothing'] as const).map((told) => ({ what, change, told }))),
)('$what, with $told told: nothing fires, and the change is named', ({ change, told }) => {
  const { notifications, remarks } = heard(snapshots({ ...change, told }));
  expect(notifications.map(brief)).toEqual([]);
  expect(remarks.join('\n')).toContain('access list changed');
});

test.each(CHANGES)('%s: a rise a day later is found against the transferred history', (_, change) => {
  const rise = CHANGE + DAY;
  const holding: Holding = (host, at) => steady(host, at) * (host === 1 && at >= rise && at < rise + 24 ? 9 : 1);
  const { notifications } = heard(snapshots({ ...change, holding, told: 'moves' }));
  const [id] = change.after(1);
  expect(notifications.filter(({ event }) => event === 'firing').map(brief)).toEqual([
    `${DAY + 1} dormant-spike ${id} firing`,
  ]);
});

test('an open alert continues under the new id with its start, and ends there', () => {
  const from = CHANGE - 12;
  const holding: Holding = (host, at) => steady(host, at) * (at >= from && at < CHANGE + 12 ? 5 : 1);
  const after: Naming = () => ['203.0.113.0/25', 'New office'];
  const { notifications } = heard(snapshots({ after, holding, told: 'moves' }));
  expect(notifications.map(brief)).toEqual([
    `-11 dormant-spike ${OFFICE} firing`,
    `0 dormant-spike ${OFFICE} resolved`,
    `0 dormant-spike 203.0.113.0/25 firing`,
    `14 dormant-spike 203.0.113.0/25 resolved`,
  ]);
  const [, ended, goesOn] = notifications;
  expect(ended?.text).toContain('it goes on as New office (203.0.113.0/25)');
  expect(goesOn?.text).toContain('For 1 h');
  expect(goesOn?.text).toContain(`came here from Office (${OFFICE})`);
});

test('a client that gets its own entry while it spikes takes its usual along, not its spike', () => {
  const holding: Holding = (host, at) =>
    steady(host, at) * (host === 2 && at >= CHANGE - 6 && at < CHANGE + 12 ? 30 : 1);
  const after: Naming = (host) => (host === 2 ? ['203.0.113.2/32', 'Reports'] : office(host));
  const { notifications } = heard(snapshots({ after, holding, told: 'moves' }));
  expect(notifications.filter(({ event }) => event === 'firing').map(brief)).toEqual([
    `-5 dormant-spike ${OFFICE} firing`,
    expect.stringMatching(/^[01] dormant-spike 203\.0\.113\.2\/32 firing$/),
  ]);
});

test('an alert within an hour of the change says what it did to the source', () => {
  const holding: Holding = (host, at) =>
    steady(host, at) * (host !== 1 && at >= CHANGE + 3 && at < CHANGE + 20 ? 8 : 1);
  const after: Naming = (host) => (host === 1 ? ['203.0.113.1/32', 'Billing'] : office(host));
  const { notifications } = heard(snapshots({ after, holding, told: 'moves' }));
  const [fired] = notifications;
  expect(fired?.source).toBe(OFFICE);
  expect(fired?.text).toContain('The access list changed: 100 connections went from here to Billing (203.0.113.1/32).');
});

test('a source with other hosts inherits no history', () => {
  const history = snapshots({ after: office, told: 'hosts', days: 3 }).map((snapshot, at): Snapshot => {
    if (at < CHANGE) return snapshot;
    const [first, ...rest] = snapshot.sources;
    if (first === undefined) return snapshot;
    const hosts = [{ name: '203.0.113.99', active: 0, dormant: first.dormant }];
    return { ...snapshot, sources: [{ ...first, id: '203.0.113.0/25', name: 'Stranger', hosts }, ...rest] };
  });
  const firing = heard(history).notifications.filter(({ event }) => event === 'firing');
  expect(firing.map(brief)).toEqual(['2 new-source 203.0.113.0/25 firing']);
});
