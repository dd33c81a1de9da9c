// Deliveries that go wrong, response URLs and triggers that end: what a bot on the stand-in Slack has to survive.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App } from '@slack/bolt';
import { afterEach, expect, test } from 'vitest';
import { type BoltApp, boltByHttp, boltBySocket } from './slack/bolt.ts';
import { ANNA } from './slack/people.ts';
import { PATIENT_MS, type SlackControls, type SlackOptions, startSlack } from './slack/server.ts';
import type { SlackStandIn } from './slack/stand-in.ts';

const CHANNEL = 'C0000DBOPS';
const ELSEWHERE = 'C000RANDOM';
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(
  connect: (slack: SlackStandIn & SlackControls, listen: (app: App) => void) => Promise<BoltApp>,
  listen: (app: App) => void,
  options: SlackOptions = {},
): Promise<SlackStandIn & SlackControls> {
  const slack = await startSlack({ ackMs: PATIENT_MS, ...options });
  closers.push(() => slack.close());
  const bolt = await connect(slack, listen);
  closers.push(() => bolt.close());
  return slack;
}

const command = { user: ANNA.id, channel: CHANNEL, text: 'prod' };
const transports = [
  ['Socket Mode', boltBySocket],
  ['HTTP', boltByHttp],
] as const;

test.each(transports)('%s: a command that is not acknowledged in time fails for the person', async (_name, connect) => {
  const slack = await start(connect, (app) => app.command('/atlas-conns', () => new Promise(() => {})), { ackMs: 50 });
  expect(await slack.command(command)).toEqual({ acknowledged: false, tookMs: null });
  const [complaint] = slack.messages(CHANNEL, ANNA.id);
  expect(complaint?.text).toBe('/atlas-conns failed with the error "operation_timeout"');
});

test.each(transports)('%s: a delivery can come twice', async (_name, connect) => {
  let heard = 0;
  const slack = await start(connect, (app) => app.event('app_mention', async () => void heard++));
  slack.faults.deliverTwice();
  await slack.say({ user: ANNA.id, channel: CHANNEL, text: '@atlas-conns prod' });
  expect(heard).toBe(2);
});

test.each(transports)(
  '%s: a response URL works five times, half an hour long, and without membership',
  async (_name, connect) => {
    let time = Date.parse('2026-11-21T10:00:00Z');
    const urls: string[] = [];
    const listen = (app: App) =>
      app.command('/atlas-conns', async ({ ack, command: { response_url } }) => {
        urls.push(response_url);
        await ack();
      });
    // Bolt compares a signature's time with its own clock.
    const slack = await start(connect, listen, connect === boltBySocket ? { now: () => new Date(time) } : {});
    await slack.command({ ...command, channel: ELSEWHERE });
    const [url = ''] = urls;
    const post = async (body: object) => {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), headers });
      return [response.status, await response.json()];
    };
    const headers = { 'content-type': 'application/json' };
    expect(await post({ text: 'reading' })).toEqual([200, { ok: true }]);
    expect(await post({ text: 'done', replace_original: true })).toEqual([200, { ok: true }]);
    expect(slack.messages(ELSEWHERE, ANNA.id)).toMatchObject([{ text: 'done', edits: 1, ephemeralTo: ANNA.id }]);
    expect(await post({ text: 'x', blocks: [{ type: 'no' }] })).toMatchObject([400, { error: 'invalid_blocks' }]);
    expect(await post({ text: 'all', response_type: 'in_channel' })).toMatchObject([200, { ok: true }]);
    expect(await post({ delete_original: true })).toMatchObject([200, { ok: true }]);
    expect(slack.messages(ELSEWHERE, ANNA.id)).toMatchObject([{ text: 'all', ephemeralTo: null }]);
    expect(await post({ text: 'x' })).toMatchObject([404, { error: 'used_url' }]);
    if (connect !== boltBySocket) return;
    await slack.command(command);
    time += 30 * 60_000 + 1;
    const late = await fetch(urls[1] ?? '', { method: 'POST', body: '{"text":"x"}', headers });
    expect([late.status, await late.json()]).toMatchObject([404, { error: 'expired_url' }]);
  },
);

test('a trigger opens one modal while it lives; what is sent with it comes back', async () => {
  let time = Date.parse('2026-11-21T10:00:00Z');
  const view = {
    type: 'modal' as const,
    callback_id: 'ask',
    title: { type: 'plain_text' as const, text: 'Ask' },
    submit: { type: 'plain_text' as const, text: 'Send' },
    blocks: [],
  };
  const listen = (app: App) => {
    app.command('/atlas-conns', async ({ ack, client, command: { trigger_id, text } }) => {
      await ack();
      if (text === 'late') time += PATIENT_MS + 1;
      for (let left = 2; left > 0; left -= 1) {
        // What came of it is in the calls.
        await client.views.open({ trigger_id, view }).catch(() => {});
      }
    });
    app.view('ask', async ({ ack }) => ack({ response_action: 'errors', errors: { a: 'no' } }));
  };
  const slack = await start(boltBySocket, listen, { now: () => new Date(time) });
  await slack.command({ ...command, text: 'now' });
  await slack.until(
    () => slack.calls.filter(({ method, result }) => method === 'views.open' && result !== 'unanswered').length === 2,
  );
  await slack.command({ ...command, text: 'late' });
  await slack.until(() => slack.calls.filter(({ result }) => result === 'expired_trigger_id').length === 2);
  const results = slack.calls.filter(({ method }) => method === 'views.open').map(({ result }) => result);
  expect(results).toEqual(['ok', 'exchanged_trigger_id', 'expired_trigger_id', 'expired_trigger_id']);
  const sent = await slack.submit(ANNA.id, {});
  expect(sent).toMatchObject({ acknowledged: true, answer: { response_action: 'errors' } });
  expect(slack.modal(ANNA.id)).not.toBeNull();
});

test('HTTP: what is not signed by Slack now is not taken', async () => {
  let heard = 0;
  const slack = await start(boltByHttp, (app) => {
    app.command('/atlas-conns', async ({ ack }) => {
      heard += 1;
      await ack();
    });
  });
  slack.faults.forge('signature');
  expect((await slack.command(command)).acknowledged).toBe(false);
  slack.faults.forge('timestamp');
  expect((await slack.command(command)).acknowledged).toBe(false);
  expect(heard).toBe(0);
  expect((await slack.command(command)).acknowledged).toBe(true);
  expect(await slack.verifyUrl()).toBe(true);
});

test('Socket Mode: an event that is not acknowledged comes again and says so; a command does not', async () => {
  const slack = await startSlack({ ackMs: 20, retryMs: [0] });
  closers.push(() => slack.close());
  const headers = { authorization: `Bearer ${slack.appToken}` };
  const opened = await fetch(`${slack.apiUrl}apps.connections.open`, { method: 'POST', headers });
  const { url } = (await opened.json()) as { url: string };
  const socket = new WebSocket(url);
  const received: Record<string, unknown>[] = [];
  const again = Promise.withResolvers<void>();
  socket.addEventListener('message', ({ data }) => {
    const envelope = JSON.parse(data);
    if (envelope.type === 'hello') return;
    received.push(envelope);
    if (envelope.retry_attempt === 1) again.resolve();
  });
  await slack.until(() => slack.connections() === 1);
  expect(await slack.command(command)).toMatchObject({ acknowledged: false });
  await slack.say({ user: ANNA.id, channel: CHANNEL, text: '@atlas-conns x' });
  await again.promise;
  expect(received).toMatchObject([
    { type: 'slash_commands', accepts_response_payload: true },
    { type: 'events_api', retry_attempt: 0, payload: { event: { type: 'app_mention' } } },
    { type: 'events_api', retry_attempt: 1, retry_reason: 'http_timeout' },
  ]);
  expect(received[2]?.['payload']).toEqual(received[1]?.['payload']);
});

test('HTTP: an event that was answered with an error comes again with its number and reason', async () => {
  const retries: (string | undefined)[][] = [];
  const again = Promise.withResolvers<void>();
  const app = createServer((request, response) => {
    const { 'x-slack-retry-num': number, 'x-slack-retry-reason': reason } = request.headers;
    retries.push([number, reason].map((header) => header?.toString()));
    response.writeHead(number === undefined ? 500 : 200).end();
    if (number !== undefined) again.resolve();
  }).listen(0, '127.0.0.1');
  await once(app, 'listening');
  closers.push(async () => void app.close());
  const { port } = app.address() as AddressInfo;
  const slack = await startSlack({ deliver: { kind: 'http', url: `http://127.0.0.1:${port}/` }, retryMs: [0] });
  closers.push(() => slack.close());
  expect(await slack.say({ user: ANNA.id, channel: CHANNEL, text: '@atlas-conns x' })).toMatchObject({
    acknowledged: false,
  });
  await again.promise;
  expect(retries).toEqual([
    [undefined, undefined],
    ['1', 'http_error'],
  ]);
});

test('Socket Mode: without a connection a command fails at once', async () => {
  const slack = await startSlack();
  closers.push(() => slack.close());
  expect(await slack.command(command)).toEqual({ acknowledged: false, tookMs: null });
  expect(slack.messages(CHANNEL, ANNA.id)[0]?.text).toContain('dispatch_failed');
});

test('Socket Mode: after a disconnect the app comes back, and each delivery meets one connection', async () => {
  let heard = 0;
  const listen = (app: App) =>
    app.command('/atlas-conns', async ({ ack }) => {
      heard += 1;
      await ack();
    });
  const slack = await start(boltBySocket, listen);
  const second = await boltBySocket(slack, listen);
  closers.push(() => second.close());
  expect(slack.connections()).toBe(2);
  await slack.command(command);
  expect(heard).toBe(1);
  slack.faults.disconnect();
  expect(slack.connections()).toBe(0);
  await slack.until(() => slack.connections() === 2);
  expect(await slack.command(command)).toMatchObject({ acknowledged: true });
  expect(heard).toBe(2);
});

test('Slack can be away and come back on the same address', async () => {
  const slack = await startSlack();
  closers.push(() => slack.close());
  await slack.faults.away();
  await expect(fetch(`${slack.apiUrl}auth.test`)).rejects.toThrow();
  await slack.faults.back();
  expect(await (await fetch(`${slack.apiUrl}auth.test`)).json()).toMatchObject({ ok: false, error: 'not_authed' });
});
