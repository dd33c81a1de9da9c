// Invalid deliveries, and sockets that begin or end badly: the next command is answered.

import { expect, onTestFinished, test } from 'vitest';
import { command, newSlack, poll, type Running, runBot, type Slack } from './bot-fixture.ts';
import { postSigned } from './client/signed-post.ts';
import { EDIT, ODD_DELIVERIES, RATE_LIMITED, STRANGE_BUT_READ } from './odd-deliveries.ts';

const NOT_UNDERSTOOD = 'delivery not understood';
const MEGABYTE = 1024 * 1024;

/** Promises that nobody handles would end the process of the bot. */
function watchRejections(): readonly unknown[] {
  const rejections: unknown[] = [];
  const note = (reason: unknown) => void rejections.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  return rejections;
}

const troubles = ({ log }: Running) => log.filter(({ level }) => level === 'warn' || level === 'error');

const connectedTwice = ({ log }: Running) =>
  poll(() => log.filter(({ message }) => message === 'connected to Slack').length === 2);

async function expectAnswered(slack: Slack): Promise<void> {
  expect((await command(slack, 'help')).text).toContain('What you can ask');
}

test('by Socket Mode an invalid delivery is acknowledged with one warning, and the next command is answered', async () => {
  const rejections = watchRejections();
  const slack = await newSlack();
  const running = await runBot(slack);
  ODD_DELIVERIES.forEach(({ kind, payload }, at) => {
    slack.faults.send(JSON.stringify({ envelope_id: `odd ${at}`, type: kind, payload, secret: 'of Anna' }));
  });
  await expectAnswered(slack);
  const ids = ODD_DELIVERIES.map((_, at) => `odd ${at}`);
  expect(slack.acknowledged.filter((id) => id.startsWith('odd'))).toEqual(ids);
  expect(troubles(running)).toEqual(
    ODD_DELIVERIES.map(({ reason }) => ({
      level: 'warn',
      message: NOT_UNDERSTOOD,
      type: expect.toBeOneOf([expect.stringMatching(/^[a-z_]+$/), null]),
      reason,
      acknowledged: true,
    })),
  );
  expect(rejections).toEqual([]);
});

test('by HTTP an invalid delivery is refused or acknowledged with one warning, and the next command is answered', async () => {
  const rejections = watchRejections();
  const slack = await newSlack();
  const running = await runBot(slack, { transport: 'http' });
  for (const { kind, payload, name } of ODD_DELIVERIES) {
    // A command comes as a form, which is always an object.
    if (kind === 'slash_commands') continue;
    const body = JSON.stringify(payload);
    const { status } = await (kind === 'events_api'
      ? postSigned(slack, running, { body, type: 'application/json' })
      : postSigned(slack, running, { body: new URLSearchParams({ payload: body }).toString() }));
    const isObject = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
    expect({ name, status }).toEqual({ name, status: isObject ? 200 : 400 });
  }
  await expectAnswered(slack);
  const sent = ODD_DELIVERIES.filter(({ kind }) => kind !== 'slash_commands');
  expect(troubles(running).map(({ message, reason }) => ({ message, reason }))).toEqual(
    sent.map(({ reason }) => ({ message: NOT_UNDERSTOOD, reason })),
  );
  expect(rejections).toEqual([]);
});

test.each(['socket', 'http'] as const)(
  'by %s a delivery with strange parts that the bot does not need is taken without a warning',
  async (transport) => {
    const slack = await newSlack();
    const running = await runBot(slack, { transport, timing: { stop: 1 } });
    const given = [...STRANGE_BUT_READ, { kind: 'events_api' as const, name: 'an edit', payload: EDIT }];
    for (const [at, { kind, payload }] of given.entries()) {
      const name = `strange ${at}`;
      const whole = { ...Object(payload), trigger_id: name, event_id: name };
      if (transport === 'socket')
        slack.faults.send(JSON.stringify({ envelope_id: name, type: kind, payload: whole, retry_attempt: {} }));
      else if (kind === 'slash_commands') {
        const body = new URLSearchParams(JSON.parse(JSON.stringify(whole))).toString();
        expect((await postSigned(slack, running, { body })).status).toBe(200);
      } else {
        const body = JSON.stringify(whole);
        const form = new URLSearchParams({ payload: body }).toString();
        const sent = kind === 'events_api' ? { body, type: 'application/json' } : { body: form };
        expect((await postSigned(slack, running, sent)).status).toBe(200);
      }
    }
    await poll(
      () => running.log.filter(({ message }) => message === 'request received').length >= STRANGE_BUT_READ.length,
    );
    await expectAnswered(slack);
    expect(running.log.filter(({ message }) => message === NOT_UNDERSTOOD || message === 'delivery failed')).toEqual(
      [],
    );
  },
);

/** Each with its reason, and with what it is acknowledged by. */
const MESSAGES: readonly (readonly [string | Uint8Array, string, string | null])[] = [
  ['', 'the message is not JSON', null],
  ['not json', 'the message is not JSON', null],
  ['{"envelope_id":"cut","type":"slash_comm', 'the message is not JSON', null],
  ['['.repeat(200_000), 'the message is not JSON', null],
  [`${'['.repeat(200_000)}${']'.repeat(200_000)}`, 'the type is unknown', null],
  [Buffer.from('{"type":"hello"}'), 'the message is binary', null],
  [Buffer.alloc(MEGABYTE, 0xff), 'the message is binary', null],
  ...['null', '[]', '"x"', '123', 'true', '{}'].map((text) => [text, 'the type is unknown', null] as const),
  ['{"type":"something_new"}', 'the type is unknown', null],
  ['{"type":"something_new","envelope_id":"new"}', 'the type is unknown', 'new'],
  // The library would have emitted events of its own by these names.
  ...['disconnected', 'close', 'error', 'ws_message', 'slack_event', 'connected', '__proto__'].map(
    (type) => [`{"type":"${type}","envelope_id":"${type}"}`, 'the type is unknown', type] as const,
  ),
  ['{"type":{"a":1},"envelope_id":"object"}', 'the type is unknown', 'object'],
  ['{"type":"events_api"}', 'envelope_id is missing', null],
  ['{"type":"events_api","envelope_id":null,"payload":{}}', 'envelope_id is missing', null],
  ['{"type":"slash_commands","envelope_id":7,"payload":{}}', 'envelope_id is missing', null],
  ['{"type":"events_api","envelope_id":"none"}', 'the payload is not an object', 'none'],
  [JSON.stringify({ type: 'events_api', envelope_id: 'rl', payload: RATE_LIMITED }), 'the event is missing', 'rl'],
  [
    JSON.stringify({ type: 'slash_commands', envelope_id: 'huge', payload: { text: 'x'.repeat(4 * MEGABYTE) } }),
    'the message is too long',
    'huge',
  ],
];

test('a socket message that is not an envelope is one warning without its content, and the next command is answered', async () => {
  const rejections = watchRejections();
  const slack = await newSlack();
  const running = await runBot(slack);
  for (const [message] of MESSAGES) slack.faults.send(message);
  await expectAnswered(slack);
  // In another order: some are acknowledged first.
  expect(
    troubles(running)
      .map(({ message, reason }) => `${message}: ${reason}`)
      .toSorted(),
  ).toEqual(MESSAGES.map(([, reason]) => `${NOT_UNDERSTOOD}: ${reason}`).toSorted());
  const ids = MESSAGES.flatMap(([, , id]) => (id === null ? [] : [id]));
  expect(slack.acknowledged.filter((id) => ids.includes(id))).toEqual(ids);
  expect(JSON.stringify(running.log).length).toBeLessThan(20_000);
  expect(running.bot.problems()).toEqual([]);
  expect(rejections).toEqual([]);
});

test('an envelope whose socket is gone before the answer leaves no unhandled rejection', async () => {
  const rejections = watchRejections();
  const slack = await newSlack();
  const running = await runBot(slack);
  for (const { kind, payload } of [...ODD_DELIVERIES, ...STRANGE_BUT_READ])
    slack.faults.send(JSON.stringify({ envelope_id: 'gone', type: kind, payload }));
  slack.faults.dropSockets();
  await connectedTwice(running);
  await poll(() => slack.connections() > 0);
  await expectAnswered(slack);
  expect(rejections).toEqual([]);
});

test.each<readonly [string, (slack: Slack) => void]>([
  ['does not answer HTTP', (slack) => slack.faults.fail('apps.connections.open', 502, 2)],
  ['asks to wait', (slack) => slack.faults.rateLimit('apps.connections.open', 2)],
  ['has an internal error', (slack) => slack.faults.fail('apps.connections.open', 'internal_error', 2)],
  ['says goodbye before hello', (slack) => slack.faults.greet('disconnect')],
  ['closes before hello', (slack) => slack.faults.greet('close')],
])('a bot whose Slack %s at the start connects later and answers', async (_, misbehave) => {
  const slack = await newSlack();
  misbehave(slack);
  await runBot(slack);
  await poll(() => slack.connections() > 0);
  await expectAnswered(slack);
});

test.each<readonly [string, (slack: Slack) => void]>([
  ['is cut', (slack) => slack.faults.dropSockets()],
  ['is refreshed', (slack) => slack.faults.disconnect('refresh_requested')],
  ['is disabled', (slack) => slack.faults.disconnect('link_disabled')],
])('a socket that %s is opened again, and the next command is answered', async (_, end) => {
  const slack = await newSlack();
  const running = await runBot(slack);
  end(slack);
  await connectedTwice(running);
  await poll(() => slack.connections() > 0);
  await expectAnswered(slack);
});

test('a Slack that never says hello is left, and the next socket answers', async () => {
  const slack = await newSlack();
  slack.faults.greet('none');
  await runBot(slack, { timing: { greeting: 500 } });
  await poll(() => slack.connections() > 0);
  await expectAnswered(slack);
});

test('a Slack that hears nothing any more is left, and the next socket answers', async () => {
  const slack = await newSlack();
  slack.faults.greet('deaf');
  const running = await runBot(slack);
  await connectedTwice(running);
  await expectAnswered(slack);
});
