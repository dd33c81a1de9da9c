// The pools of the applications, over the real bot: all apps, one by process, and where there are none.

import { expect, test } from 'vitest';
import type { ConnectionReport } from '../../../src/core/connections/report.ts';
import type { PoolRecord } from '../../../src/core/pools/report.ts';
import { seenIn } from '../../../src/core/pools/seen.ts';
import { poolsView } from '../../../src/core/pools/view.ts';
import { UpstreamError } from '../../../src/errors.ts';
import { client, clusterOf, NOW, pool, record } from '../../core/pools/sample.ts';
import { ANNA, BEN } from '../../sandbox/slack/people.ts';
import { answerTo, command, newSlack, OPS, optionOf, press, prodReport, runBot, testDesk } from '../bot-fixture.ts';
import { drawn } from '../views/drawn.ts';

const shown = (message: object) => drawn(message as Parameters<typeof drawn>[0]);
const lines = (message: object) => shown(message).split('\n');

const before = {
  at: NOW - 9_000,
  isPartial: false,
  pools: { '1 a:27017': { checkouts: 81_183, failed: 2, waitMs: 5_020 } },
};
/** Billing has two processes to prod, one of them stale; web waits at a server of no cluster. */
const RECORDS = [
  record({ before }),
  record({ host: 'web-8', pid: 12, ageMs: 40_000 }),
  record({
    app: 'web',
    clients: [
      client({
        appName: 'web',
        pools: [
          pool({
            address: 'x.example.net:27017',
            waiting: 4,
            total: { created: 9, closed: 0, checkouts: 50, failed: 3, timeouts: 3, cleared: 0, waitMs: 9_000 },
          }),
        ],
      }),
    ],
  }),
];

/** A desk whose applications report; tests change `records`. */
function reportingDesk(given: readonly PoolRecord[] = RECORDS, clusters?: Record<string, ConnectionReport>) {
  const desk = testDesk(clusters);
  const state = { records: given };
  const seenOf = seenIn((cluster) => desk.last(cluster)?.report ?? null);
  const view = async () => poolsView(state.records, { now: NOW, clusterOf, seenOf });
  return { reports: { ...desk, pools: { view } }, state, desk };
}

test('all apps: what waits first, stale processes with their age, and a dash for a rate before two reports', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: reportingDesk().reports });
  const answer = await command(slack, 'pools');
  expect(answer.ephemeralTo).toBe(ANNA.id);
  expect(lines(answer)).toEqual([
    '# Pools: 2 apps, 3 processes',
    '**web**: 4 checkouts wait now, 3 checkouts timed out since the processes started.',
    '**billing**: 1 process is stale: the last report of web-8 (pid 12) is 40 s old. Stale processes are in no sum.',
    'App | Cluster | Processes | Open | In use | Waiting | Checkouts/s | Most in use | Timeouts | Nodes count',
    'web | not monitored: x.example.net:27017 | 1 | 10 | 3 | 4 | – | 38 of 100 | 3 | ?',
    'billing | prod | 2, 1 stale | 10 | 3 | 0 | 10 | 38 of 100 | 0 | ?',
    '[Choose an app ▾ web (10), not monitored: x.exampl…; billing (10), prod] (Refresh) (Share)',
    expect.stringMatching(/^small: reports of .*, as the applications sent them$/),
    'small: One app by process: /atlas-conns pools "web"',
    'small: – is unknown yet: checkouts a second and waits are worked out between two reports of a process.',
    'small: ? is unknown: the nodes count an app by the appName of its clients, in a reading of all nodes.',
  ]);
});

test('the menu opens an app by process; Back, Refresh and Share lead on', async () => {
  const slack = await newSlack();
  const { reports, state } = reportingDesk();
  await runBot(slack, { reports });
  const all = await command(slack, 'pools');
  const app = await press(slack, all, { actionId: 'pools', option: optionOf(all, 'billing') });
  expect(app.ts).toBe(all.ts);
  expect(lines(app)).toEqual([
    '# Pools of billing: 2 processes',
    '**prod** · 1 client · 10 open · 3 in use · 0 waiting · 10 checkouts/s · mean wait 2 ms',
    '1 process is stale: the last report of web-8 (pid 12) is 40 s old. Stale processes are in no sum.',
    'The nodes of prod cannot be compared: there is no reading of all of them yet.',
    '**a**: 10 open, 3 in use, 0 waiting',
    'Host | Pid | Open | In use | Waiting | Most in use | Mean wait | Failed | Timeouts | Open by node | Driver | Since',
    expect.stringMatching(
      /^web-7 \| 4711 \| 10 \| 3 \| 0 \| 38 of 100 \| 2 ms \| 2 \| 0 \| a 10 \| nodejs 7\.9\.0 \| .*09:00/,
    ),
    expect.stringMatching(/^web-8 \(stale, 40 s old\) \| 12 \| 10 \| 3 \| 0 \| 38 of 100 \| – \|/),
    '(Back) (Refresh) (Share)',
    expect.stringMatching(/^small: reports of /),
    'small: – is unknown yet: checkouts a second and waits are worked out between two reports of a process.',
    'small: ? is unknown: the nodes count an app by the appName of its clients, in a reading of all nodes.',
  ]);
  state.records = [record({ clients: [client({ pools: [pool({ open: 77 })] })] })];
  const fresh = await press(slack, app, { actionId: 'refresh' });
  expect(lines(fresh)[1]).toContain('**prod** · 1 client · 77 open');
  const posted = await press(slack, fresh, { actionId: 'share' });
  expect(posted.ephemeralTo).toBeNull();
  expect(shown(posted)).toContain('# Pools of billing: 1 process');
  expect(shown(posted)).not.toContain('(Share)');
  expect(shown(posted)).toContain('Shared by ');
  const back = await press(slack, fresh, { actionId: 'back' });
  expect(lines(back)[0]).toBe('# Pools: 1 app, 1 process');
  const again = await press(slack, back, { actionId: 'pools', option: optionOf(back, 'billing') });
  state.records = [record({ app: 'web' })];
  expect((await press(slack, again, { actionId: 'refresh' })).text).toBe(
    'This app reports no longer. Refresh shows those that do.',
  );
});

test('a shared list is for everyone: a press on its menu opens the app for that person alone', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: reportingDesk().reports });
  const all = await command(slack, 'pools in prod');
  const posted = await press(slack, all, { actionId: 'share' });
  expect(lines(posted)[0]).toBe('# Pools to prod: 1 app, 2 processes');
  const option = optionOf(posted, 'billing');
  const mine = await press(slack, posted, { actionId: 'pools', option, user: BEN.id });
  expect(mine).toMatchObject({ ephemeralTo: BEN.id, text: expect.stringMatching(/^Pools of billing/) });
});

test('a command names an app, a cluster or both; a wrong name is answered with the nearest', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: reportingDesk().reports });
  const title = async (text: string) => lines(await command(slack, text))[0];
  expect(await title('pools billing')).toBe('# Pools of billing: 2 processes');
  expect(await title('pools BILL in prod')).toBe('# Pools of billing: 2 processes');
  expect(await title('pools app billing')).toBe('# Pools of billing: 2 processes');
  expect(await title('pools prod')).toBe('# Pools to prod: 1 app, 2 processes');
  expect(await title('pools b')).toBe('# Pools of "b": 2 apps, 3 processes');
  expect(await title('pools biling')).toBe(
    'No app "biling" reports pools. Did you mean "billing"? These apps report: web, billing.',
  );
  expect(await title('pools web in prod')).toBe('No app "web" reports pools to prod. These apps report: billing.');
  expect(await title('pools billing in prdo')).toContain(`I don't know a cluster "prdo".`);
});

test('an app with pools to two clusters is asked for by its cluster', async () => {
  const slack = await newSlack();
  const both = client({ pools: [pool(), pool({ address: 'x:1', open: 4 })] });
  await runBot(slack, { reports: reportingDesk([record({ clients: [both] })]).reports });
  const two = await command(slack, 'pools billing');
  expect(lines(two)[0]).toBe('# Pools of "billing": 1 app, 1 process');
  const again = await press(slack, two, { actionId: 'refresh' });
  expect(lines(again)[0]).toBe('# Pools of billing: 1 app, 1 process');
  const one = await press(slack, again, { actionId: 'pools', option: optionOf(again, 'billing (4)') });
  expect(lines(one)[1]).toContain('**not monitored: x:1** · 1 client · 4 open');
  expect(shown(one)).toContain('x:1 belongs to no monitored cluster');
});

test('after a report of the cluster, the nodes are held against the processes', async () => {
  const slack = await newSlack();
  const { reports } = reportingDesk([record()], { prod: prodReport });
  await runBot(slack, { reports });
  await command(slack, 'prod');
  const answer = shown(await command(slack, 'pools billing'));
  expect(answer).toContain('The nodes of prod count 40 pooled connections and 0 heartbeats for appName "billing"');
  expect(answer).toContain('The nodes count 28 more. Likely: processes that do not report, or ');
  expect(shown(await command(slack, 'pools'))).toContain('billing | prod | 1 | 10 | 3 | 0 | – | 38 of 100 | 0 | 40');
});

test('where no reports are taken, and where none came, the answer says what to do', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: testDesk() });
  expect((await command(slack, 'pools')).text).toMatch(/^This bot takes no reports .* Set POOLS_PORT and POOLS_TOKEN/);
  const other = await newSlack();
  await runBot(other, { reports: reportingDesk([]).reports });
  const none = await command(other, 'pools billing');
  expect(none.text).toMatch(/^No application reports its connection pools yet\. .*ATLAS_CONNS_POOLS_URL/);
  expect(shown(none)).toContain('(Refresh)');
  expect((await press(other, none, { actionId: 'refresh' })).text).toMatch(/^No application reports/);
});

test('pools to a cluster that no app uses name the clusters that are used', async () => {
  const slack = await newSlack();
  const { reports } = reportingDesk(RECORDS, { prod: prodReport, staging: prodReport });
  await runBot(slack, { reports });
  expect((await command(slack, 'pools staging')).text).toBe(
    'No app reports pools to staging. Those that report have pools to prod.',
  );
});

test('a store that does not answer is the answer', async () => {
  const slack = await newSlack();
  const away = new UpstreamError({ code: 'store-away', text: 'The store is away.', remedy: 'Wait.' });
  await runBot(slack, { reports: { ...testDesk(), pools: { view: () => Promise.reject(away) } } });
  expect((await command(slack, 'pools')).text).toBe('The store is away. Wait.');
});

test('a mention is answered for everyone, a direct message for the person, a stranger not at all', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: reportingDesk().reports, read: { users: [ANNA.id] } });
  const mention = await answerTo(slack, () =>
    slack.say({ user: ANNA.id, channel: OPS, text: `<@${slack.botUser}> pools billing` }),
  );
  expect(mention.ephemeralTo).toBeNull();
  expect(lines(mention)[0]).toBe('# Pools of billing: 2 processes');
  expect(shown(mention)).toContain('Asked by ');
  const direct = { user: ANNA.id, channel: 'D0000ANNA1' };
  const mine = await answerTo(slack, () => slack.say({ ...direct, text: 'pools billing' }), direct);
  expect(shown(mine)).toContain('(Back) (Refresh) (Share)');
  const refused = await command(slack, 'pools', { user: BEN.id });
  expect(refused.text).not.toContain('billing');
});

test('five hundred apps with odd names fit in one message, and the others are on its pages', async () => {
  const slack = await newSlack();
  const odd = Array.from({ length: 500 }, (_, n) =>
    record({ app: `<!channel> *${n}* \u202e\u0000 ${'x'.repeat(150)}` }),
  );
  await runBot(slack, { reports: reportingDesk(odd).reports });
  const all = await command(slack, 'pools');
  expect(lines(all)[0]).toBe('# Pools: 500 apps, 500 processes');
  expect(all.text).not.toContain('<!channel>');
  expect(shown(all)).toMatch(/and \d+ more \| - \|/);
  const next = await press(slack, all, { actionId: 'later_rows' });
  expect(shown(next)).toMatch(/\d+ before \| - \|/);
});

test('a source names the pools of its app in one line, where the app reports', async () => {
  const slack = await newSlack();
  const { reports, state } = reportingDesk([record()], { prod: prodReport });
  await runBot(slack, { reports });
  const line =
    'Its app **billing** reports 10 open pooled connections, 3 in use, 0 waiting, from all of its sources: `/atlas-conns pools billing in prod`';
  expect(lines(await command(slack, 'source Billing API'))).toContain(line);
  expect(shown(await command(slack, 'source Web EU'))).not.toContain('Its app');
  state.records = [];
  expect(shown(await command(slack, 'source Billing API'))).not.toContain('Its app');
});
