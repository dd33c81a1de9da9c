// Where an alert goes and whom it concerns: the last route that fits, field by field.

import { expect, test } from 'vitest';
import { destinationOf, type Route, type Routed, type RoutingSettings } from '../../../src/core/alerting/routing.ts';

const route = (told: Partial<Route>): Route => ({
  cluster: null,
  source: null,
  node: null,
  rule: null,
  channel: null,
  owner: null,
  runbook: null,
  ...told,
});
const settings = (routes: readonly Route[], critical: Partial<RoutingSettings['critical']> = {}): RoutingSettings => ({
  channel: 'C0ALL',
  critical: { channel: null, mention: null, ...critical },
  routes,
  fallback: [],
});
const spike: Routed = {
  rule: 'dormant-spike',
  source: '203.0.113.0/24',
  node: null,
  cluster: 'prod',
  who: 'Billing API',
  severity: 'warning',
};
const headroom: Routed = { ...spike, rule: 'node-headroom', source: null, node: 'a:27017', who: 'Node a:27017' };

test('the last route that fits wins, and each field for itself', () => {
  const routes = [
    route({ channel: 'C0FIRST', owner: '@first', runbook: 'https://wiki.example.net/first' }),
    route({ cluster: 'prod', owner: '@second' }),
    route({ cluster: 'staging', channel: 'C0STAGING' }),
  ];
  expect(destinationOf(spike, settings(routes))).toEqual({
    channel: 'C0FIRST',
    owner: '@second',
    runbook: 'https://wiki.example.net/first',
    mentions: [],
  });
  expect(destinationOf(spike, settings([]))).toEqual({ channel: 'C0ALL', owner: null, runbook: null, mentions: [] });
});

test.each([
  [{ source: 'billing*' }, spike, true],
  [{ source: '203.0.113.0/24' }, spike, true],
  [{ source: '203.0.113.?/24' }, spike, true],
  [{ source: '203*113' }, spike, false],
  [{ cluster: 'PROD' }, spike, true],
  [{ cluster: 'pro' }, spike, false],
  [{ rule: '*-spike' }, spike, true],
  [{ rule: 'churn' }, spike, false],
  [{ node: 'a:*' }, headroom, true],
  [{ node: '*' }, spike, false],
  [{ source: '*' }, headroom, false],
  [{ cluster: 'prod', node: 'b:*' }, headroom, false],
] as const)('%j and %j: fits is %s', (told, routed, isFitting) => {
  const { channel } = destinationOf(routed, settings([route({ ...told, channel: 'C0ROUTE' })]));
  expect(channel).toBe(isFitting ? 'C0ROUTE' : 'C0ALL');
});

test('a critical alert goes to the channel of critical alerts with its mention, where they are set', () => {
  const critical: Routed = { ...spike, severity: 'critical' };
  const routes = [route({ channel: 'C0ROUTE' })];
  const both = settings(routes, { channel: 'C0CRITICAL', mention: '@dba' });
  expect(destinationOf(critical, both)).toMatchObject({ channel: 'C0CRITICAL', mentions: ['@dba'] });
  expect(destinationOf(spike, both)).toMatchObject({ channel: 'C0ROUTE', mentions: [] });
  expect(destinationOf(critical, settings(routes))).toMatchObject({ channel: 'C0ROUTE', mentions: [] });
});
