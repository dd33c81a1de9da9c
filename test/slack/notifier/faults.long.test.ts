// Random trouble: whatever goes wrong in whatever order, every alert and every reply arrives, and exactly once where the
// bot may read the channel.

import { onTestFinished, test } from 'vitest';
import { fc } from '../../core/arbitrary.ts';
import { newSlack, type Slack } from '../bot-fixture.ts';
import {
  alertOf,
  botMessages,
  emptied,
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

test('nothing is lost and nothing doubled, whatever goes wrong', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (steps) => {
      const [slack, store] = [await newSlack(), await newStore()];
      let deafness = 0;
      const outbox = {
        ...store,
        sent: (...told: Parameters<typeof store.sent>) =>
          deafness-- > 0 ? Promise.reject(new Error('store is unavailable')) : store.sent(...told),
      };
      const start = async (instance: string) => {
        const running = await makeNotifier(slack, { store: outbox, instance, timing: { lease: 250 } });
        running.notifier.start();
        onTestFinished(() => running.notifier.stop(10_000));
        return running;
      };
      let running: RunningNotifier = await start('0');
      const expected = new Set<string>();
      const alerts = new Map<number, ReturnType<typeof alertOf>>();
      for (const [index, { trouble: met, change }] of steps.entries()) {
        meet(slack, met);
        if (met.kind === 'deaf') deafness = met.times + 1;
        const before = alerts.get(change);
        const now = { ...(before ?? alertOf({ source: `10.${change}.0.0/16` })), what: `step ${index}` };
        const alert = before === undefined ? now : { ...now, version: now.version + 1, replies: now.replies + 1 };
        alerts.set(change, alert);
        const replies = before === undefined ? [] : [replyFor(alert, before.replies)];
        const deliveries = [messageFor(alert.id), ...replies];
        for (const { id } of deliveries) expected.add(id);
        await write(store, { alerts: [alert], deliveries });
        if (met.kind !== 'restart') continue;
        await running.notifier.stop(10_000);
        running = await start(String(index + 1));
      }
      deafness = 0;
      await emptied(store);
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
