// What a spike's sentences say: who grew, where, against what, and what to try, from the numbers.

import { expect, test } from 'vitest';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { evaluate } from '../../../src/core/detection/evaluate.ts';
import type { AlertTransition } from '../../../src/core/detection/findings.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import { riseAdvice } from '../../../src/core/diagnosis/rise.ts';
import type { ConnectionCount, Snapshot, SnapshotSource } from '../../../src/core/snapshots/snapshot.ts';
import { DAY_READINGS as DAY, readingAt } from './days.ts';

const nodes = ['shard-00-00.abc.net:27017', 'shard-00-01.abc.net:27017'];
const row = (name: string, dormant: number): ConnectionCount => ({ name, active: 0, dormant });

interface Spread {
  readonly hosts: readonly ConnectionCount[];
  readonly apps: readonly ConnectionCount[];
  readonly nodes: readonly ConnectionCount[];
  readonly clients: number;
}

function reading(at: number, { hosts, apps, nodes: held, clients }: Spread): Snapshot {
  const dormant = hosts.reduce((sum, host) => sum + host.dormant, 0);
  const base = { id: '203.0.113.0/24', name: 'Billing API', class: 'listed', active: 0, monitors: 0 };
  const source: SnapshotSource = { ...base, dormant, clients, nodes: held, apps, hosts };
  return {
    ...{ cluster: 'prod', at, complete: true, problem: null, sources: [source] },
    nodes: nodes.map((host, index) => ({
      ...{ host, problem: null, role: index === 0 ? 'primary' : 'secondary', current: 465, limit: 1500 },
      ...{ totalCreated: null, rejected: null },
    })),
  };
}

const usual: Spread = {
  hosts: [row('203.0.113.9', 30), row('203.0.113.14', 20), row('203.0.113.20', 10)],
  apps: [row('billing', 50), row('cron', 10)],
  nodes: [row(nodes[0] ?? '', 40), row(nodes[1] ?? '', 20)],
  clients: 12,
};
const spiking: Spread = {
  hosts: [row('203.0.113.9', 242), row('203.0.113.14', 118), row('203.0.113.20', 11)],
  apps: [row('billing', 361), row('cron', 10)],
  nodes: [row(nodes[0] ?? '', 340), row(nodes[1] ?? '', 31)],
  clients: 12,
};

function texts(timeZone?: string): readonly string[] {
  let state: ClusterState | null = null;
  const book = timeZone === undefined ? DEFAULT_BOOK : { ...DEFAULT_BOOK, timeZone };
  const from = 8 * DAY + 120;
  return Array.from({ length: from + 12 }, (_, index) => index).flatMap((index) => {
    const snapshot = reading(readingAt(index), index >= from && index < from + 5 ? spiking : usual);
    const judged = evaluate(state, snapshot, book);
    state = judged.state;
    return judged.notifications.map(({ text }) => text);
  });
}

test('a spike names value, duration, growth, node and advice; its end names the duration', () => {
  expect(texts()).toEqual([
    'Billing API: 371 dormant connections, usually 60. For 5 min: 6.2 × its usual for 10:05 on working days. ' +
      'Grew most: app "billing" on 203.0.113.9 (+212) and 203.0.113.14 (+98), node shard-00-00 (primary). ' +
      'shard-00-00 is at 31 % of its limit of 1,500 now. ' +
      'Try: 12 clients hold 31 connections each, as after a burst that filled the pools. “No limit for idle connections” would explain it. Set maxIdleTimeMS=60000: it closes connections that are idle for a minute.',
    'Billing API: resolved after 25 min, 60 dormant connections, usually 60.',
  ]);
});

test('a rise over hours is called a leak, with the app that grew', () => {
  let state: ClusterState | null = null;
  const from = 8 * DAY + 120;
  const transitions: AlertTransition[] = [];
  for (let index = 0; index < from + 60; index++) {
    const more = Math.max(0, index - from) * 2;
    const grown = { ...usual, hosts: [row('203.0.113.9', 30 + more), ...usual.hosts.slice(1)] };
    const apps = [row('billing', 50 + more), row('cron', 10)];
    const judged = evaluate(state, reading(readingAt(index), { ...grown, apps }), DEFAULT_BOOK);
    state = judged.state;
    transitions.push(...judged.transitions.filter(({ rule }) => rule === 'dormant-spike'));
  }
  expect(transitions[0]).toMatchObject({ event: 'firing', app: 'billing' });
  expect(transitions[0]?.notes.at(-1)).toContain('as a leak does');
  // It is a leak still when it is far above the line.
  expect(transitions.at(-1)?.value).toBeGreaterThan(2.5 * 60);
  expect(transitions.at(-1)?.notes.at(-1)).toContain('as a leak does');
});

test('the time of the week is that of the time zone', () => {
  expect(texts('Asia/Tokyo')[0]).toContain('its usual for 19:05 on working days');
});

/** The first reading of a source. */
const alone = {
  snapshot: reading(readingAt(0), usual),
  past: null,
  elected: null,
  moment: { at: readingAt(0), offset: 0 },
};

test.each([
  ['most are at work', { active: 300, dormant: 40, clients: 9 }, 'run operations now'],
  ['clients are not told', { active: 0, dormant: 400, clients: null }, 'Create the client outside the handler'],
  [
    'many more clients',
    { active: 0, dormant: 400, clients: 90 },
    '90 clients hold 4.4 connections each; usually there are 12 clients.',
  ],
  ['few clients with large pools', { active: 0, dormant: 400, clients: 4 }, '4 clients hold 100 connections each'],
  ['clients with hardly a pool', { active: 0, dormant: 30, clients: 14 }, 'minPoolSize'],
])('%s: another thing to try', (_, counts, words) => {
  const on = [...nodes, 'shard-00-02.abc.net:27017'].map((name) => row(name, 0));
  const source = { id: 'a', name: 'a', class: null, monitors: null, nodes: on, apps: [], hosts: [], ...counts };
  const advice = riseAdvice({ ...alone, source, usualClients: 12, isGradual: false });
  expect(advice).toMatch(/^\S.*\.$/);
  expect(advice).toContain(words);
});

test.each([
  ['pools that fill up', 12, 'Look for clients that are never closed'],
  ['clients that grow in number', 30, 'to 30, usually 12. “MongoClients that are never closed” would explain it.'],
  ['clients that nobody counts', null, 'Look for clients that are never closed'],
  ['nobody left who watches', 0, 'processes that exited without close()'],
])('what grew little by little is no burst: %s', (_, clients, words) => {
  const source = { id: 'a', name: 'a', class: null, monitors: null, nodes: [], apps: [], hosts: [], ...{ clients } };
  const advice = riseAdvice({
    ...{ ...alone, source: { ...source, active: 0, dormant: 100 }, usualClients: 12, isGradual: true },
  });
  expect(advice).toContain(words);
  expect(advice).not.toContain('burst');
});
