// Alerts that end while their channel takes nothing: who was told of one is told of its end, and of no other.

import { expect, test } from 'vitest';
import type { Alert, AlertGroup } from '../../../src/core/alerting/alert.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { ANNA } from '../../sandbox/slack/people.ts';
import { DEFAULT_SCOPES } from '../../sandbox/slack/scopes.ts';
import { newSlack, OPS, poll, type Slack } from '../bot-fixture.ts';
import {
  alertOf,
  botMessages,
  emptied,
  ledger,
  messageFor,
  newStore,
  replyFor,
  runNotifier,
  write,
} from './fixture.ts';

const END = 'Resolved after 5 min, peak 440';
const counts = (slack: Slack) => [...ledger(slack).posted.values()];
const hasButtons = (slack: Slack) => JSON.stringify(botMessages(slack)[0]?.blocks).includes('alert_acknowledge');

async function fire(store: Store, source = '10.0.0.0/16'): Promise<Alert> {
  const alert = alertOf({ source });
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  return alert;
}

/** Its message says something else from then on, and a reply tells of it. */
async function end(store: Store, alert: Alert, at = Date.now()): Promise<void> {
  const ended: Alert = { ...alert, version: 2, state: 'ended', endedAt: at, replies: 1 };
  const deliveries = [messageFor(alert.id, { at }), replyFor(alert, 0, { at, text: END })];
  await write(store, { alerts: [ended], deliveries });
}

test.each([
  ['archived', (slack: Slack, isGone: boolean) => slack.archive(OPS, isGone)],
  ['left', (slack: Slack, isGone: boolean) => slack.botIn(OPS, !isGone)],
])('%s: what was told is put right, and its end told below it, when the channel takes it', async (_, set) => {
  const scopes = DEFAULT_SCOPES.filter((scope) => scope !== 'chat:write.public');
  const [slack, store] = [await newSlack({ scopes }), await newStore()];
  const { notifier } = await runNotifier(slack, { store });
  const alert = await fire(store);
  await emptied(store);
  expect(hasButtons(slack)).toBe(true);
  set(slack, true);
  await end(store, alert);
  await poll(() => notifier.problems().length > 0);
  set(slack, false);
  await emptied(store);
  const [message, ...replies] = botMessages(slack);
  expect(message?.text).toMatch(/^Resolved — /);
  expect(hasButtons(slack)).toBe(false);
  expect(replies).toMatchObject([{ text: END, threadTs: message?.ts }]);
  expect(counts(slack)).toEqual([1, 1]);
  expect(notifier.problems()).toEqual([]);
});

test('a reply of before the end, which would ping people for what is over, is not sent any more', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const { notifier, log } = await runNotifier(slack, { store });
  const alert = await fire(store);
  await emptied(store);
  slack.archive(OPS);
  const at = Date.now();
  const worse = replyFor(alert, 0, { at: at - 1, text: 'Worse: 900 dormant connections', mentions: [ANNA.id] });
  await write(store, { alerts: [{ ...alert, version: 2, replies: 1 }], deliveries: [worse] });
  await poll(() => notifier.problems().length > 0);
  const ended: Alert = { ...alert, version: 3, state: 'ended', endedAt: at, replies: 2 };
  await write(store, {
    alerts: [ended],
    deliveries: [messageFor(alert.id, { at }), replyFor(alert, 1, { at, text: END })],
  });
  await poll(() => log.some((line) => line['message'] === 'message dropped' && line['delivery'] === worse.id));
  slack.archive(OPS, false);
  await emptied(store);
  expect(botMessages(slack).map(({ text }) => text)).toEqual([expect.stringMatching(/^Resolved — /), END]);
});

test('the message of a group whose alerts have all ended is put right, too', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const { notifier } = await runNotifier(slack, { store });
  const alerts = ['10.0.0.0/16', '10.1.0.0/16'].map((source) => alertOf({ source, group: 'g' }));
  const ids = alerts.map(({ id }) => id);
  const group: AlertGroup = {
    id: 'g',
    version: 1,
    cluster: 'prod',
    since: Date.now(),
    lead: null,
    alerts: ids,
    cause: null,
  };
  await write(store, { alerts, groups: [group], deliveries: [messageFor('g')] });
  await emptied(store);
  const before = botMessages(slack)[0]?.text;
  slack.archive(OPS);
  const ended = alerts.map((alert): Alert => ({ ...alert, version: 2, state: 'ended', endedAt: Date.now() }));
  await write(store, { alerts: ended, deliveries: [messageFor('g')] });
  await poll(() => notifier.problems().length > 0);
  slack.archive(OPS, false);
  await emptied(store);
  expect(botMessages(slack)).toMatchObject([{ edits: 1, text: expect.stringMatching(/^Resolved — /) }]);
  expect(before).toMatch(/^Warning — /);
});

test('what may be in Slack is kept until somebody can look, and put right', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const { notifier, log } = await runNotifier(slack, { store });
  slack.faults.answerThenDrop('chat.postMessage');
  slack.faults.fail('conversations.history', 503, 1_000_000);
  const alert = await fire(store);
  await poll(() => counts(slack).length === 1);
  slack.archive(OPS);
  // Another alert finds out that the channel takes nothing.
  await fire(store, '10.1.0.0/16');
  await poll(() => notifier.problems().length > 0);
  await end(store, alert);
  const seen = () => log.filter(({ delivery }) => delivery === `${alert.id}/message`).length;
  const most = seen() + 20;
  await poll(() => seen() > most || log.some(({ message }) => message === 'message dropped'));
  slack.faults.clear();
  slack.archive(OPS, false);
  await emptied(store);
  const [message] = botMessages(slack);
  expect(message).toMatchObject({ edits: 1, text: expect.stringMatching(/^Resolved — /) });
  expect(counts(slack)).toEqual([1, 1, 1]);
});

test('a bot that stops leaves it to the next one, and waits for nothing', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const first = await runNotifier(slack, { store });
  const alert = await fire(store);
  await emptied(store);
  slack.archive(OPS);
  await end(store, alert);
  await poll(() => first.notifier.problems().length > 0);
  await first.notifier.stop(10_000);
  expect((await store.waiting()).count).toBe(2);
  slack.archive(OPS, false);
  await runNotifier(slack, { store, instance: 'two' });
  await emptied(store);
  expect(botMessages(slack).map(({ text }) => text)).toEqual([expect.stringMatching(/^Resolved — /), END]);
});

test('it waits no longer than anything else does', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const { log } = await runNotifier(slack, { store });
  const alert = await fire(store);
  await emptied(store);
  slack.archive(OPS);
  await end(store, alert, Date.now() - 25 * 3_600_000);
  await emptied(store);
  const given = log.filter(({ message }) => message === 'message dropped');
  expect(given.map(({ why }) => why)).toEqual(Array(2).fill('its channel refused posts for too long'));
});

test('an ended critical alert is not posted in the channel of critical alerts', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const { log } = await runNotifier(slack, { store });
  const alert = await fire(store);
  await emptied(store);
  slack.archive('C000SECRET');
  const note = messageFor(alert.id, {
    id: `${alert.id}/note/0`,
    kind: 'note',
    channel: 'C000SECRET',
    text: 'Critical',
  });
  await write(store, { alerts: [{ ...alert, version: 2, state: 'ended', endedAt: Date.now() }], deliveries: [note] });
  await emptied(store);
  const given = log.filter(({ message }) => message === 'message dropped');
  expect(given).toMatchObject([{ delivery: note.id, why: 'its alert has ended, and its channel refuses posts' }]);
});

test('the alerts of a group that was never posted are dropped with it', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  slack.archive(OPS);
  const { log } = await runNotifier(slack, { store, timing: { outage: { least: 60_000, most: 60_000 } } });
  const over = { group: 'g', state: 'ended', endedAt: Date.now() } as const;
  const alerts = ['10.0.0.0/16', '10.1.0.0/16'].map((source) => alertOf({ source, ...over }));
  const ids = alerts.map(({ id }) => id);
  const group: AlertGroup = {
    id: 'g',
    version: 1,
    cluster: 'prod',
    since: Date.now(),
    lead: null,
    alerts: ids,
    cause: null,
  };
  await write(store, { alerts, groups: [group], deliveries: ['g', ...ids].map((id) => messageFor(id)) });
  await emptied(store);
  const given = log.filter(({ why }) => why === 'its alert has ended, and its channel refuses posts');
  expect(given.map(({ delivery }) => delivery).toSorted()).toEqual(
    [...ids, 'g'].map((id) => `${id}/message`).toSorted(),
  );
});

test('an edit that is refused for its own sake waits, and says nothing of the channel', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const { notifier, log } = await runNotifier(slack, { store });
  const alert = await fire(store);
  await emptied(store);
  slack.faults.fail('chat.update', 'update_failed', 1_000_000);
  await end(store, alert);
  const refused = () => log.filter(({ message }) => message === 'edit refused by Slack').length;
  for (const source of ['10.1.0.0/16', '10.2.0.0/16']) {
    const before = refused();
    await fire(store, source);
    await poll(() => refused() > before + 1 || notifier.problems().length > 0);
    expect(notifier.problems()).toEqual([]);
  }
  expect(botMessages(slack, 'D0000ANNA1')).toEqual([]);
  slack.faults.clear();
  await emptied(store);
  expect(botMessages(slack)[0]?.text).toMatch(/^Resolved — /);
});
