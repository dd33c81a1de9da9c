// Everything that goes wrong between the outbox and Slack: nothing is lost, and what can be known is not posted twice.

import { expect, test } from 'vitest';
import { DEFAULT_SCOPES } from '../../sandbox/slack/scopes.ts';
import { newSlack, OPS, poll, type Slack } from '../bot-fixture.ts';
import {
  alertOf,
  botMessages,
  emptied,
  ledger,
  makeNotifier,
  messageFor,
  newStore,
  replyFor,
  runNotifier,
  write,
} from './fixture.ts';

const counts = (slack: Slack) => [...ledger(slack).posted.values()];
const fire = async (store: Awaited<ReturnType<typeof newStore>>, source = '10.0.0.0/16') => {
  const alert = alertOf({ source });
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  return alert;
};
const blind = DEFAULT_SCOPES.filter((scope) => !scope.endsWith(':history'));

test.each([
  ['the answer is lost', (slack: Slack) => slack.faults.answerThenDrop('chat.postMessage')],
  ['Slack fails after it has posted', (slack: Slack) => slack.faults.answerThenFail('chat.postMessage', 502)],
  ['Slack fails before', (slack: Slack) => slack.faults.fail('chat.postMessage', 503, 3)],
  ['Slack says that it failed', (slack: Slack) => slack.faults.fail('chat.postMessage', 'internal_error', 2)],
  [
    'the answer is lost, and Slack does not say who is there',
    (slack: Slack) => {
      slack.faults.answerThenDrop('chat.postMessage');
      const stop = slack.onChange(() => {
        if (botMessages(slack).length === 0) return;
        stop();
        slack.faults.fail('conversations.info', 503, 2);
      });
    },
  ],
  [
    'Slack is too busy to look either',
    (slack: Slack) => {
      slack.faults.answerThenDrop('chat.postMessage');
      slack.faults.fail('conversations.history', 503, 2);
    },
  ],
])('%s: the alert is there once', async (_, fault) => {
  const [slack, store] = [await newSlack(), await newStore()];
  await runNotifier(slack, { store });
  fault(slack);
  const alert = await fire(store);
  await emptied(store);
  expect(counts(slack)).toEqual([1]);
  expect(await store.place(alert.id)).toEqual({ channel: OPS, ts: botMessages(slack)[0]?.ts });
});

test('what waits for our own pace is late, and not because of Slack', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  await runNotifier(slack, { store, timing: { pace: 20, horizon: 30, late: 1 } });
  const alerts = Array.from({ length: 8 }, (_, index) => alertOf({ source: `10.${index}.0.0/16` }));
  await write(store, { alerts, deliveries: alerts.map(({ id }) => messageFor(id, { at: Date.now() - 60_000 })) });
  await emptied(store);
  const words = botMessages(slack).map(({ text }) => text);
  expect(words).toHaveLength(8);
  expect(words.filter((text) => text.includes('Delayed'))).toHaveLength(8);
  expect(words.filter((text) => text.includes('by Slack'))).toEqual([]);
});

test('a reply whose answer is lost is found in its thread', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  await runNotifier(slack, { store });
  const alert = await fire(store);
  await emptied(store);
  slack.faults.answerThenDrop('chat.postMessage');
  await write(store, { deliveries: [replyFor(alert, 0)] });
  await emptied(store);
  expect(counts(slack)).toEqual([1, 1]);
});

test('where it may not read the channel, an alert without an answer is posted again: doubled, not lost', async () => {
  const [slack, store] = [await newSlack({ scopes: blind }), await newStore()];
  await runNotifier(slack, { store });
  slack.faults.answerThenDrop('chat.postMessage');
  const alert = await fire(store);
  await emptied(store);
  expect(counts(slack)).toEqual([2]);
  expect(await store.place(alert.id)).toEqual({ channel: OPS, ts: botMessages(slack)[1]?.ts });
});

test('nobody listens: what is certainly not in Slack is not looked for, and comes when it is back', async () => {
  const [slack, store] = [await newSlack({ scopes: blind }), await newStore()];
  const { log } = await runNotifier(slack, { store, timing: { remember: 3_600_000 } });
  await fire(store, '10.0.0.0/16');
  await emptied(store);
  await slack.faults.away();
  await fire(store, '10.1.0.0/16');
  await poll(() => log.filter(({ message }) => message === 'message refused by Slack').length > 3);
  expect(log.filter(({ outcome }) => outcome === 'doubted')).toEqual([]);
  await slack.faults.back();
  await emptied(store);
  expect(counts(slack)).toEqual([1, 1]);
});

test('what was found may be older than the record: it is edited to the newest state', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  await runNotifier(slack, { store });
  slack.faults.answerThenDrop('chat.postMessage');
  slack.faults.fail('conversations.history', 503, 20);
  const alert = await fire(store);
  await poll(() => counts(slack).length === 1);
  const newer = { ...alert, version: 2, what: '900 dormant connections, usually 93' };
  await write(store, { alerts: [newer], deliveries: [messageFor(alert.id)] });
  slack.faults.clear();
  await emptied(store);
  expect(counts(slack)).toEqual([1]);
  expect(botMessages(slack)[0]?.text).toContain('900 dormant connections');
});

test('a store that does not hear what was sent: it is not posted again, by this bot or the next', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const deaf = { ...store, sent: () => Promise.reject(new Error('store is unavailable')) };
  const first = await makeNotifier(slack, { store: deaf, timing: { lease: 40 } });
  first.notifier.start();
  const alert = await fire(store);
  await poll(() => counts(slack).length === 1);
  // Its lease runs out, and it is given out again.
  await poll(() => ledger(slack).edited.size > 0);
  await first.notifier.stop(10_000);
  expect(counts(slack)).toEqual([1]);
  await runNotifier(slack, { store, instance: 'two' });
  await emptied(store);
  expect(counts(slack)).toEqual([1]);
  expect(await store.place(alert.id)).toEqual({ channel: OPS, ts: botMessages(slack)[0]?.ts });
});

test('one post a second and channel: Slack’s word is heeded, nothing is lost, and other channels do not wait', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  slack.faults.pace(true);
  await runNotifier(slack, { store });
  const alerts = ['10.0.0.0/16', '10.1.0.0/16', '10.2.0.0/16'].map((source) => alertOf({ source }));
  const other = alertOf({ source: '10.3.0.0/16', channel: 'C000SECRET' });
  const deliveries = [
    ...alerts.map(({ id }) => messageFor(id)),
    messageFor(other.id, { channel: 'C000SECRET', at: Date.now() + 1 }),
  ];
  await write(store, { alerts: [...alerts, other], deliveries });
  await emptied(store);
  expect(counts(slack)).toEqual([1, 1, 1, 1]);
  const taken = slack.calls.filter(({ method, result }) => method === 'chat.postMessage' && result === 'ok');
  expect(
    taken
      .slice(0, 2)
      .map(({ body }) => body['channel'])
      .toSorted(),
  ).toEqual([OPS, 'C000SECRET'].toSorted());
});

test('a deleted message is posted anew, and a reply to it is not lost', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  await runNotifier(slack, { store });
  const alert = await fire(store);
  await emptied(store);
  const [old] = botMessages(slack);
  if (old === undefined) throw new Error('nothing was posted');
  slack.remove(old);
  await write(store, { deliveries: [replyFor(alert, 0)] });
  await emptied(store);
  expect(botMessages(slack)).toMatchObject([{ text: 'Worse: reply 0', threadTs: null }]);
  await write(store, { alerts: [{ ...alert, version: 2 }], deliveries: [messageFor(alert.id), replyFor(alert, 1)] });
  await emptied(store);
  const [, anew, reply] = botMessages(slack);
  expect(anew?.text).toContain('Warning — ');
  expect(reply).toMatchObject({ text: 'Worse: reply 1', threadTs: anew?.ts });
});

test.each(['cant_update_message', 'edit_window_closed'])('%s: a new message takes its place', async (error) => {
  const [slack, store] = [await newSlack(), await newStore()];
  await runNotifier(slack, { store });
  const alert = await fire(store);
  await emptied(store);
  slack.faults.fail('chat.update', error);
  await write(store, { alerts: [{ ...alert, version: 2 }], deliveries: [messageFor(alert.id)] });
  await emptied(store);
  expect(counts(slack)).toEqual([2]);
  expect(await store.place(alert.id)).toEqual({ channel: OPS, ts: botMessages(slack)[1]?.ts });
});

test('an edit that Slack fails is simply made again', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  await runNotifier(slack, { store });
  const alert = await fire(store);
  await emptied(store);
  slack.faults.fail('chat.update', 503, 2);
  slack.faults.answerThenDrop('chat.update');
  slack.faults.rateLimit('chat.update', 0);
  await write(store, { alerts: [{ ...alert, version: 2, what: 'newer' }], deliveries: [messageFor(alert.id)] });
  await emptied(store);
  expect(botMessages(slack)).toMatchObject([{ text: expect.stringContaining('newer') }]);
  expect(counts(slack)).toEqual([1]);
});

test('stopping gives back what waits for its turn, at once', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const slow = await makeNotifier(slack, { store, timing: { pace: 600_000, horizon: 600_000 } });
  slow.notifier.start();
  await fire(store, '10.0.0.0/16');
  await fire(store, '10.1.0.0/16');
  await poll(() => counts(slack).length === 1);
  await slow.notifier.stop(10_000);
  const { count } = await store.waiting();
  expect(count).toBe(1);
  const [given] = await store.take({ instance: 'two', now: Date.now() + 1, leaseMs: 1_000, limit: 9, refreshes: 9 });
  expect(given).toMatchObject({ inDoubt: false });
});

test('two replicas share the outbox, and each alert is posted by one of them', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const alerts = Array.from({ length: 30 }, (_, index) => alertOf({ source: `10.${index}.0.0/16` }));
  await write(store, { alerts, deliveries: alerts.map(({ id }) => messageFor(id)) });
  await runNotifier(slack, { store, instance: 'one' });
  await runNotifier(slack, { store, instance: 'two' });
  await emptied(store);
  expect(counts(slack)).toEqual(alerts.map(() => 1));
});
