// Edits that only refresh figures: they go when nothing else suffers, and are nobody's trouble.

import { expect, test } from 'vitest';
import type { Store } from '../../../src/core/ports/store.ts';
import { newSlack, poll, type Slack } from '../bot-fixture.ts';
import {
  alertOf,
  botMessages,
  emptied,
  ledger,
  messageFor,
  type NotifierOptions,
  newStore,
  replyFor,
  runNotifier,
  write,
} from './fixture.ts';

const MINUTE = 60_000;
const T = Date.parse('2026-11-21T10:00:00Z');

/** A bot with a clock that stands until it is moved. */
async function openStage(options: Partial<NotifierOptions> = {}) {
  const [slack, store] = [await newSlack(), await newStore()];
  // A replica begins its first minute with a pause.
  const clock = { at: T + 5_000 };
  const running = await runNotifier(slack, { store, now: () => new Date(clock.at), ...options });
  return { slack, store, clock, ...running };
}

async function posted(store: Store, source = '203.0.113.0/24') {
  const alert = alertOf({ source, since: T, judgedAt: T });
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id, { at: T })] });
  await emptied(store);
  return alert;
}

const refreshOf = (about: string, at: number) => messageFor(about, { at, refresh: 'warning' });
const edits = (slack: Slack) => slack.calls.filter(({ method }) => method === 'chat.update');
const isDone = ({ message, outcome }: { readonly message: string; readonly outcome?: unknown }) =>
  message === 'delivery attempted' && outcome !== undefined;

test('a refresh shows the newest state, and is never marked as late', async () => {
  const { slack, store, clock } = await openStage();
  const alert = await posted(store);
  clock.at = T + 10.5 * MINUTE;
  const newer = { ...alert, version: 2, what: '900 dormant connections, usually 93' };
  await write(store, { alerts: [newer], deliveries: [refreshOf(alert.id, T + MINUTE)] });
  await poll(() => edits(slack).length === 1 && edits(slack)[0]?.result === 'ok');
  const [message] = botMessages(slack);
  expect(message?.text).toContain('900 dormant');
  expect(JSON.stringify(message)).not.toContain('Delayed');
  await write(store, { alerts: [{ ...newer, version: 3 }], deliveries: [messageFor(alert.id, { at: T + MINUTE })] });
  await emptied(store);
  expect(JSON.stringify(botMessages(slack)[0]), 'a change is').toContain('Delayed');
});

test('a refresh of a deleted message does nothing, and the next change posts it anew', async () => {
  const { slack, store, log } = await openStage();
  const alert = await posted(store);
  for (const message of botMessages(slack)) slack.remove(message);
  await write(store, { deliveries: [refreshOf(alert.id, T + 1)] });
  await poll(() => log.some(({ message }) => message === 'refresh dropped'));
  expect(botMessages(slack)).toEqual([]);
  expect(await store.place(alert.id)).not.toBeNull();
  await write(store, { alerts: [{ ...alert, version: 2 }], deliveries: [messageFor(alert.id, { at: T + 2 })] });
  await emptied(store);
  expect(botMessages(slack)).toHaveLength(1);
  expect(log.filter(({ message }) => message === 'message dropped')).toEqual([]);
});

test('a refresh of what was never posted posts nothing', async () => {
  const { slack, store, log, notifier } = await openStage();
  const alert = alertOf({ since: T });
  await write(store, { alerts: [alert], deliveries: [{ ...refreshOf(alert.id, T), channel: null }] });
  await poll(() => log.some(({ message }) => message === 'refresh dropped'));
  expect(slack.calls.filter(({ method }) => method.startsWith('chat.'))).toEqual([]);
  expect(notifier.problems()).toEqual([]);
});

test.each([
  ['another replica has the minute', async () => false],
  ['the store does not answer', () => Promise.reject(new Error('store is unavailable'))],
  ['the store never answers', () => new Promise<boolean>(() => {})],
])('%s: refreshes wait, and nothing else does', async (_, mayRefresh) => {
  const { slack, store, log } = await openStage({ mayRefresh });
  const [one, two] = [await posted(store, '10.0.0.0/16'), await posted(store, '10.1.0.0/16')];
  await write(store, { deliveries: [refreshOf(one.id, T), replyFor(one, 0, { at: T })] });
  await write(store, { alerts: [{ ...two, version: 2 }], deliveries: [messageFor(two.id, { at: T })] });
  await emptied(store);
  await poll(() => log.filter(isDone).length === 4);
  expect([...ledger(slack).edited.keys()]).toEqual([`${two.id}/message`]);
  expect([...ledger(slack).posted.keys()]).toContain(`${one.id}/reply/0`);
});

test('Slack asks to wait with edits: posts go on, changes follow at that time, and refreshes a minute later', async () => {
  const { slack, store, clock } = await openStage();
  const [one, two] = [await posted(store, '10.0.0.0/16'), await posted(store, '10.1.0.0/16')];
  slack.faults.rateLimit('chat.update', 30);
  await write(store, { deliveries: [refreshOf(one.id, clock.at)] });
  await poll(() => edits(slack).length === 1 && edits(slack)[0]?.result === 'ratelimited');
  await write(store, { deliveries: [replyFor(one, 0, { at: clock.at })] });
  await poll(() => ledger(slack).posted.has(`${one.id}/reply/0`));
  await write(store, { alerts: [{ ...two, version: 2 }], deliveries: [messageFor(two.id, { at: clock.at })] });
  clock.at += 30_000;
  await poll(() => edits(slack).length === 2);
  await emptied(store);
  expect([...ledger(slack).edited.keys()]).toEqual([`${two.id}/message`]);
  clock.at += MINUTE - 1;
  await write(store, { deliveries: [replyFor(one, 1, { at: clock.at })] });
  await poll(() => ledger(slack).posted.has(`${one.id}/reply/1`));
  expect(edits(slack)).toHaveLength(2);
  clock.at += 2_500;
  await poll(() => ledger(slack).edited.has(`${one.id}/message`));
});

test('Slack asks to wait with the edit of a message that was found: posts to its channel go on', async () => {
  const { slack, store, clock } = await openStage();
  slack.faults.answerThenDrop('chat.postMessage');
  slack.faults.rateLimit('chat.update', 60);
  const alert = alertOf({ source: '10.0.0.0/16', since: T });
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id, { at: T })] });
  await poll(() => {
    clock.at += 1;
    return edits(slack).length === 1;
  });
  const other = alertOf({ source: '10.1.0.0/16', since: T });
  await write(store, { alerts: [other], deliveries: [messageFor(other.id, { at: clock.at })] });
  await poll(() => ledger(slack).posted.has(`${other.id}/message`));
  expect(edits(slack)).toHaveLength(1);
  clock.at += MINUTE;
  await emptied(store);
  expect([...ledger(slack).posted.values()]).toEqual([1, 1]);
  expect(ledger(slack).edited.get(`${alert.id}/message`)).toBe(1);
});
