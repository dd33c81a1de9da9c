// Slack's settings where Slack is looked at only if anything of it is set.

import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';

async function slackOf(env: Readonly<Record<string, string>>, file = '') {
  const all = file === '' ? env : { ...env, ATLAS_CONNS_CONFIG: 'settings.yaml' };
  return (await readConfig({ env: all, readFile: async () => file, needs: ['slack-if-set'] })).slack;
}

test('none of it set: nothing is missing', async () => {
  expect(await slackOf({ PORT: '8080' })).toMatchObject({ isSet: false, transport: null, missing: [] });
});

test.each([
  [{ SLACK_APP_TOKEN: 'xapp-1', SLACK_ALERT_CHANNEL: 'C0ALERTS' }, '', ['SLACK_BOT_TOKEN']],
  [{ SLACK_ALERT_CHANNEL: 'C0ALERTS' }, '', ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN']],
  [{ SLACK_BOT_TOKEN: 'xoxb-1' }, '', ['SLACK_APP_TOKEN']],
  [{}, 'slack: { channel: C0ALERTS }', ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN']],
])('any of it set: what the bot would need is reported, and stops nothing (%j %s)', async (env, file, expected) => {
  const { isSet, transport, missing } = await slackOf(env, file);
  expect({ isSet, transport }).toEqual({ isSet: true, transport: null });
  expect(missing.map(({ text }) => text)).toEqual(expected.map((name) => `${name} is missing.`));
});

test('all of it set: nothing is missing', async () => {
  expect(await slackOf({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' })).toMatchObject({
    isSet: true,
    transport: { kind: 'socket' },
    missing: [],
  });
});
