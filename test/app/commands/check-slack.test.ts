import { expect, onTestFinished, test } from 'vitest';
import { checkSlack } from '../../../src/app/commands/check-dependencies.ts';
import type { CheckFinding } from '../../../src/app/commands/types.ts';
import { ANNA } from '../../sandbox/slack/people.ts';
import { startSlack } from '../../sandbox/slack/server.ts';
import { OPS } from '../../slack/bot-fixture.ts';
import { ROUTING } from '../monitor/scene.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

type Slack = Awaited<ReturnType<typeof startSlack>>;
interface Asked {
  readonly alert?: boolean;
  readonly channel?: string | null;
  readonly slack?: Slack;
}

async function started(): Promise<Slack> {
  const slack = await startSlack();
  onTestFinished(() => slack.close());
  return slack;
}

async function checked(change: (slack: Slack) => object = () => ({}), asked: Asked = {}) {
  const slack = asked.slack ?? (await started());
  const { botToken, appToken, apiUrl } = slack;
  const tokens = { botToken, appToken, ...change(slack) };
  const nobody = { users: [], groups: [], channels: [] };
  const settings = {
    transport: { kind: 'socket' as const, ...tokens },
    apiUrl,
    command: '/atlas-conns',
    read: nobody,
    act: nobody,
  };
  const findings: CheckFinding[] = [];
  const routing = { ...ROUTING, channel: asked.channel ?? null };
  const input = { settings, routing, alert: asked.alert ?? false, now: () => new Date(), log: silent };
  for await (const finding of checkSlack(input)) findings.push(finding);
  return findings;
}

test('tokens, scopes and channels that are as they should be are said to be', async () => {
  const findings = await checked();
  expect(findings.every(({ ok }) => ok)).toBe(true);
  expect(findings).toHaveLength(3);
});

test('a wrong bot token, and a wrong app token, are each named', async () => {
  const findings = await checked(() => ({ botToken: 'xoxb-wrong', appToken: 'xapp-wrong' }));
  expect(findings.map(({ ok, problem }) => [ok, problem?.text])).toEqual([
    [false, expect.stringContaining('SLACK_BOT_TOKEN')],
    [false, expect.stringContaining('SLACK_APP_TOKEN')],
  ]);
  expect(JSON.stringify(findings)).not.toContain('wrong');
});

test('a missing scope is named with its line of the manifest', async () => {
  const findings = await checked((slack) => {
    slack.setScopes(['chat:write', 'users:read', 'channels:read', 'groups:read']);
    return {};
  });
  const remedies = findings.flatMap(({ problem }) => problem?.remedy ?? []);
  expect(remedies).toContainEqual(expect.stringContaining('Add commands under oauth_config.scopes.bot'));
});

test('a channel that alerts go to and that the bot is not in is named before it is needed', async () => {
  const findings = await checked(() => ({}), { channel: 'C000RANDOM' });
  expect(findings.flatMap(({ problem }) => problem?.text ?? [])).toEqual([
    expect.stringMatching(/^Alerts cannot be posted in #random/),
  ]);
});

test('a test alert is posted, replied to and ended in the channel of alerts, and marked as a test', async () => {
  const slack = await started();
  const findings = await checked(() => ({}), { slack, alert: true, channel: OPS });
  expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  expect(findings.slice(-3).map(({ what }) => what)).toEqual([
    `Slack: a test alert in ${OPS}`,
    `Slack: a reply in its thread in ${OPS}`,
    `Slack: its end, as an edit, in ${OPS}`,
  ]);
  const [alert, reply, ...rest] = slack.messages(OPS, ANNA.id);
  expect(rest).toEqual([]);
  expect(alert).toMatchObject({ text: expect.stringContaining('Test alert'), edits: 1, threadTs: null });
  expect(reply).toMatchObject({ threadTs: alert?.ts, edits: 0 });
});

test('without --alert nothing is posted', async () => {
  const slack = await started();
  await checked(() => ({}), { slack, channel: OPS });
  expect(slack.messages(OPS, ANNA.id)).toEqual([]);
  expect(slack.calls.filter(({ method }) => method.startsWith('chat.'))).toEqual([]);
});

test('a test alert that does not arrive is missing, and one that has no channel too', async () => {
  const slack = await started();
  slack.archive(OPS);
  const refused = await checked(() => ({}), { slack, alert: true, channel: OPS });
  expect(refused.at(-1)).toMatchObject({ ok: false, what: `Slack: a test alert in ${OPS}` });
  expect(refused.at(-1)?.problem?.text).toContain('archived');
  const nowhere = await checked(() => ({}), { alert: true });
  expect(nowhere.at(-1)).toMatchObject({ ok: false, problem: { code: 'no-alert-channel' } });
  const noToken = await checked(() => ({ botToken: 'xoxb-wrong' }), { alert: true, channel: OPS });
  expect(noToken.map(({ what }) => what)).not.toContainEqual(expect.stringContaining('test alert'));
});
