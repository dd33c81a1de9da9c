// Edits that Slack refuses for their own sake: tried now and then, and given up with everything else.

import { expect, test } from 'vitest';
import type { Store } from '../../../src/core/ports/store.ts';
import { newSlack, poll } from '../bot-fixture.ts';
import { alertOf, botMessages, emptied, messageFor, newStore, runNotifier, TIMING, write } from './fixture.ts';

const LONG = 600_000;
/** Long enough to be told from other waits. */
const outage = { least: LONG, most: LONG };
/** With chance. */
const isLong = (ms: number | undefined) => ms !== undefined && ms >= LONG / 2 && ms <= LONG;

/** A store that tells for how long each delivery is put off, by a clock that stands still. */
function watched(store: Store, clock: number) {
  const waits: number[] = [];
  const told: Store = {
    ...store,
    postponed: (taken, at) => {
      waits.push(at - clock);
      return store.postponed(taken, at);
    },
    doubted: (taken, at) => {
      waits.push(at - clock);
      return store.doubted(taken, at);
    },
  };
  return { waits, told };
}

test('an edit that is refused for its own sake is tried again by the waits of an outage', async () => {
  const [slack, store, clock] = [await newSlack(), await newStore(), Date.now()];
  const { waits, told } = watched(store, clock);
  const { log } = await runNotifier(slack, { store: told, timing: { outage }, now: () => new Date(clock) });
  const alert = alertOf({ since: clock });
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id, { at: clock })] });
  await emptied(store);
  slack.faults.fail('chat.update', 'update_failed', 1_000_000);
  await write(store, { alerts: [{ ...alert, version: 2 }], deliveries: [messageFor(alert.id, { at: clock })] });
  await poll(() => waits.length > 0);
  expect(waits.map(isLong)).toEqual([true]);
  expect(log.filter(({ message }) => message === 'edit refused by Slack')).toHaveLength(1);
});

test('so is that of a message that was found in Slack', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  let clock = Date.now();
  const { waits, told } = watched(store, clock);
  slack.faults.answerThenDrop('chat.postMessage');
  slack.faults.fail('chat.update', 'update_failed', 1_000_000);
  const { log } = await runNotifier(slack, { store: told, timing: { outage }, now: () => new Date(clock) });
  const alert = alertOf({ since: clock });
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id, { at: clock })] });
  await poll(() => waits.length > 0);
  // Its answer was lost: it is due again, and looked for.
  clock += TIMING.retry.most;
  await poll(() => waits.length > 1);
  expect(isLong((waits[1] ?? 0) - TIMING.retry.most)).toBe(true);
  expect(log.filter(({ message }) => message === 'edit refused by Slack')).toHaveLength(1);
});

test('a message of yesterday that was found in Slack, and whose edit is refused, stays as it is: no second one comes', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const since = Date.now() - 25 * 3_600_000;
  slack.faults.answerThenDrop('chat.postMessage');
  slack.faults.fail('chat.update', 'update_failed', 1_000_000);
  const { log } = await runNotifier(slack, { store });
  const alert = alertOf({ since });
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id, { at: since })] });
  await emptied(store);
  expect(log.filter(({ message }) => message === 'edit refused by Slack')).toHaveLength(1);
  expect(await store.place(alert.id)).toMatchObject({ ts: botMessages(slack)[0]?.ts });
  slack.faults.clear();
  await write(store, { alerts: [{ ...alert, version: 2 }], deliveries: [messageFor(alert.id)] });
  await emptied(store);
  expect(botMessages(slack)).toMatchObject([{ edits: 1 }]);
});
