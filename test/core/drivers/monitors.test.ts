// What depends on the version of a driver: streaming on functions, idle connections, dropped clients. What depends on
// the rest is in the forecasts, and in the tables of the README.

import { expect, test } from 'vitest';
import { DRIVERS } from '../../../src/core/drivers/driver.ts';
import { monitorsOnNode, type WatchingClient } from '../../../src/core/drivers/monitors.ts';
import { ignoresMaxIdleTime, isAtLeast, keepsDroppedClients } from '../../../src/core/drivers/versions.ts';

const LAMBDA = { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001' };
const monitors = (client: Partial<WatchingClient>) =>
  monitorsOnNode({ driver: 'node', server: null, env: LAMBDA, ...client }, 'primary');

test.each([
  ['node', '6.2.9', 2],
  ['node', '6.3.0', 1],
  ['python', '4.5', 2],
  ['python', '4.6.1', 1],
  ['go', '1.12.9', 2],
  ['go', '1.13.0', 1],
  ['java', '4.10.2', 2],
  ['java', '5.1.0', 1],
  ['csharp', '2.21.0.0', 2],
  ['rust', '2.7.1', 2],
  ['ruby', '2.24.0', 2],
] as const)('%s %s has %i on Lambda', (driver, driverVersion, expected) => {
  expect(monitors({ driver, driverVersion })).toBe(expected);
});

test('an old driver does not know serverMonitoringMode=poll', () => {
  expect(monitors({ driver: 'python', driverVersion: '4.5', env: {}, serverMonitoringMode: 'poll' })).toBe(2);
});

test('an old driver polls an old server', () => {
  expect(monitors({ driver: 'python', driverVersion: '4.5', server: '4.2.24' })).toBe(1);
});

test('Go before 1.4.0 never has two', () => {
  expect(monitors({ driver: 'go', driverVersion: '1.3.7', env: {} })).toBe(1);
  expect(monitors({ driver: 'go', driverVersion: '1.4.0', env: {} })).toBe(2);
});

test.each([
  ['6.10.0', '6.9', true],
  ['6.9', '6.10.0', false],
  ['7.0.0-beta.1', '7.0', true],
  ['v1.13.4', '1.13', true],
  ['4.4', '4.4.0', true],
  ['', '0.1', false],
])('%j is at least %j: %s', (version, since, expected) => {
  expect(isAtLeast(version, since)).toBe(expected);
});

test('which drivers leave idle connections open', () => {
  const ignoring = DRIVERS.filter((driver) => ignoresMaxIdleTime(driver, null));
  expect(ignoring).toEqual(['c', 'cpp', 'php']);
  expect(ignoresMaxIdleTime('node', '6.17.0')).toBe(true);
  expect(ignoresMaxIdleTime('node', '6.18.0')).toBe(false);
  expect(ignoresMaxIdleTime('any', '1.0')).toBe(false);
});

test('which drivers keep clients that nothing refers to', () => {
  expect(DRIVERS.map((driver) => keepsDroppedClients(driver)).slice(0, 3)).toEqual([true, false, null]);
});
