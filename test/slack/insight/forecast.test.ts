// `forecast`: the real bot answers about a cluster and about a source that grows; buttons lead on.

import { expect, test } from 'vitest';
import { UpstreamError } from '../../../src/errors.ts';
import { connections, range, reportOn } from '../../core/fixtures.ts';
import { ANNA } from '../../sandbox/slack/people.ts';
import { snapshotOf } from '../../store/sample.ts';
import { answerTo, command, newSlack, OPS, optionOf, press, runBot, testDesk } from '../bot-fixture.ts';
import { alertOn, TEN } from '../views/watch-sample.ts';
import { alertMessage, BILLING, DAY, messageFor, watchedBot, written } from '../watch-fixture.ts';

const has = (message: { readonly blocks: unknown }, words: string) => JSON.stringify(message.blocks).includes(words);

/** Ten clients with two heartbeats and three dormant connections each; and a source without heartbeats. */
const prod = reportOn({
  groups: [
    connections('203.0.113.9:1', { count: 30 }),
    connections('203.0.113.9:1', { count: 10, activity: 'heartbeat', user: null }),
    connections('203.0.113.9:1', { count: 10, activity: 'ping', user: null }),
    connections('203.0.113.70:1', { count: 20, app: 'web' }),
  ],
  entries: [range('203.0.113.0/24', 'Billing API'), range('203.0.113.64/26', 'Web EU')],
});
const [node] = prod.nodes;
if (node === undefined || 'problem' in node) throw new Error('no node');
/** Of 1,000 connections, 400 are used. */
const busy = { ...prod, nodes: [{ ...node, current: 400, available: 600 }] };

/** A reading a day for four weeks, with 10 more connections each. */
async function withGrowth(bot: Awaited<ReturnType<typeof watchedBot>>, cluster = 'prod', days = 28) {
  for (let day = 1; day <= days; day++) {
    const at = TEN - day * DAY;
    const snapshot = snapshotOf({ cluster, at, nodes: { 'a:27017': [400 - 10 * day, 1_000] } });
    await written(bot.store, { cluster, reading: { slot: at, snapshot } });
  }
}

test('a cluster: when its node reaches the limit, how many more clients fit, and who is unknown', async () => {
  const slack = await newSlack();
  const bot = await watchedBot(slack);
  bot.reports.reports.set('prod', busy);
  await withGrowth(bot);
  const answer = await command(slack, 'forecast prod');
  expect(answer.ephemeralTo).toBe(ANNA.id);
  // 390 yesterday, and ten a day.
  expect(answer.text).toContain('a reaches its limit in 60 days, at its growth of 28 days.');
  expect(answer.text).toContain('Billing API: 120 more clients fit until a is full.');
  expect(answer.text).toContain('Now 10 clients, with 5 connections each there.');
  expect(answer.text).toContain(
    'How many more clients of Web EU fit is unknown. Its clients are not counted: none of its connections is a heartbeat.',
  );
  for (const words of [
    '+10 a day',
    'What if…',
    'the daily maxima of 28 days, today left out',
    'until a node is at 100 % of its limit',
  ])
    expect(has(answer, words)).toBe(true);
  const nodes = await command(slack, 'nodes prod');
  expect(nodes.text).toContain('a reaches its limit in 60 days, at its growth of 28 days.');
  expect((await press(slack, nodes, { actionId: 'forecast' })).text).toContain('prod — forecast');
});

test('a full node leads, and a node close to its limit is named before its trend', async () => {
  const slack = await newSlack();
  const bot = await watchedBot(slack);
  bot.reports.reports.set('prod', { ...prod, nodes: [{ ...node, current: 1_000, available: 0, limit: 1_000 }] });
  await withGrowth(bot);
  const full = await command(slack, 'forecast prod');
  expect(full.text).toContain('prod — forecast\na is full now: 1,000 of 1,000.');
  expect(full.text).not.toContain('reaches its limit');
  bot.reports.reports.set('prod', { ...prod, nodes: [{ ...node, current: 850, available: 150, limit: 1_000 }] });
  const close = await command(slack, 'forecast prod');
  expect(close.text).toContain('a is close to its limit now: 850 of 1,000 (85 %).\na reaches its limit in');
});

test('growth is told of the days that it has, and no range where none is shown', async () => {
  const slack = await newSlack();
  const bot = await watchedBot(slack);
  bot.reports.reports.set('prod', busy);
  await withGrowth(bot, 'prod', 8);
  const answer = await command(slack, 'forecast prod');
  expect(answer.text).toContain('a reaches its limit in 60 days, at its growth of 8 days.');
  expect(has(answer, 'the daily maxima of 8 days, today left out.')).toBe(true);
  expect(has(answer, '95 %')).toBe(false);
});

test('a menu doubles a source, buttons scale it further, and Back leads to the report of the same reading', async () => {
  const slack = await newSlack();
  const reports = testDesk({ prod: busy });
  await runBot(slack, { reports });
  const cluster = await command(slack, 'forecast');
  expect(cluster.text).toContain("Growth needs the bot's store, and this bot runs without one.");
  const doubled = await press(slack, cluster, { actionId: 'forecast', option: optionOf(cluster, 'Billing API') });
  expect(doubled).toMatchObject({ ts: cluster.ts, text: expect.stringContaining('Billing API ×2 — prod') });
  expect(doubled.text).toContain(
    'Billing API ×2 — prod\nFits: the fullest node is at 45 % of its limit, 48 % in a rolling deploy.\n10 clients now, 20 then.',
  );
  // 350 of others, 20 clients with 100 pooled connections, and 40 heartbeats: 2,390.
  expect(doubled.text).toContain('Full pools, the worst case: a at 239 % of its limit.');
  for (const words of ['450 (45 %)', '2,390 (239 %)', '475 (48 %)', 'maxPoolSize 100'])
    expect(has(doubled, words)).toBe(true);
  const asked = reports.asked.length;
  const fourfold = await press(slack, doubled, { actionId: 'forecast_x4' });
  expect(fourfold.text).toContain('10 clients now, 40 then.');
  // All of it is about one reading.
  expect(reports.asked.length).toBe(asked);
  const whole = await press(slack, fourfold, { actionId: 'forecast' });
  expect(whole.text).toContain('prod — forecast');
  expect(reports.asked.length).toBe(asked);
  const fresh = await press(slack, whole, { actionId: 'refresh' });
  expect(reports.asked.at(-1)).toBe('prod fresh');
  expect((await press(slack, fresh, { actionId: 'back' })).text).toContain('prod — 70 connections');
});

test('a source by its name: scaled by a factor, or to a number of clients unless they are unknown', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: testDesk({ prod: busy }) });
  expect((await command(slack, 'forecast billing api 40 clients')).text).toContain(
    'Billing API with 40 clients — prod\nFits: the fullest node is at 55 % of its limit, 60 % in a rolling deploy.\n10 clients now, 40 then.',
  );
  const twice = await command(slack, 'forecast Web EU in prod x1.5');
  expect(twice.text).toContain('All of its connections ×1.5. The number of its clients is unknown.');
  expect(twice.text).toContain('No limit is exceeded. The highest is a at 42 % (rolling deploy).');
  // 350 of others and 10,000.
  expect((await command(slack, 'forecast billing api x200')).text).not.toContain('Fits:');
  expect((await command(slack, 'forecast Web EU 40 clients')).text).toBe(
    'The number of clients of Web EU is unknown: none of its connections is a heartbeat. Scale its connections instead, such as x2.',
  );
  expect((await command(slack, 'forecast Wbe EU x2')).text).toBe(
    'No source "Wbe EU" has connections to prod. Did you mean "Web EU"?',
  );
  expect((await command(slack, 'forecast Billing API')).text).toBe(
    'No growth was named. Did you mean "/atlas-conns forecast "Billing API" x2"? A growth is x2, 1.5x or 40 clients.',
  );
});

test('a name that matches several sources is asked about, and the choice is scaled', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: testDesk({ prod: busy }) });
  const question = await command(slack, 'forecast 203.0.113.0/25 x3');
  expect(question.text).toContain('matches several sources of prod. Which one?');
  const chosen = await press(slack, question, { actionId: 'history', option: optionOf(question, 'Web EU') });
  expect(chosen.text).toContain('Web EU ×3 — prod');
});

test('of several clusters: the default one, the one that has the source, or the question which', async () => {
  const slack = await newSlack();
  const other = reportOn({ groups: [connections('198.51.100.9:1')], entries: [range('198.51.100.0/24', 'Reports')] });
  const reports = testDesk({ prod: busy, staging: other });
  await runBot(slack, { reports });
  const choice = await command(slack, 'forecast');
  expect(choice.text).toContain('Which cluster?');
  expect((await press(slack, choice, { actionId: 'choose_cluster', option: 'prod' })).text).toContain(
    'prod — forecast',
  );
  await command(slack, 'forecast staging');
  expect((await command(slack, 'forecast Reports x2')).text).toContain('Reports ×2 — staging');
  expect((await command(slack, 'forecast Nobody x2')).text).toBe(
    'The source "Nobody" is in no cluster that I know. Name the cluster: "/atlas-conns forecast "Nobody" in prod x2".',
  );
  reports.reports.set('staging', busy);
  await command(slack, 'forecast staging');
  expect((await command(slack, 'forecast Billing API x2')).text).toBe(
    'The source "Billing API" is in prod and staging. Name the cluster: "/atlas-conns forecast "Billing API" in prod x2".',
  );
  reports.defaultCluster = 'staging';
  expect((await command(slack, 'forecast Billing API x2')).text).toContain('Billing API ×2 — staging');
  expect((await command(slack, 'forecast')).text).toContain('staging — forecast');
});

test('without history, without a store that answers, and without a node the forecast says what is missing', async () => {
  const slack = await newSlack();
  const problem = { code: 'store-away', text: 'The store is away.', remedy: 'Wait.' };
  const { reports } = await watchedBot(slack, {
    clusters: ['prod', 'staging'],
    seenAs: (monitor) => ({
      ...monitor,
      growth: async (cluster, hosts, signal) => {
        if (cluster === 'staging') throw new UpstreamError(problem);
        return monitor.growth(cluster, hosts, signal);
      },
    }),
  });
  expect((await command(slack, 'forecast prod')).text).toContain(
    'There is too little history for growth: it needs 7 whole days, and none is over yet.',
  );
  expect((await command(slack, 'forecast staging')).text).toContain('Growth is missing here: The store is away. Wait.');
  // The sentence of the nodes view is left out, and nothing else.
  expect((await command(slack, 'nodes staging')).text).toContain('a (primary): 1 % of its limit');
  const unread = [{ host: 'a:27017', problem: { code: 'auth', text: 'a:27017 refuses.', remedy: 'Set it right.' } }];
  reports.reports.set('prod', { ...busy, nodes: unread, sources: [], complete: false });
  expect((await command(slack, 'forecast prod')).text).toContain('I could not read prod.');
});

test('a mention is answered for all, with a button for the form', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: testDesk({ prod: busy }) });
  const text = `<@${slack.botUser}> forecast prod`;
  const answer = await answerTo(slack, () => slack.say({ user: ANNA.id, channel: OPS, text }));
  expect(answer.ephemeralTo).toBeNull();
  expect(has(answer, '"action_id":"what_if"')).toBe(true);
  expect(has(answer, '"action_id":"refresh"')).toBe(false);
});

test("a node's alert says when it reaches its limit at its growth", async () => {
  const slack = await newSlack();
  const bot = await watchedBot(slack);
  await withGrowth(bot);
  const nodeAlert = alertOn(BILLING, {
    ...{ id: 'node-a', rule: 'node-headroom', source: null, node: 'a:27017', who: 'a', value: 820, usual: null },
    what: '820 of 1,000 connections, 82 % of its limit',
    evidence: {
      ...{ readAt: TEN, culprits: [], changed: [], shutOut: [], doNow: [], thenFix: [], hurt: [] },
      node: {
        ...{ host: 'a:27017', short: 'a', role: 'primary', current: 820, limit: 1_000, at: TEN },
        ...{ perMinute: null, refused: null },
      },
    },
  });
  await written(bot.store, { alerts: [nodeAlert], deliveries: [messageFor(nodeAlert)] });
  bot.bot.poke();
  const message = await alertMessage(slack, '82 %');
  expect(has(message, '18 % left. At its recent growth it reaches its limit in 60 days.')).toBe(true);
});

/** More nodes than a table in text has lines for. */
const many = Array.from({ length: 120 }, (_, at) => ({ ...busy.nodes[0], host: `n${at}:27017` })) as typeof busy.nodes;

test('a page is one of the reading on the screen: one that is no longer kept is said to be gone', async () => {
  const slack = await newSlack();
  const clusters = { prod: { ...busy, nodes: many } };
  const first = await runBot(slack, { reports: testDesk(clusters) });
  const forecast = await command(slack, 'forecast prod');
  await first.bot.stop();
  // Another process, without the store of the first.
  const reports = testDesk(clusters);
  await runBot(slack, { reports });
  const turned = await press(slack, forecast, { actionId: 'later_rows' });
  expect(turned.text).toContain('I no longer have this reading of prod');
  expect(reports.asked).toEqual([]);
});

test('a reading that fails offers the last one', async () => {
  const slack = await newSlack();
  const reports = testDesk({ prod: busy });
  await runBot(slack, { reports });
  await command(slack, 'prod');
  const problem = { code: 'away', text: 'prod is away.', remedy: 'Wait.' };
  reports.reports.set('prod', () => Promise.reject(new UpstreamError(problem)));
  const failed = await command(slack, 'forecast prod');
  expect(failed.text).toContain('prod is away. Wait.');
  expect(failed.text).toContain('The last reading is of ');
  expect(has(failed, '"action_id":"show_last"')).toBe(true);
});
