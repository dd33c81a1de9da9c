// What the log says of alerts: a line when one begins, changes hands or ends, and none while it goes on.

import { expect, test } from 'vitest';
import { HOUR, MINUTE, never, scene } from './scene.ts';

test('an alert is in the log when it begins, is acknowledged and ends, once each', async () => {
  const { clock, play, replica, log, store } = scene();
  const watch = replica((await store()).store);
  const { monitor, start } = watch;
  const lines = () => log.splice(0).filter(({ message }) => message.startsWith('alert '));
  await start();
  await clock.pass(6 * MINUTE);
  expect(lines()).toEqual([]);
  play.dormant = (source) => (source === '203.0.113.0/24' ? 250 : 20);
  await clock.pass(HOUR);
  const [alert] = (await monitor.board(never)).alerts;
  if (alert === undefined) throw new Error('no alert fires');
  const about = { alert: alert.id, cluster: 'prod', rule: 'dormant-threshold', source: '203.0.113.0/24' };
  const began = { ...about, severity: 'warning', state: 'firing' };
  expect(lines()).toMatchObject([{ message: 'alert started firing', fields: began }]);
  await monitor.acknowledge({ alerts: [alert.id], by: 'U0000ANNA1', signal: never });
  expect(lines()).toMatchObject([{ message: 'alert was acknowledged', fields: { ...about, by: 'U0000ANNA1' } }]);
  play.dormant = () => 20;
  await clock.pass(HOUR);
  expect(lines()).toMatchObject([{ message: 'alert has resolved', fields: { ...about, state: 'ended' } }]);
});

test('a silence and its end are in the log of the alerts that they are about', async () => {
  const { clock, play, replica, log, store } = scene();
  const { monitor, start } = replica((await store()).store);
  const lines = () => log.splice(0).filter(({ message }) => message.startsWith('alert '));
  await start();
  play.dormant = (source) => (source === '203.0.113.0/24' ? 250 : 20);
  await clock.pass(20 * MINUTE);
  expect(lines()).toHaveLength(1);
  const about = { cluster: 'prod', source: '203.0.113.0/24', node: null, rule: null, who: 'Billing API' };
  const request = { ...about, until: clock.now().getTime() + 10 * MINUTE, reason: null, hold: false };
  await monitor.silence({ request, by: 'U0000ANNA1', signal: never });
  expect(lines()).toMatchObject([{ message: 'alert was silenced', fields: { by: 'U0000ANNA1' } }]);
  await clock.pass(15 * MINUTE);
  expect(lines()).toMatchObject([{ message: 'alert is no longer silenced', fields: { state: 'firing' } }]);
});

test('a node that becomes critical after it was tight is said to', async () => {
  const { clock, play, replica, log, store } = scene();
  await replica((await store()).store).start();
  play.current = 1_260;
  await clock.pass(HOUR);
  play.current = 1_450;
  await clock.pass(HOUR);
  const lines = log.filter(({ message }) => message.startsWith('alert '));
  expect(lines.map(({ message }) => message)).toEqual(['alert started firing', 'alert became critical']);
  expect(lines.at(-1)?.fields).toMatchObject({ rule: 'node-headroom', severity: 'critical' });
});
