// Channels that take no alerts: people are told once, status names it, and what is worth it is kept.

import { expect, test } from 'vitest';
import { applied, EMPTY, MINUTE, read, START, transitionOf } from '../../core/alerting/plan-world.ts';
import { DEFAULT_SCOPES } from '../../sandbox/slack/scopes.ts';
import { newSlack, OPS, poll, type Slack } from '../bot-fixture.ts';
import { alertOf, botMessages, emptied, ledger, messageFor, newStore, ROUTING, runNotifier, write } from './fixture.ts';

const counts = (slack: Slack) => [...ledger(slack).posted.values()];
const fire = async (store: Awaited<ReturnType<typeof newStore>>, source: string) => {
  const alert = alertOf({ source });
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  return alert;
};

const GONE = [
  ['archived', (slack: Slack, isGone: boolean) => slack.archive(OPS, isGone), 'it is archived'],
  ['left', (slack: Slack, isGone: boolean) => slack.botIn(OPS, !isGone), '/invite'],
] as const;

test.each(GONE)('%s: people are told once, status names it, and the alert comes when it can', async (_, set, words) => {
  const scopes = DEFAULT_SCOPES.filter((scope) => scope !== 'chat:write.public');
  const [slack, store] = [await newSlack({ scopes }), await newStore()];
  const { notifier } = await runNotifier(slack, { store });
  set(slack, true);
  await fire(store, '10.0.0.0/16');
  await fire(store, '10.1.0.0/16');
  const refused = () => slack.calls.filter(({ method, result }) => method === 'chat.postMessage' && result !== 'ok');
  await poll(() => botMessages(slack, 'D0000ANNA1').length > 0 && refused().length > 3);
  const told = botMessages(slack, 'D0000ANNA1');
  expect(told).toHaveLength(1);
  expect(told[0]?.text).toContain(words);
  expect(told[0]?.text).toContain('Waiting for it: Warning — Billing API');
  expect(notifier.problems()).toMatchObject([{ code: 'slack-alert-channel' }]);
  expect((await store.waiting()).count).toBe(2);
  set(slack, false);
  await emptied(store);
  expect(counts(slack)).toEqual([1, 1]);
  expect(notifier.problems()).toEqual([]);
});

test('neither an ended alert nor one of yesterday is kept for a channel that refuses posts', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  slack.archive(OPS);
  const { log } = await runNotifier(slack, { store });
  const over = alertOf({ source: '10.0.0.0/16', state: 'ended', endedAt: Date.now() });
  const old = alertOf({ source: '10.1.0.0/16' });
  const yesterday = Date.now() - 25 * 3_600_000;
  const deliveries = [messageFor(over.id), messageFor(old.id, { at: yesterday })];
  await write(store, { alerts: [over, old], deliveries });
  await emptied(store);
  const given = log.filter(({ message }) => message === 'message dropped');
  expect(given.map(({ why }) => why).toSorted()).toEqual([
    'its alert has ended, and its channel refuses posts',
    'its channel refused posts for too long',
  ]);
});

test('no alert stands in a channel that another organisation reads, and people are told', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const { notifier } = await runNotifier(slack, { store });
  const alert = alertOf({ channel: 'C000SHARED' });
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id, { channel: 'C000SHARED' })] });
  await poll(() => botMessages(slack, 'D0000ANNA1').length > 0);
  expect(botMessages(slack, 'C000SHARED')).toEqual([]);
  expect(notifier.problems()).toMatchObject([{ text: expect.stringContaining('shared with another organisation') }]);
});

test('an alert that was given up comes when it is told again, with the word of it below', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  await runNotifier(slack, { store });
  const nowhere = read(EMPTY, START, [transitionOf({ event: 'firing' })], { routing: { ...ROUTING, channel: null } });
  await write(store, nowhere);
  await emptied(store);
  expect(botMessages(slack)).toEqual([]);
  const later = START + 240 * MINUTE;
  await write(store, read(applied(EMPTY, nowhere), later, [transitionOf({ event: 'repeat' })], { routing: ROUTING }));
  await emptied(store);
  const [message, reply] = botMessages(slack);
  expect(message?.text).toContain('Billing API');
  expect(reply).toMatchObject({ text: expect.stringContaining('after 4 h'), threadTs: message?.ts });
});
