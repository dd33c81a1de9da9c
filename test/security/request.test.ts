// What somebody who is not Slack can do at the HTTP port.

import { createHmac } from 'node:crypto';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { ANNA } from '../sandbox/slack/people.ts';
import { newSlack, OPS, poll, runBot, type Slack, testDesk } from '../slack/bot-fixture.ts';

const MINUTES = 60;
const now = (): number => Math.floor(Date.now() / 1_000);

/** A slash command, byte by byte as Slack would send it. */
const commandBody = (slack: Slack, trigger = '13345224609.738474920.80889308'): string =>
  new URLSearchParams({
    command: '/atlas-conns',
    text: 'prod',
    user_id: ANNA.id,
    team_id: 'T1',
    channel_id: OPS,
    trigger_id: trigger,
    response_url: `${slack.url}/respond/none`,
  }).toString();

async function listening() {
  const slack = await newSlack();
  const desk = testDesk();
  const { log } = await runBot(slack, { desk, transport: 'http' });
  const address = log.find(({ message }) => message === 'listening for Slack')?.['address'] as AddressInfo;
  const post = (body: string, signed: { readonly time?: number; readonly secret?: string } | null) => {
    const time = String(signed?.time ?? now());
    const secret = signed?.secret ?? slack.signingSecret;
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${time}:${body}`).digest('hex')}`;
    const proof = signed === null ? {} : { 'x-slack-request-timestamp': time, 'x-slack-signature': signature };
    const headers = { 'content-type': 'application/x-www-form-urlencoded', ...proof };
    return fetch(`http://127.0.0.1:${address.port}/slack/events`, { method: 'POST', headers, body });
  };
  return { slack, desk, log, post, port: address.port };
}

test('a request without a signature, with one of another secret, or of more than five minutes ago is refused', async () => {
  const { slack, desk, post } = await listening();
  const body = commandBody(slack);
  const forged = [null, { secret: 'guessed' }, { time: now() - 6 * MINUTES }];
  for (const proof of forged) expect((await post(body, proof)).status).toBe(401);
  expect(desk.asked).toEqual([]);
  expect((await post(body, {})).status).toBe(200);
  await poll(() => desk.asked.length > 0);
});

test('a true request that somebody sends again within the five minutes is acknowledged, and nothing is done', async () => {
  const { slack, desk, log, post } = await listening();
  const body = commandBody(slack);
  const proof = { time: now() };
  expect((await post(body, proof)).status).toBe(200);
  await poll(() => desk.asked.length === 1);
  expect((await post(body, proof)).status).toBe(200);
  expect((await post(commandBody(slack, 'another'), {})).status).toBe(200);
  await poll(() => desk.asked.length > 1);
  expect(desk.asked).toEqual(['prod', 'prod']);
  expect(log.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a body above a megabyte is refused before it is read whole, and the next request is answered', async () => {
  const { slack, desk, post } = await listening();
  // Signed, so that nothing but its size is wrong with it.
  const huge = `${commandBody(slack)}&more=${'x'.repeat(1024 * 1024)}`;
  const refused = await post(huge, {}).then(
    ({ status }) => status,
    // Who goes on sending may meet the closed connection before the answer.
    () => 413,
  );
  expect(refused).toBe(413);
  expect(desk.asked).toEqual([]);
  expect((await post(commandBody(slack), {})).status).toBe(200);
});

test('a request that is no request of Slack is refused without a word in the log', async () => {
  const { log, port } = await listening();
  const before = log.length;
  const first = async (head: string) =>
    (await answerTo(port, `${head}\r\nHost: x\r\nConnection: close\r\n\r\n`)).split('\r\n')[0];
  expect(await first('GET // HTTP/1.1')).toContain('404');
  expect(await first('// HTTP/1.1')).toContain('400');
  expect(await first('GET /.env HTTP/1.1')).toContain('404');
  expect(log.slice(before).filter(({ level }) => level !== 'debug')).toEqual([]);
});

test('who sends half a body and waits is cut off, and keeps nobody out', async () => {
  const { slack, desk, post, port } = await listening();
  await Promise.all(Array.from({ length: 140 }, () => half(port)));
  expect((await post(commandBody(slack), {})).status).toBe(200);
  await poll(() => desk.asked.length === 1);
});

/** A client that promises more than it sends; resolves when it is cut off. */
async function half(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  // Cut off in the middle of a word is what it is.
  socket.on('error', () => undefined);
  socket.write('POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf');
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
}

async function answerTo(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(request);
  let said = '';
  for await (const piece of socket) said += piece;
  return said;
}
