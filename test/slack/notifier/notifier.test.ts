// An alert's way into Slack when all goes well: posted once, edited in place, replied to in its thread.

import { expect, test } from 'vitest';
import type { AlertGroup } from '../../../src/core/alerting/alert.ts';
import type { History, HistoryRequest } from '../../../src/core/ports/monitor.ts';
import type { Message } from '../../sandbox/slack/stand-in.ts';
import { newSlack, OPS, poll } from '../bot-fixture.ts';
import { usualSpread } from '../views/watch-sample.ts';
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

const BARE = { connections: null, limit: null, incomplete: 0 };
const UNREAD = {
  cluster: 'prod',
  source: null,
  node: null,
  figure: 'dormant',
  newest: null,
  usualNow: null,
  now: null,
  connections: null,
  max: null,
} as const;

test('an alert is posted once, edited in place, and replied to in its thread', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  await runNotifier(slack, { store });
  const alert = alertOf();
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  await emptied(store);
  const worse = {
    ...alert,
    version: 2,
    value: 900,
    peak: 900,
    what: '900 dormant connections, usually 93',
    replies: 1,
  };
  await write(store, { alerts: [worse], deliveries: [messageFor(alert.id), replyFor(worse, 0, { broadcast: true })] });
  await emptied(store);
  const [message, reply, ...more] = botMessages(slack);
  expect(message).toMatchObject({ edits: 1, threadTs: null });
  expect(message?.text).toContain('900 dormant connections, usually 93');
  expect(reply).toMatchObject({ text: expect.stringContaining('reply 0'), threadTs: message?.ts, broadcast: true });
  expect(more).toEqual([]);
  expect([...ledger(slack).posted.values()]).toEqual([1, 1]);
  expect(await store.place(alert.id)).toEqual({ channel: OPS, ts: message?.ts });
});

test('many at once: the group first, its alerts in its thread, and their replies there too', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const alerts = ['10.0.0.0/16', '10.1.0.0/16', '10.2.0.0/16'].map((source) =>
    alertOf({ source, group: 'g', who: source }),
  );
  const group: AlertGroup = {
    id: 'g',
    version: 1,
    cluster: 'prod',
    since: Date.now(),
    lead: null,
    alerts: alerts.map(({ id }) => id),
    cause: null,
  };
  await runNotifier(slack, { store });
  // The group last: its alerts wait for it, whatever the order.
  const deliveries = [...alerts.map(({ id }) => messageFor(id)), messageFor('g', { at: Date.now() + 1 })];
  await write(store, { alerts, groups: [group], deliveries });
  await emptied(store);
  const [first, ...others] = botMessages(slack);
  expect(first).toMatchObject({ threadTs: null, text: expect.stringContaining('3 sources above their usual') });
  expect(others.map(({ threadTs }) => threadTs)).toEqual([first?.ts, first?.ts, first?.ts]);
  const [one] = alerts;
  if (one === undefined) throw new Error('no alert');
  await write(store, { deliveries: [replyFor(one, 0)] });
  await emptied(store);
  expect(botMessages(slack).at(-1)).toMatchObject({ text: 'Worse: reply 0', threadTs: first?.ts });
  expect([...ledger(slack).posted.values()]).toEqual([1, 1, 1, 1, 1]);
});

test('ids of people and groups are mentioned, a name stays a word, and what an app is called pings nobody', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  await runNotifier(slack, { store });
  const alert = alertOf({ who: '<!channel> @here' });
  const mentions = ['U0000ANNA1', 'W0000ENT01', 'S0000DBA01', '@dba-oncall'];
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id, { mentions })] });
  await emptied(store);
  const [message] = botMessages(slack);
  expect(message?.text.replaceAll('\u2060', '')).toContain(
    'cc <@U0000ANNA1> <@W0000ENT01> <!subteam^S0000DBA01> @dba-oncall',
  );
  const elements = JSON.stringify(message?.blocks);
  expect(elements).toContain('"user_id":"W0000ENT01"');
  expect(elements).toContain('"usergroup_id":"S0000DBA01"');
  expect(elements).not.toContain('broadcast');
  expect(message?.text).not.toContain('<!channel>');
});

test('a message has its chart, the alert before it and the way to it', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const asked: unknown[] = [];
  const history = async ({ source, window, points, end }: HistoryRequest): Promise<History> => {
    asked.push([source, window, points, end]);
    const spread = { min: 60, median: 61, max: 62 };
    const piece = { ...BARE, dormant: spread, pooled: spread, usual: usualSpread(61), readings: 12 };
    const buckets = [0, 1, 2].map((index) => ({ ...piece, from: index * 3_600_000, peakAt: index * 3_600_000 }));
    return { ...UNREAD, from: 0, to: 3 * 3_600_000, buckets, usualNow: 61 };
  };
  await runNotifier(slack, { store, history, timeZone: 'Asia/Tokyo' });
  const endedAt = Date.now() - 3_600_000;
  const before = alertOf({ since: Date.now() - 7_200_000, state: 'ended', endedAt });
  await write(store, { alerts: [before], deliveries: [messageFor(before.id)] });
  await emptied(store);
  const alert = alertOf({ previous: before.id });
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  await emptied(store);
  const [old, message] = botMessages(slack);
  const url = `${slack.url}/archives/${OPS}/p${old?.ts.replace('.', '')}`;
  expect(JSON.stringify(message?.blocks)).toContain(`"url":"${url}"`);
  const charts = (shown: Message | undefined) =>
    shown?.blocks.filter(({ type }) => type === 'data_visualization') ?? [];
  expect(charts(message)).toMatchObject([
    { title: 'Last 3 h, times in Asia/Tokyo', chart: { axis_config: { categories: ['10:00', '11:00', '12:00'] } } },
  ]);
  expect(asked).toEqual([
    ['203.0.113.0/24', 3 * 3_600_000, 18, endedAt],
    ['203.0.113.0/24', 3 * 3_600_000, 18, 'newest'],
  ]);
  expect(charts(old), 'what is resolved keeps its chart').toHaveLength(1);
});

test("a node's alert has a chart of the node's connections and its limit", async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const asked: unknown[] = [];
  const history = async ({ source, node }: HistoryRequest): Promise<History> => {
    asked.push([source, node]);
    const buckets = [0, 1].map((index) => {
      const connections = { min: 2_700, median: 2_800, max: 2_900 + index };
      const from = index * 3_600_000;
      return {
        ...BARE,
        dormant: null,
        pooled: null,
        usual: null,
        connections,
        limit: 3_000,
        readings: 12,
        from,
        peakAt: from,
      };
    });
    return { ...UNREAD, node: node ?? null, figure: 'connections', from: 0, to: 7_200_000, buckets };
  };
  await runNotifier(slack, { store, history });
  const alert = alertOf({ source: null, node: 'a.example:27017', rule: 'node-headroom' });
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  await emptied(store);
  expect(asked).toEqual([[null, 'a.example:27017']]);
  const chart = botMessages(slack)[0]?.blocks.find(({ type }) => type === 'data_visualization');
  expect(chart).toMatchObject({
    chart: {
      series: [
        { name: 'connections, at most', data: [{ value: 2_900 }, { value: 2_901 }] },
        { name: 'limit', data: [{ value: 3_000 }, { value: 3_000 }] },
      ],
    },
  });
});

test('an alert does not wait for its chart, even where the store ignores the signal', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const { log } = await runNotifier(slack, {
    store,
    history: () => new Promise(() => undefined),
    timing: { draw: 50 },
  });
  const alert = alertOf();
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  await emptied(store);
  expect(botMessages(slack)).toHaveLength(1);
  expect(log.map(({ message }) => message)).toContain('alert posted without chart');
});

test('a workspace that refuses charts gets words, and is asked only once', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const history = async (): Promise<History> => {
    const spread = { min: 60, median: 61, max: 412 };
    const piece = { ...BARE, dormant: spread, pooled: spread, usual: usualSpread(60), readings: 12 };
    const buckets = [0, 1].map((index) => ({ ...piece, from: index * 3_600_000, peakAt: index * 3_600_000 }));
    return { ...UNREAD, from: 0, to: 7_200_000, buckets };
  };
  const { log } = await runNotifier(slack, { store, history });
  slack.faults.fail('chat.postMessage', 'invalid_blocks');
  for (const source of ['10.0.0.0/16', '10.1.0.0/16']) {
    const alert = alertOf({ source });
    await write(store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
    await emptied(store);
  }
  const shown = botMessages(slack).map(({ blocks }) => JSON.stringify(blocks));
  expect(shown).toHaveLength(2);
  for (const blocks of shown) {
    expect(blocks).not.toContain('data_visualization');
    expect(blocks).toContain('dormant, at most 412 to 412, 412 at the end; usual, at most 60 to 60, 60 at the end.');
  }
  expect(log.filter(({ message }) => message === 'message refused by Slack')).toHaveLength(1);
});

test('a late message says so, with the reason if it is known', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const long = Date.now() - 10 * 60_000;
  const [down, blocked] = [alertOf({ source: '10.0.0.0/16' }), alertOf({ source: '10.1.0.0/16' })];
  await write(store, { alerts: [down], deliveries: [messageFor(down.id, { at: long })] });
  await runNotifier(slack, { store });
  await emptied(store);
  slack.faults.fail('chat.postMessage', 503);
  await write(store, { alerts: [blocked], deliveries: [messageFor(blocked.id, { at: long })] });
  await emptied(store);
  const [one, two] = botMessages(slack);
  expect(one?.text).toContain('Delayed while the bot was not running: decided at ');
  expect(two?.text).toContain('Delayed by Slack: decided at ');
  const quick = alertOf({ source: '10.2.0.0/16' });
  await write(store, { alerts: [quick], deliveries: [messageFor(quick.id)] });
  await emptied(store);
  expect(botMessages(slack)[2]?.text).not.toContain('Delayed');
});

test('a direct word goes to the alert channel, and where it takes none to the configured people', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const { notifier } = await runNotifier(slack, { store });
  expect(await notifier.direct('The store cannot be used: disk full.')).toBe(true);
  expect(botMessages(slack).map(({ text }) => text)).toEqual(['The store cannot be used: disk full.']);
  slack.archive(OPS);
  expect(await notifier.direct('Still.')).toBe(true);
  expect(botMessages(slack, 'D0000ANNA1').map(({ text }) => text)).toEqual(['Still.']);
  await slack.faults.away();
  expect(await notifier.direct('Nobody hears this.')).toBe(false);
  await slack.faults.back();
});

test('an alert without a channel is given up, and status says why', async () => {
  const [slack, store] = [await newSlack(), await newStore()];
  const { notifier } = await runNotifier(slack, { store });
  const alert = alertOf({ channel: null });
  await write(store, { alerts: [alert], deliveries: [messageFor(alert.id, { channel: null })] });
  await emptied(store);
  await poll(() => notifier.problems().length > 0);
  expect(notifier.problems()).toMatchObject([{ code: 'slack-no-alert-channel' }]);
  expect(botMessages(slack)).toEqual([]);
});
