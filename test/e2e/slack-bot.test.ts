// The real bot over the stand-ins, by Socket Mode and by HTTP: every command, every button, in every kind of place.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/core/commands/commands.ts';
import { ANNA, BEN } from '../sandbox/slack/people.ts';
import { answerTo, command, OPS, optionOf, press } from '../slack/bot-fixture.ts';
import { DIRECT, movesOf, openWorkplace, tableOf, type Workplace, wordsIn } from './slack.ts';

const TITLE = /^prod — [\d,]+ connections, busiest node at \d+ %\n/;

describe.each(['socket', 'http'] as const)('by %s', (transport) => {
  let work: Workplace;
  beforeAll(async () => {
    work = await openWorkplace({ transport });
  });
  afterAll(() => work?.close());
  const type = (text: string) => command(work.slack, text);

  test('the report is a table of sources for the one who asked, with its moves', async () => {
    const report = await type('prod');
    expect(report.text).toMatch(TITLE);
    expect(report.ephemeralTo).toBe(ANNA.id);
    expect(movesOf(report.blocks)).toEqual(['choose_source', 'refresh', 'nodes', 'share']);
    const [head, ...rows] = tableOf(report);
    expect(head).toEqual(['Source', 'Dormant', 'Connections', 'Active', 'Clients', 'Heartbeats']);
    expect(rows.map(([name]) => name)).toContain('Billing API');
  });

  test.each([
    ['app', 'billing'],
    ['user', 'web@admin'],
    ['host', '198.51.100.200'],
    ['driver', 'mongo-go-driver 2.4.0'],
    ['node', '127.0.0.1:'],
  ])('turned around by %s, rows are named so, and their figures are still those of the cluster', async (by, row) => {
    const turned = await type(`prod by ${by}`);
    expect(turned.text).toContain(`prod by ${by} — `);
    const [head = [], ...rows] = tableOf(turned);
    expect(head[0]?.toLowerCase()).toBe(by);
    expect(rows.map(([name]) => name)).toContainEqual(expect.stringContaining(row));
  });

  test.each(['source "Billing API" in prod', 'source billing api in prod', 'source 203.0.113.2 in prod'])(
    '%s opens one source',
    async (text) => {
      const source = await type(text);
      expect(source.text).toMatch(/^Billing API · 203\.0\.113\.0\/24 on the access list/);
      expect(tableOf(source)[0]).toEqual(['App', 'Host', 'Dormant', 'Active', 'Driver', 'Node']);
    },
  );

  test('nodes, hygiene, status and help answer what they say', async () => {
    const nodes = await type('nodes prod');
    expect(nodes.text).toMatch(/^prod — 3 nodes\n/);
    expect(
      tableOf(nodes)
        .slice(1)
        .map(([, , , , role]) => role),
    ).toEqual(['primary', 'secondary', 'secondary']);
    const hygiene = await type('hygiene prod');
    expect(hygiene.text).toMatch(
      /^All clusters of the project — \d findings about the access list\n192\.0\.2\.77 holds/,
    );
    const status = await type('status');
    expect(status.text).toMatch(/^atlas-conns \d/);
    expect(tableOf(status).map(([cluster]) => cluster)).toEqual(['Cluster', 'prod', 'sandbox', 'staging']);
    expect(status.text).toMatch(/^prod: read .*, 3 of 3 nodes$/m);
    const help = wordsIn((await type('help')).blocks);
    for (const { usage } of Object.values(COMMANDS)) expect(help).toContain(`/atlas-conns ${usage}`);
  });

  test.each([
    ['prdo', 'I don\'t know a cluster "prdo". Did you mean "/atlas-conns prod"?'],
    ['sorce Billing', 'I don\'t know "sorce". Did you mean "/atlas-conns source'],
    ['prod by colour', 'A report cannot be grouped by "colour".'],
    ['source 8.8.8.8 in prod', 'No source "8.8.8.8" has connections to prod.'],
    ['<!channel>', 'I don\'t know "'],
  ])('wrong words are answered with what was wrong: %s', async (text, said) => {
    const answer = await type(text);
    expect(answer.text).toContain(said);
    expect(answer.ephemeralTo).toBe(ANNA.id);
    expect(answer.text).not.toContain('<!channel>');
  });

  test('with no cluster named, the choice of one is answered in place', async () => {
    const choice = await type('by app');
    const chosen = await press(work.slack, choice, {
      actionId: 'choose_cluster',
      option: optionOf(choice, 'staging'),
    });
    expect(chosen.text).toMatch(/^staging by app — /);
    expect(chosen.ts).toBe(choice.ts);
  });

  test('an M0 cluster tells its totals and why it tells no more', async () => {
    const report = await type('sandbox');
    expect(report.text).toMatch(/^sandbox — \d+ connections, busiest node at \d+ %\n/);
    expect(report.text).toContain('refuses $currentOp, as M0 and Flex clusters do');
    expect(tableOf(report)).toEqual([]);
  });

  test('from the report to a source, back, to the nodes, back, and a fresh reading, all in one message', async () => {
    const { slack } = work;
    const report = await type('prod');
    const option = optionOf(report, 'Billing API');
    const source = await press(slack, report, { actionId: 'choose_source', option });
    expect(source.text).toMatch(/^Billing API · /);
    const back = await press(slack, source, { actionId: 'back' });
    expect(back.text).toMatch(TITLE);
    const nodes = await press(slack, back, { actionId: 'nodes' });
    expect(nodes.text).toMatch(/^prod — 3 nodes/);
    const again = await press(slack, nodes, { actionId: 'back' });
    work.project.scenario.cluster('prod').spike('Billing API', 6);
    const fresh = await press(slack, again, { actionId: 'refresh' });
    work.project.scenario.cluster('prod').calm('Billing API');
    const dormant = (shown: typeof report) =>
      Number(
        tableOf(shown)
          .find(([name]) => name === 'Billing API')?.[1]
          ?.replaceAll(',', ''),
      );
    expect(dormant(fresh)).toBeGreaterThan(3 * dormant(report));
    expect(new Set([report, source, back, nodes, again, fresh].map(({ ts }) => ts)).size).toBe(1);
  });

  test('Share posts for all; what another opens there opens for them alone', async () => {
    const { slack } = work;
    const shared = await press(slack, await type('prod'), { actionId: 'share' });
    expect(shared).toMatchObject({ ephemeralTo: null, text: expect.stringContaining(`Shared by <@${ANNA.id}>`) });
    const option = optionOf(shared, 'Web EU');
    const opened = await press(slack, shared, { actionId: 'choose_source', option, user: BEN.id });
    expect(opened).toMatchObject({ ephemeralTo: BEN.id, text: expect.stringMatching(/^Web EU · /) });
    expect(slack.messages(OPS, BEN.id).find(({ ts }) => ts === shared.ts)?.edits).toBe(0);
  });

  test('a mention is answered in its thread, in a channel and within a thread; a direct message is answered', async () => {
    const { slack } = work;
    const say = (text: string, channel: string, threadTs?: string) =>
      answerTo(
        slack,
        () => slack.say({ user: ANNA.id, channel, text, ...(threadTs === undefined ? {} : { threadTs }) }),
        { channel },
      );
    const mention = `<@${slack.botUser}>`;
    const first = await say(`${mention} prod`, OPS);
    expect(first).toMatchObject({ ephemeralTo: null, text: expect.stringMatching(TITLE) });
    const asked = slack.messages(OPS, ANNA.id).findLast(({ user }) => user === ANNA.id);
    expect(first.threadTs).toBe(asked?.ts);
    const second = await say(`${mention} nodes prod`, OPS, first.threadTs ?? undefined);
    expect(second).toMatchObject({ threadTs: first.threadTs, text: expect.stringMatching(/^prod — 3 nodes/) });
    expect((await say('prod', DIRECT)).text).toMatch(TITLE);
  });

  test('App Home shows every cluster; a report opens in it, a source in that, and Back leads out again', async () => {
    const { slack } = work;
    const user = ANNA.id;
    const home = () => slack.home(user);
    const showing = (words: string) =>
      slack.until(() => {
        const shown = home();
        return shown !== null && wordsIn(shown.blocks).includes(words) && shown;
      });
    const pressHome = (actionId: string, more: { readonly blockId?: string; readonly option?: string } = {}) =>
      slack.press({ user, message: null, actionId, ...more });
    await slack.openHome(user);
    const overview = await showing('Last read');
    expect(wordsIn(overview.blocks)).toMatch(/prod.*busiest node at.*staging.*sandbox.*This bot/s);
    const before = overview.version;
    await pressHome('home_refresh');
    await slack.until(() => (home()?.version ?? 0) > before);
    await pressHome('open_cluster');
    const report = await showing('Choose a source');
    expect(wordsIn(report.blocks)).toMatch(/^prod — /);
    await pressHome('choose_source', { option: optionOf(report, 'Billing API') });
    const source = await showing('on the access list');
    expect(movesOf(source.blocks)).toContain('back');
    await pressHome('back');
    await showing('Choose a source');
    await pressHome('home_back');
    await showing('This bot');
  });
});
