// Stored records and the types of today: names that stay, fields that older versions left out, fields of later ones.

import { expect, test } from 'vitest';
import { ALERT, DELIVERY, HEAD, SILENCE } from '../../src/store/records.ts';
import { WAITING } from '../slack/views/alert-sample.ts';
import { alertOf, headOf, messageOf, silenceOf, T0 } from './sample.ts';

const lastAction = { act: 'silenced', by: null, at: T0, until: null, reason: 'deploy' } as const;
const alert = alertOf({ refires: 2, endReason: 'the cluster is gone', lastAction });

test('renamed fields keep their stored names and their places', () => {
  const stored = ALERT.encode(alert);
  expect(stored).toMatchObject({ returns: 2, ending: 'the cluster is gone', handling: lastAction });
  expect(Object.keys(stored)).toHaveLength(Object.keys(alert).length);
  expect(JSON.stringify(ALERT.encode(ALERT.decode(JSON.parse(JSON.stringify(stored)))))).toBe(JSON.stringify(stored));
});

test('what an older version left out is filled in', () => {
  const { previous: _, calmSince: __, replies: ___, notes: ____, ...older } = ALERT.encode(alert);
  expect(ALERT.decode(older)).toEqual({ ...alert, notes: [] });
  const { hold, ...silence } = silenceOf();
  expect(SILENCE.decode(silence)).toEqual({ ...silence, hold });
});

test('what a later version added is kept, and a rule of its is no damage', () => {
  const later = { ...ALERT.encode(alert), rule: 'forecast', runbook: 'https://example.com' };
  expect(ALERT.encode(ALERT.decode(later))).toEqual(later);
});

test('an alert of an app comes back with its pools, and a damaged one is told', () => {
  const stored = JSON.parse(JSON.stringify(ALERT.encode(WAITING)));
  expect(ALERT.decode(stored)).toEqual(WAITING);
  stored.evidence.pools.worst[0].inUse = 'many';
  expect(() => ALERT.decode(stored)).toThrow(new TypeError('the field evidence of an alert'));
});

test.each([
  ['the field state of an alert', () => ALERT.decode({ ...ALERT.encode(alert), state: 'sleeping' })],
  ['the field handling of an alert', () => ALERT.decode({ ...ALERT.encode(alert), handling: { act: 'seen' } })],
  ['the field id of an alert', () => ALERT.decode({})],
  ['an alert is no object', () => ALERT.decode('{}')],
  ['the field mentions of a delivery', () => DELIVERY.decode({ ...messageOf('x'), mentions: [1] })],
  ['the field alerts of the state', () => HEAD.decode({ ...headOf(1), alerts: { key: { firing: true } } })],
  ['the field rejected of the state', () => HEAD.decode({ ...headOf(1), rejected: null })],
])('%s is told', (message, decode) => {
  expect(decode).toThrow(new TypeError(message));
});
