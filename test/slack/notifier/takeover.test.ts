// One bot takes over what another has in its hands: it looks before it posts, and the other lets go.

import { expect, test } from 'vitest';
import type { Store } from '../../../src/core/ports/store.ts';
import { UserError } from '../../../src/errors.ts';
import { newSlack, OPS, poll, type Slack } from '../bot-fixture.ts';
import {
  alertOf,
  botMessages,
  emptied,
  ledger,
  makeNotifier,
  messageFor,
  newStore,
  runNotifier,
  TIMING,
  write,
} from './fixture.ts';

const HOUR = 3_600_000;
const counts = (slack: Slack) => [...ledger(slack).posted.values()];
const ahead = (ms: number) => () => new Date(Date.now() + ms);

/** Posts, dies before the store hears of it, and its hold runs out. */
async function postedAndDied(slack: Slack, store: Store): Promise<void> {
  const deaf = { ...store, sent: () => Promise.reject(new Error('it died')) };
  const { notifier } = await makeNotifier(slack, { store: deaf });
  notifier.start();
  await poll(() => counts(slack).length === 1);
  await notifier.stop(10_000);
}

test('what is in doubt stays so while it waits for its turn', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const alert = alertOf();
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  await postedAndDied(slack, store);
  slack.faults.fail('conversations.info', 503);
  await runNotifier(slack, { store, instance: 'two', now: ahead(TIMING.lease) });
  await emptied(store);
  expect(counts(slack)).toEqual([1]);
});

test('what a slow one posts while another takes over is found, not posted again', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const alert = alertOf();
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  slack.faults.slow(100, 'chat.postMessage');
  await runNotifier(slack, { store });
  await poll(() => slack.calls.some(({ method }) => method === 'chat.postMessage'));
  slack.faults.clear();
  await runNotifier(slack, { store, instance: 'two', now: ahead(TIMING.lease), timing: { doubt: 2_000 } });
  await emptied(store);
  await poll(() => slack.calls.every(({ result }) => result !== 'unanswered'));
  expect(counts(slack)).toEqual([1]);
});

test('a bot whose clock is an hour ahead of Slack finds what it posted', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const now = ahead(HOUR);
  await runNotifier(slack, { store, now });
  slack.faults.answerThenDrop('chat.postMessage');
  const alert = alertOf({ since: now().getTime() });
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id, { at: now().getTime() })] });
  await emptied(store);
  expect(counts(slack)).toEqual([1]);
});

/** A bot whose machine sleeps past its hold while it draws; another sends meanwhile. */
async function sleeper(slack: Slack, store: Store, meanwhile: () => Promise<void>): Promise<void> {
  let slept = 0;
  const history = async () => {
    if (slept === 0) {
      slept = TIMING.lease;
      await meanwhile();
      await runNotifier(slack, { store, instance: 'two', now: ahead(slept) });
      await emptied(store);
    }
    throw new UserError('It was never seen.', '');
  };
  const { log } = await runNotifier(slack, { store, history, now: () => new Date(Date.now() + slept) });
  await poll(() => log.some(({ message }) => message === 'delivery attempted'));
}

test('a bot that slept past its hold does not post what another has posted', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const alert = alertOf();
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  await sleeper(slack, store, async () => undefined);
  expect(counts(slack)).toEqual([1]);
});

test('a bot that slept past its hold does not put an older state over a newer one', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const alert = alertOf();
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  const first = await runNotifier(slack, { store });
  await emptied(store);
  await first.notifier.stop(10_000);
  await write(store, { alerts: [{ ...alert, version: 2, what: 'older' }], deliveries: [messageFor(alert.id)] });
  await sleeper(slack, store, () =>
    write(store, { alerts: [{ ...alert, version: 3, what: 'newer' }], deliveries: [messageFor(alert.id)] }),
  );
  expect(botMessages(slack, OPS)).toMatchObject([{ text: expect.stringContaining('newer') }]);
});
