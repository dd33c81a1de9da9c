// Random trouble: whatever goes wrong in whatever order, every alert and every reply arrives, and exactly once where the
// bot may read the channel.

import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished, test } from 'vitest';
import type { MessageRef } from '../../../src/core/alerting/delivery.ts';
import type { LeasedDelivery, Store } from '../../../src/core/ports/store.ts';
import { fc } from '../../core/arbitrary.ts';
import { newSlack, type Slack } from '../bot-fixture.ts';
import {
  alertOf,
  botMessages,
  ledger,
  makeNotifier,
  messageFor,
  newStore,
  type RunningNotifier,
  replyFor,
  write,
} from './fixture.ts';

const POST = 'chat.postMessage';

const trouble = fc.oneof(
  fc.record({ kind: fc.constantFrom('lost', 'misreported', 'failed', 'refused', 'limited'), times: fc.nat(2) }),
  fc.record({ kind: fc.constantFrom('edits', 'blind', 'mute', 'deaf', 'restart'), times: fc.nat(2) }),
);
type Trouble = typeof trouble extends fc.Arbitrary<infer T> ? T : never;

/** Each step: something goes wrong, then some alerts change. */
const schedule = fc.array(fc.record({ trouble, change: fc.nat(3) }), { minLength: 3, maxLength: 8 });

function meet(slack: Slack, { kind, times }: Trouble): void {
  const { faults } = slack;
  if (kind === 'lost') faults.answerThenDrop(POST, times + 1);
  if (kind === 'misreported') faults.answerThenFail(POST, 502, times + 1);
  if (kind === 'failed') faults.fail(POST, 503, times + 1);
  if (kind === 'refused') faults.fail(POST, 'invalid_blocks', times + 1);
  if (kind === 'limited') faults.rateLimit(POST, 0, times + 1);
  if (kind === 'edits') faults.answerThenDrop('chat.update', times + 1);
  if (kind === 'mute') faults.fail('conversations.info', 503, times + 1);
  if (kind === 'blind') faults.fail('conversations.history', 503, times + 1);
}

const LEASE = 60_000;
/** Longer than a wait after trouble: what waits after this waits for the end of a lease. */
const STILL_MS = 50;

/**
 * The outbox as one that loses answers has it, on a clock that stands for whoever sends: a lease ends while nothing is
 * under way, or a slow machine would end one in the middle of a post.
 */
function leased(store: Store) {
  const out = new Set<string>();
  let aheadMs = 0;
  let deafness = 0;
  const back = <Args extends readonly unknown[]>(tell: (taken: LeasedDelivery, ...args: Args) => Promise<void>) => {
    return (taken: LeasedDelivery, ...args: Args) => {
      out.delete(`${taken.id} ${taken.attempts}`);
      return tell(taken, ...args);
    };
  };
  const outbox: Store = {
    ...store,
    async take(taking) {
      const taken = await store.take(taking);
      for (const { id, attempts } of taken) out.add(`${id} ${attempts}`);
      return taken;
    },
    sent: back((taken, place: MessageRef | null) =>
      deafness-- > 0 ? Promise.reject(new Error('store is unavailable')) : store.sent(taken, place),
    ),
    postponed: back(store.postponed),
    doubted: back(store.doubted),
    dropped: back(store.dropped),
  };
  return {
    outbox,
    now: () => new Date(Date.now() + aheadMs),
    loseAnswers(times: number) {
      deafness = times;
    },
    /** Resolves when nothing waits in the outbox. */
    async emptied() {
      deafness = 0;
      while ((await store.waiting()).count > 0) {
        await pause(STILL_MS);
        if (out.size === 0) aheadMs += LEASE;
      }
    },
  };
}

test('nothing is lost and nothing doubled, whatever goes wrong', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (steps) => {
      const store = await newStore();
      const { outbox, now, loseAnswers, emptied } = leased(store);
      const slack = await newSlack({ now });
      const start = async (instance: string) => {
        const running = await makeNotifier(slack, { store: outbox, instance, now, timing: { lease: LEASE } });
        running.notifier.start();
        onTestFinished(() => running.notifier.stop(10_000));
        return running;
      };
      let running: RunningNotifier = await start('0');
      const expected = new Set<string>();
      const alerts = new Map<number, ReturnType<typeof alertOf>>();
      for (const [index, { trouble: met, change }] of steps.entries()) {
        meet(slack, met);
        if (met.kind === 'deaf') loseAnswers(met.times + 1);
        const before = alerts.get(change);
        const next = { ...(before ?? alertOf({ source: `10.${change}.0.0/16` })), what: `step ${index}` };
        const alert = before === undefined ? next : { ...next, version: next.version + 1, replies: next.replies + 1 };
        alerts.set(change, alert);
        const replies = before === undefined ? [] : [replyFor(alert, before.replies)];
        const deliveries = [messageFor(alert.id), ...replies];
        for (const { id } of deliveries) expected.add(id);
        await write(store, { alerts: [alert], deliveries });
        if (met.kind !== 'restart') continue;
        await running.notifier.stop(10_000);
        running = await start(String(index + 1));
      }
      await emptied();
      const { posted } = ledger(slack);
      const wrong = [...expected].filter((id) => posted.get(id) !== 1).map((id) => [id, posted.get(id) ?? 0]);
      if (wrong.length > 0) throw new Error(`posted not once: ${JSON.stringify(wrong)}`);
      // Each message tells the newest state of its alert.
      const texts = botMessages(slack).map(({ text }) => text);
      const stale = [...alerts.values()].filter(({ what }) => !texts.some((text) => text.includes(what)));
      if (stale.length > 0) throw new Error(`stale: ${JSON.stringify(stale.map(({ what }) => what))}`);
      await running.notifier.stop(10_000);
    }),
    { numRuns: 12 },
  );
});
