// The stand-in Slack, driven by a real Bolt app over both of its transports.

import type { App } from '@slack/bolt';
import { afterEach, expect, test } from 'vitest';
import { type BoltApp, boltByHttp, boltBySocket } from './slack/bolt.ts';
import { ANNA, BEN } from './slack/people.ts';
import { PATIENT_MS, type SlackControls, type SlackOptions, startSlack } from './slack/server.ts';
import type { SlackStandIn } from './slack/stand-in.ts';

type Slack = SlackStandIn & SlackControls;

const CHANNEL = 'C0000DBOPS';
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(
  connect: typeof boltBySocket,
  listen: (app: App) => void,
  options: SlackOptions = {},
): Promise<{ slack: Slack; bolt: BoltApp }> {
  const slack = await startSlack({ ackMs: PATIENT_MS, ...options });
  closers.push(() => slack.close());
  const bolt = await connect(slack, listen);
  closers.push(() => bolt.close());
  return { slack, bolt };
}

const button = (text: string, action_id: string) => ({
  type: 'actions' as const,
  elements: [{ type: 'button' as const, text: { type: 'plain_text' as const, text }, action_id, value: 'v1' }],
});

function answering(app: App): void {
  app.command('/atlas-conns', async ({ ack, respond, command }) => {
    await ack();
    await respond({ text: `you said ${command.text}`, blocks: [button('Open', 'open')] });
  });
  app.action('open', async ({ ack, respond }) => {
    await ack();
    await respond({ replace_original: true, text: 'opened', blocks: [button('Back', 'back')] });
  });
  app.event('app_home_opened', async ({ event, client }) => {
    const text = { type: 'plain_text' as const, text: event.view === undefined ? 'first' : 'again' };
    await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [{ type: 'header', text }] } });
  });
  app.event('app_mention', async ({ event, client }) => {
    await client.chat.postMessage({ channel: event.channel, thread_ts: event.thread_ts ?? event.ts, text: event.text });
  });
}

const transports = [
  ['Socket Mode', boltBySocket],
  ['HTTP', boltByHttp],
] as const;

test.each(transports)(
  '%s: a command is acknowledged, and its answer is seen by who asked alone',
  async (_name, connect) => {
    const { slack } = await start(connect, answering);
    const delivery = await slack.command({ user: ANNA.id, channel: CHANNEL, text: '/atlas-conns prod <1' });
    expect(delivery).toEqual({ acknowledged: true, tookMs: expect.any(Number) });
    const seen = await slack.until(() => slack.messages(CHANNEL, ANNA.id)[0]);
    expect(seen).toMatchObject({ text: 'you said prod &lt;1', ephemeralTo: ANNA.id, user: slack.botUser, edits: 0 });
    expect(slack.messages(CHANNEL, BEN.id)).toEqual([]);
  },
);

test.each(transports)('%s: a click replaces the ephemeral message it was made on', async (_name, connect) => {
  const { slack } = await start(connect, answering);
  await slack.command({ user: ANNA.id, channel: CHANNEL, text: 'prod' });
  const seen = await slack.until(() => slack.messages(CHANNEL, ANNA.id)[0]);
  const press = { user: ANNA.id, message: { channel: CHANNEL, ts: seen.ts }, actionId: 'open' };
  expect(await slack.press(press)).toMatchObject({ acknowledged: true });
  const replaced = await slack.until(() => slack.messages(CHANNEL, ANNA.id).find(({ edits }) => edits === 1));
  expect(replaced).toMatchObject({ ts: seen.ts, text: 'opened' });
  await expect(slack.press(press)).rejects.toThrow('nothing with the action_id open');
});

test.each(transports)(
  '%s: App Home is published when opened, and the next opening tells what it shows',
  async (_name, connect) => {
    const { slack } = await start(connect, answering);
    await slack.openHome(ANNA.id);
    const first = await slack.until(() => slack.home(ANNA.id));
    expect(first).toMatchObject({ version: 1, blocks: [{ text: { text: 'first' } }] });
    await slack.openHome(ANNA.id);
    const second = await slack.until(() => slack.home(ANNA.id)?.version === 2 && slack.home(ANNA.id));
    expect(second).toMatchObject({ blocks: [{ text: { text: 'again' } }] });
  },
);

test('a mention where the app does not belong reaches it after an invitation, which Slack hints at', async () => {
  const { slack } = await start(boltBySocket, answering);
  const seen = (by: string) => slack.messages('C000RANDOM', by).map(({ text }) => text);
  const said = `<@${slack.botUser}> prod`;
  expect(await slack.say({ user: ANNA.id, channel: 'C000RANDOM', text: said })).toBeNull();
  const hint = `You mentioned <@${slack.botUser}>, but they're not in this channel. To invite them, type \`/invite @atlas-conns\`.`;
  expect(seen(ANNA.id)).toEqual([said, hint]);
  expect(seen(BEN.id)).toEqual([said]);
  await slack.command({ user: ANNA.id, channel: 'C000RANDOM', text: '/invite @atlas-conns' });
  expect(await slack.say({ user: ANNA.id, channel: 'C000RANDOM', text: said })).toMatchObject({ acknowledged: true });
  await slack.until(() => seen(BEN.id).filter((text) => text === said)[2]);
  expect(seen(ANNA.id)).toEqual([said, hint, 'joined the channel', said, said]);
});

test.each(transports)('%s: a mention in a thread is delivered and can be answered there', async (_name, connect) => {
  const { slack } = await start(connect, answering);
  await slack.say({ user: ANNA.id, channel: CHANNEL, text: '@atlas-conns prod' });
  const root = slack.messages(CHANNEL, ANNA.id)[0];
  const answer = await slack.until(() => slack.messages(CHANNEL, BEN.id)[1]);
  expect(answer).toMatchObject({ threadTs: root?.ts, text: `<@${slack.botUser}> prod`, ephemeralTo: null });
  expect(await slack.say({ user: ANNA.id, channel: CHANNEL, text: 'nobody is meant' })).toBeNull();
});

test('what a person types reaches a command as Slack escapes it', async () => {
  const heard: string[] = [];
  const { slack } = await start(boltBySocket, (app) =>
    app.command('/atlas-conns', async ({ ack, command }) => {
      heard.push(command.text);
      await ack();
    }),
  );
  await slack.command({
    user: ANNA.id,
    channel: CHANNEL,
    text: 'a & <b> http://a.example/x node.example.com @ben #random',
  });
  expect(heard).toEqual([
    'a &amp; &lt;b&gt; <http://a.example/x> <http://node.example.com|node.example.com> <@U00000BEN1|ben> <#C000RANDOM|random>',
  ]);
});

test('a page answers what is not the app’s', async () => {
  const page: SlackOptions['page'] = (standIn) => (_request, response) => response.end(standIn.botUser);
  const slack = await startSlack({ page });
  closers.push(() => slack.close());
  expect(await (await fetch(`${slack.url}/anything`)).text()).toBe(slack.botUser);
  expect((await fetch(`${slack.apiUrl}auth.test`)).headers.get('content-type')).toContain('json');
});
