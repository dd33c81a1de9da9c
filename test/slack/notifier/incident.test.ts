// Messages of incidents and of alerts that belong together: drawn from the records, with links between them.

import { expect, test } from 'vitest';
import type { Alert, AlertGroup } from '../../../src/core/alerting/alert.ts';
import type { Delivery } from '../../../src/core/alerting/delivery.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { newSlack, OPS, poll } from '../bot-fixture.ts';
import { FILLING, FULL, groupOf, REFUSING, WAITING } from '../views/alert-sample.ts';
import { contradictionsIn } from '../views/contradiction.ts';
import { drawn } from '../views/drawn.ts';
import { botMessages, emptied, messageFor, newStore, replyFor, runNotifier, write } from './fixture.ts';

const here = { channel: OPS, version: 1 } as const;
const NODE: Alert = { ...FULL, ...here };
const SOURCE: Alert = { ...FILLING, ...here };

/** The incident of these alerts, led by the first. */
function incidentOf(alerts: readonly Alert[]): { readonly members: readonly Alert[]; readonly group: AlertGroup } {
  const [lead] = alerts;
  if (lead === undefined) throw new Error('no alerts');
  const group = { ...groupOf(alerts), id: 'incident', lead: lead.id };
  return { group, members: alerts.map((alert) => ({ ...alert, group: group.id, lead: lead.id })) };
}

const shown = (message: Parameters<typeof drawn>[0] | undefined) => drawn(message ?? { text: '', blocks: [] });

test('the message of the lead is the incident: all members are rows, and it is true to itself', async () => {
  const slack = await newSlack();
  const store = await newStore();
  await runNotifier(slack, { store });
  const { members, group } = incidentOf([NODE, { ...REFUSING, ...here }, SOURCE]);
  await write(store, { alerts: members, groups: [group], deliveries: [messageFor(NODE.id)] });
  await emptied(store);
  const [message, ...others] = botMessages(slack) as unknown as readonly Parameters<typeof drawn>[0][];
  expect(others).toEqual([]);
  expect(shown(message).replaceAll('**', '')).toContain(
    'shard-00-00 is full: 3,000 of 3,000 connections, and 2 more alerts · prod',
  );
  expect(shown(message)).toContain('\nBilling API | 1,842 | 61 | +1,781 | 🟠 Warning\n');
  expect(contradictionsIn(message as never)).toEqual([]);
});

test('a message of its own that became a row is a line with the way to the incident', async () => {
  const slack = await newSlack();
  const store = await newStore();
  await runNotifier(slack, { store });
  await write(store, { alerts: [NODE, SOURCE], deliveries: [NODE, SOURCE].map(({ id }) => messageFor(id)) });
  await emptied(store);
  const { members, group } = incidentOf([NODE, SOURCE]);
  const next = members.map((alert) => ({ ...alert, version: 2 }));
  await write(store, { alerts: next, groups: [group], deliveries: next.map(({ id }) => messageFor(id)) });
  await emptied(store);
  const [lead, own] = botMessages(slack);
  expect(lead?.text).toContain('and 1 more alert');
  const url = `${slack.url}/archives/${OPS}/p${lead?.ts.replace('.', '')}`;
  expect(own?.text.replaceAll('\u2060', '')).toBe(
    `Billing API (dormant-spike) is part of an incident of prod: <${url}|its message>.`,
  );
});

type Slacked = Awaited<ReturnType<typeof joiningStage>>;

/** The source's alert before and after it joined the incident of the node, whose message is in Slack. */
async function joiningStage() {
  const slack = await newSlack();
  const store = await newStore();
  const running = await runNotifier(slack, { store });
  await write(store, { alerts: [NODE], deliveries: [messageFor(NODE.id)] });
  await emptied(store);
  await running.notifier.stop(10_000);
  const { members, group } = incidentOf([NODE, SOURCE]);
  const joined = { alerts: members.map((alert) => ({ ...alert, version: 2 })), groups: [group] };
  return {
    ...{ slack, store },
    /** A new message of the source's alert, and what belongs to it. */
    began: (more: readonly Delivery[] = []) =>
      write(store, { alerts: [SOURCE], deliveries: [messageFor(SOURCE.id), ...more] }),
    joins: () => write(store, { ...joined, deliveries: members.map(({ id }) => messageFor(id)) }),
    lead: () => botMessages(slack)[0],
  };
}

/** The bot stops in doubt whether Slack has what it posted. */
async function leaveInDoubt({ slack, store }: Slacked, isThere: boolean): Promise<void> {
  const before = slack.calls.length;
  if (isThere) slack.faults.answerThenFail('chat.postMessage', 502);
  else slack.faults.fail('chat.postMessage', 502);
  slack.faults.fail('conversations.history', 503, 1_000);
  const { notifier } = await runNotifier(slack, { store });
  await poll(() => slack.calls.slice(before).some(({ method }) => method === 'conversations.history'));
  await notifier.stop(10_000);
  slack.faults.clear();
}

test('a message that may be in Slack when its alert becomes a row is looked for, and becomes the line', async () => {
  const stage = await joiningStage();
  const { slack, store, began, joins } = stage;
  await began();
  await leaveInDoubt(stage, true);
  await joins();
  await runNotifier(slack, { store });
  await emptied(store);
  expect(botMessages(slack).slice(1)).toMatchObject([
    { text: expect.stringContaining('is part of an incident of prod: <http') },
  ]);
});

test('a message that was never posted is none when its alert becomes a row, and what was decided is told below', async () => {
  const { slack, store, began, joins, lead } = await joiningStage();
  await began([replyFor(SOURCE, 1)]);
  await joins();
  await runNotifier(slack, { store });
  await emptied(store);
  const [incident, ...more] = botMessages(slack);
  expect(incident?.text).toContain('and 1 more alert');
  expect(more).toMatchObject([{ threadTs: lead()?.ts, text: 'Worse: reply 1' }]);
  // The message of the lead is not its own.
  await write(store, { deliveries: [messageFor(SOURCE.id)] });
  await emptied(store);
  expect(lead()?.text).toContain('and 1 more alert');
});

test('a message that Slack does not have after all is not posted when its alert became a row', async () => {
  const stage = await joiningStage();
  const { slack, store, began, joins, lead } = stage;
  await began([replyFor(SOURCE, 1)]);
  await leaveInDoubt(stage, false);
  await joins();
  await runNotifier(slack, { store });
  await emptied(store);
  expect(botMessages(slack).slice(1)).toMatchObject([{ threadTs: lead()?.ts, text: 'Worse: reply 1' }]);
});

test('a line waits for the message that it links to', async () => {
  const slack = await newSlack();
  const store = await newStore();
  let postponed = 0;
  const watched: Store = {
    ...store,
    postponed: (taken, at) => {
      postponed += 1;
      return store.postponed(taken, at);
    },
  };
  await runNotifier(slack, { store: watched });
  await write(store, { alerts: [SOURCE], deliveries: [messageFor(SOURCE.id)] });
  await emptied(store);
  const { members, group } = incidentOf([NODE, SOURCE]);
  const [lead, member] = members;
  if (lead === undefined || member === undefined) throw new Error('no members');
  await write(store, {
    alerts: [lead, { ...member, version: 2 }],
    groups: [group],
    deliveries: [messageFor(member.id)],
  });
  await poll(() => postponed > 0);
  await write(store, { deliveries: [messageFor(lead.id)] });
  await emptied(store);
  const [own] = botMessages(slack);
  expect(own?.text).toContain('is part of an incident of prod: <http');
});

test('the alert of a source and that of the node it fills link each other while both are open', async () => {
  const slack = await newSlack();
  const store = await newStore();
  await runNotifier(slack, { store });
  const both = async (alerts: readonly Alert[]) => {
    // Each knows the way to the other once both have a message.
    for (const version of [1, 2]) {
      const now = alerts.map((alert) => ({ ...alert, version: alert.version + version - 1 }));
      await write(store, { alerts: now, deliveries: now.map(({ id }) => messageFor(id)) });
      await emptied(store);
    }
    // Slack may get either first.
    const about = (subject: string) => botMessages(slack).find(({ text }) => text.split('\n')[0]?.includes(subject));
    const [node, source] = [about('shard-00-00'), about('Billing API')];
    return { node, source, way: (ts = '') => `${slack.url}/archives/${OPS}/p${ts.replace('.', '')}` };
  };
  const { node, source, way } = await both([NODE, SOURCE]);
  expect(node?.text).toContain(` → <${way(source?.ts)}|its alert>`);
  expect(source?.text).toContain(`Fills <${way(node?.ts)}|shard-00-00 (100 %)>.`);
  const asked = () => slack.calls.filter(({ method }) => method === 'chat.getPermalink').length;
  expect(asked(), 'each link once').toBe(2);
  await both([
    { ...NODE, version: 3 },
    { ...SOURCE, version: 3 },
  ]);
  expect(asked(), 'a link never changes').toBe(2);
  const over = await both([
    { ...NODE, version: 5, state: 'ended', endedAt: NODE.judgedAt },
    { ...SOURCE, version: 5 },
  ]);
  expect(over.source?.text).not.toContain('Fills');
  expect(over.node?.text).not.toContain('its alert');
});

test('the post of an incident mentions whom it concerns, also when a member joined while it waited', async () => {
  const slack = await newSlack();
  const store = await newStore();
  const { members, group } = incidentOf([NODE, SOURCE]);
  // The joining of the second replaced the message that mentioned people.
  await write(store, { alerts: members, groups: [group], deliveries: [{ ...messageFor(NODE.id), mentions: [] }] });
  await runNotifier(slack, { store, routing: { critical: { channel: null, mention: 'S0DBA' } } });
  await emptied(store);
  expect(botMessages(slack)[0]?.text).toContain('cc <!subteam^S0DBA>');
});

test('the alert of a source links the alert of its app that waits for its own pools', async () => {
  const slack = await newSlack();
  const store = await newStore();
  await runNotifier(slack, { store });
  const { evidence } = WAITING;
  if (evidence?.pools === undefined || SOURCE.source === null) throw new Error('the samples have pools and a source');
  const sources = [{ id: SOURCE.source, name: SOURCE.who }];
  const pools = { ...evidence.pools, sources, whole: { timeouts: 7, since: WAITING.since } };
  const app: Alert = { ...WAITING, ...here, evidence: { ...evidence, pools } };
  for (const alert of [app, SOURCE]) {
    await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
    await emptied(store);
  }
  const about = (subject: string) => botMessages(slack).find(({ text }) => text.split('\n')[0]?.includes(subject));
  const [waiting, source] = [about('processes wait'), about('Billing API')];
  expect(waiting?.text).toContain(`Source: ${SOURCE.who}.`);
  const way = `${slack.url}/archives/${OPS}/p${waiting?.ts?.replace('.', '')}`;
  expect(source?.text).toContain(`Its <${way}|app billing waits for its own pools>. maxIdleTimeMS does nothing for`);
});
