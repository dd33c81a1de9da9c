// The life of an alert in the real bot, in real time: read every other second, told in Slack, handled there by people.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ANNA, BEN } from '../sandbox/slack/people.ts';
import type { Message } from '../sandbox/slack/stand-in.ts';
import { command, OPS } from '../slack/bot-fixture.ts';
import { movesOf, openWorkplace, type Workplace } from './slack.ts';

/** Limits that need no history; a source for each test, so that none begins with the end of another. */
const SETTINGS = `
schedule: "*/2 * * * * *"
projects:
  - id: \${MONGODB_ATLAS_PROJECT_ID}
    clientId: \${MONGODB_ATLAS_CLIENT_ID}
    clientSecret: \${MONGODB_ATLAS_CLIENT_SECRET}
    username: \${MONGODB_USERNAME}
    password: \${MONGODB_PASSWORD}
    clusters: [prod]
rules:
  { dormant-spike: off, pooled-spike: off, churn: off, clients: off, new-source: off, unreadable: off, overrides: [
    { source: "Billing API", dormant-threshold: { limit: 250, readings: "1 of 1" } },
    { source: "Web EU", dormant-threshold: { limit: 600, readings: "1 of 1" } },
    { source: "vpc-*", dormant-threshold: { limit: 500, readings: "1 of 1", severity: critical } },
    { source: "*reports*", dormant-threshold: { limit: 100, readings: "1 of 1" } } ] }
slack:
  channel: ${OPS}
  routes:
    - { source: "Billing API", owner: "${BEN.id}", runbook: "https://wiki.example.com/billing" }
`;

let directory: string;
let work: Workplace;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-alert-'));
  await writeFile(join(directory, 'settings.yaml'), SETTINGS);
  work = await openWorkplace({
    env: { ATLAS_CONNS_CONFIG: join(directory, 'settings.yaml'), ATLAS_CONNS_DATA_DIR: join(directory, 'data') },
  });
});
afterAll(async () => {
  await work?.close();
  await rm(directory, { recursive: true });
});

const user = ANNA.id;
const prod = () => work.project.scenario.cluster('prod');
const all = () => work.slack.messages(OPS, user).filter(({ ephemeralTo }) => ephemeralTo === null);
/** Messages of alerts about a source, not their threads. */
const about = (who: string) =>
  all().filter(({ threadTs, text }) => threadTs === null && (text.split('\n')[0] ?? '').includes(`— ${who}`));
const inState = (who: string, state: string) =>
  work.slack.until(() => about(who).find(({ text }) => text.startsWith(state)));
const reply = ({ ts }: Message, words: RegExp) =>
  work.slack.until(() => all().find(({ threadTs, text }) => threadTs === ts && words.test(text)));
const press = ({ channel, ts }: Message, actionId: string) =>
  work.slack.press({ user, message: { channel, ts }, actionId });

test('it fires, is acknowledged, gets worse in its thread, and ends: all of it is one message', async () => {
  prod().spike('Billing API', 6);
  const fired = await inState('Billing API', 'Firing');
  expect(fired.text).toMatch(/^Firing — Billing API: \d+ dormant connections.* · prod\nSince /);
  expect(fired.text).toContain('https://wiki.example.com/billing');
  expect(movesOf(fired.blocks)).toEqual(['alert_acknowledge', 'alert_silence', 'alert_details']);

  await press(fired, 'alert_acknowledge');
  const acknowledged = await inState('Billing API', 'Acknowledged');
  expect(acknowledged.text.split('\n')[0]).toContain(`by <@${ANNA.id}>`);
  expect(movesOf(acknowledged.blocks)).toEqual(['alert_silence', 'alert_details']);

  prod().spike('Billing API', 18);
  const worse = await reply(fired, /^Worse: /);
  expect(worse.broadcast ?? false).toBe(false);
  expect(worse.text).toContain(`<@${ANNA.id}>`);

  prod().calm('Billing API');
  const ended = await inState('Billing API', 'Ended');
  await reply(fired, /^Ended after /);
  expect(ended.text).toMatch(/peak [\d,]+/);
  expect(movesOf(ended.blocks)).toEqual([]);
  expect(about('Billing API').map(({ ts }) => ts)).toEqual([fired.ts]);

  prod().spike('Billing API', 6);
  const again = await inState('Billing API', 'Firing again');
  expect(again.ts).toBe(fired.ts);
  await work.slack.until(() => all().find(({ threadTs, broadcast }) => threadTs === fired.ts && broadcast === true));
  prod().calm('Billing API');
  await inState('Billing API', 'Ended');
});

test('whether the bot is stopped or killed in the middle, it goes on with the one message', async () => {
  prod().spike('Web EU', 5);
  const fired = await inState('Web EU', 'Firing');
  await work.restart('close');
  prod().spike('Web EU', 10);
  await reply(fired, /^Worse: /);
  await work.restart('kill');
  prod().calm('Web EU');
  await inState('Web EU', 'Ended');
  await reply(fired, /^Ended after /);
  expect(about('Web EU').map(({ ts }) => ts)).toEqual([fired.ts]);
  const thread = all().filter(({ threadTs }) => threadTs === fired.ts);
  expect(thread.map(({ text }) => text.split(/[ :]/)[0])).toEqual(['Worse', 'Ended']);
});

test('what began while the bot was dead is told when it is back', async () => {
  await work.bot().kill();
  prod().spike('Kubernetes (peered VPC)', 6);
  await work.restart();
  const fired = await inState('vpc-', 'Firing (critical)');
  prod().calm('Kubernetes (peered VPC)');
  await inState('vpc-', 'Ended');
  expect(about('vpc-').map(({ ts }) => ts)).toEqual([fired.ts]);
});

test('silenced in the form it is quiet though it gets worse; told again when the silence is ended', async () => {
  const source = 'Reports (private endpoint)';
  const { slack } = work;
  prod().spike(source, 6);
  const fired = await inState('private endpoint', 'Firing');
  await press(fired, 'alert_silence');
  await slack.until(() => slack.modal(user));
  await slack.submit(user, {
    duration: { duration: { type: 'radio_buttons', selected_option: { value: '4h' } } },
    date: { date: { type: 'datetimepicker', selected_date_time: null } },
    reason: { reason: { type: 'plain_text_input', value: 'load test' } },
    options: { options: { type: 'checkboxes', selected_options: [] } },
  });
  const silenced = await inState('private endpoint', 'Silenced');
  expect(silenced.text.split('\n')[0]).toContain('load test');
  prod().spike(source, 20);
  await slack.until(() => about('private endpoint').find(({ text, edits }) => edits > silenced.edits && text));
  expect(all().filter(({ threadTs }) => threadTs === fired.ts)).toEqual([]);
  expect((await command(slack, 'alerts')).text).toMatch(/^Alerts: 1 silenced/);

  await command(slack, 'unsilence reports');
  expect((await inState('private endpoint', 'Firing')).ts).toBe(fired.ts);
  await slack.until(() => all().find(({ threadTs }) => threadTs === fired.ts));
  prod().calm(source);
  await inState('private endpoint', 'Ended');
});
