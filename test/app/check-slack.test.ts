import { expect, onTestFinished, test } from 'vitest';
import type { Finding } from '../../src/app/check.ts';
import { checkSlack } from '../../src/app/check-slack.ts';
import { startSlack } from '../sandbox/slack/server.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function checked(change: (slack: Awaited<ReturnType<typeof startSlack>>) => object = () => ({})) {
  const slack = await startSlack();
  onTestFinished(() => slack.close());
  const { botToken, appToken, apiUrl } = slack;
  const tokens = { botToken, appToken, ...change(slack) };
  const nobody = { users: [], groups: [], channels: [] };
  const settings = {
    transport: { kind: 'socket' as const, ...tokens },
    apiUrl,
    command: '/atlas-conns',
    channel: null,
    critical: { channel: null, mention: null },
    read: nobody,
    act: nobody,
  };
  const findings: Finding[] = [];
  for await (const finding of checkSlack(settings, silent)) findings.push(finding);
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
