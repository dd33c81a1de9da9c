// Something that is not Slack answers in its place: the bot goes on by itself when it is gone, and shows none of it.

import { expect, test } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import type { LogLine } from '../../recorded-log.ts';
import { ANNA } from '../../sandbox/slack/people.ts';
import { PAGE_WORDS, STRANGERS } from '../../sandbox/slack/stranger.ts';
import { KEEP } from '../../store/sample.ts';
import { command, makeBot, newSlack, OPS, poll, runBot } from '../bot-fixture.ts';
import {
  alertOf,
  botMessages,
  emptied,
  ledger,
  messageFor,
  newStore,
  runNotifier,
  write,
} from '../notifier/fixture.ts';

const POST = 'chat.postMessage';

test.each(STRANGERS)(
  'with %s in Slack’s place at the start the bot waits, and starts when it is gone',
  async (stranger) => {
    const slack = await newSlack();
    slack.faults.answerAs(stranger, 'auth.test', 2);
    slack.faults.answerAs(stranger, 'apps.connections.open', 2);
    const { log } = await runBot(slack);
    expect((await command(slack, 'help')).text).toContain('What you can ask');
    const failed = (words: string) => log.filter(({ message }) => message === words).length;
    expect(failed('bot not identified by Slack')).toBe(2);
    expect(failed('Slack connection failed')).toBe(2);
    expect(JSON.stringify(log)).not.toContain(PAGE_WORDS);
  },
);

test.each(['org_login_required', 'team_added_to_org', 'accesslimited', 'a_code_of_next_year'])(
  '%s at the start does not end the bot',
  async (code) => {
    const slack = await newSlack();
    slack.faults.fail('auth.test', code, 2);
    slack.faults.fail('apps.connections.open', code, 2);
    await runBot(slack);
    expect((await command(slack, 'help')).text).toContain('What you can ask');
  },
);

test.each(['-5', 'soon', null])('a Retry-After of %s at the start is a second', async (after) => {
  const slack = await newSlack();
  slack.faults.rateLimit('auth.test', after);
  slack.faults.rateLimit('apps.connections.open', after);
  const { log } = await runBot(slack);
  expect((await command(slack, 'help')).text).toContain('What you can ask');
  expect(log.flatMap(({ nextInMs }) => nextInMs ?? [])).toEqual([1_000, 1_000]);
});

test.each(['auth.test', 'apps.connections.open'])('a Retry-After of years from %s is five minutes', async (method) => {
  const slack = await newSlack();
  slack.faults.rateLimit(method, 99_999_999);
  const log: LogLine[] = [];
  const stop = new AbortController();
  const running = makeBot(slack, { log, signal: stop.signal }).then(async ({ bot }) => {
    stop.signal.addEventListener('abort', () => void bot.stop());
    await bot.start();
  });
  await poll(() => log.some(({ nextInMs }) => nextInMs !== undefined));
  expect(log.find(({ nextInMs }) => nextInMs !== undefined)).toMatchObject({ error: 'ratelimited', nextInMs: 300_000 });
  stop.abort(new Error('stopped'));
  await running.catch(() => undefined);
});

test.each(STRANGERS)('with %s after every call the bot lives on, and shows none of it', async (stranger) => {
  const slack = await newSlack({ groups: [{ id: 'S0000DBA01', handle: 'dba', users: [ANNA.id] }] });
  const { log } = await runBot(slack, { read: { groups: ['S0000DBA01'] } });
  const asked = ['users.info', 'usergroups.users.list', 'conversations.info', POST, 'views.publish', 'respond'];
  for (const method of asked) slack.faults.answerAs(stranger, method);
  await slack.command({ user: ANNA.id, channel: OPS, text: 'prod' });
  await slack.say({ user: ANNA.id, channel: OPS, text: `<@${slack.botUser}> prod` });
  await slack.openHome(ANNA.id);
  const met = () =>
    new Set(slack.calls.filter(({ result }) => result === 'a stranger answered').map((call) => call.method));
  await slack.until(() => asked.every((method) => met().has(method)));
  slack.faults.clear();
  expect((await command(slack, 'prod')).text).toContain('prod — 65');
  const seen = slack.messages(OPS, ANNA.id).map(({ text, blocks }) => [text, blocks]);
  expect(JSON.stringify([log, seen, slack.home(ANNA.id)])).not.toContain(PAGE_WORDS);
});

test.each(STRANGERS)('a post that was carried out, and then %s: the alert is there once', async (stranger) => {
  const [slack, store] = [await newSlack(), await newStore()];
  slack.faults.answerThenAs(stranger, POST);
  slack.faults.answerAs(stranger, 'conversations.history', 2);
  slack.faults.answerAs(stranger, 'conversations.info');
  const { notifier, log } = await runNotifier(slack, { store });
  const alert = alertOf();
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  await emptied(store);
  expect([...ledger(slack).posted.values()]).toEqual([1]);
  expect(botMessages(slack)).toHaveLength(1);
  expect(notifier.problems()).toEqual([]);
  expect(JSON.stringify(log)).not.toContain(PAGE_WORDS);
});

test.each(['accesslimited', 'ekm_access_denied', 'org_login_required'])(
  'a channel is not blamed for %s, and the alert comes when it is over',
  async (code) => {
    const [slack, store] = [await newSlack(), await newStore()];
    slack.faults.fail(POST, code, 3);
    const { log } = await runNotifier(slack, { store });
    const alert = alertOf();
    await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
    await emptied(store);
    expect(botMessages(slack)).toHaveLength(1);
    expect(log.filter(({ message }) => message === 'channel refuses alerts')).toEqual([]);
  },
);

test('a Retry-After of years keeps an alert back for five minutes, and then Slack is tried again', async () => {
  const slack = await newSlack();
  let aheadMs = 0;
  const now = () => new Date(Date.now() + aheadMs);
  const store = await openSqliteStore({ directory: ':memory:', keep: KEEP, now });
  slack.faults.rateLimit(POST, 99_999_999);
  const { notifier, log } = await runNotifier(slack, { store, now });
  const alert = alertOf();
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  await poll(() => log.some(({ message }) => message === 'message refused by Slack'));
  // It is written down that it waits.
  while ((await store.waiting()).count !== 1) await new Promise((resolve) => setImmediate(resolve));
  aheadMs = 299_000;
  notifier.poke();
  expect(botMessages(slack)).toEqual([]);
  aheadMs = 310_000;
  notifier.poke();
  await emptied(store);
  expect(slack.calls.filter(({ method }) => method === POST).map(({ result }) => result)).toEqual([
    'ratelimited',
    'ok',
  ]);
  await notifier.stop(10_000);
  await store.close();
});
