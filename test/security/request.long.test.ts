// What somebody who is not Slack can do at the HTTP port.

import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { LogLine } from '../recorded-log.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import { newSlack, OPS, poll, runBot, type Slack, testDesk } from '../slack/bot-fixture.ts';
import { portOf, postSigned, type SignedPost, secondsNow } from '../slack/client/signed-post.ts';

const MINUTES = 60;
const FORM_TYPE = 'application/x-www-form-urlencoded';

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
  const reports = testDesk();
  const running = await runBot(slack, { reports, transport: 'http' });
  const post = (body: SignedPost['body'], more: Omit<SignedPost, 'body'> = {}) =>
    postSigned(slack, running, { body, ...more });
  return { slack, reports, log: running.log, post, port: portOf(running) };
}

const troubles = (log: readonly LogLine[]) => log.filter(({ level }) => level === 'warn' || level === 'error');

test('a request without a signature, with one of another secret, or of more than five minutes ago is refused', async () => {
  const { slack, reports, post } = await listening();
  const body = commandBody(slack);
  const past = String(secondsNow() - 6 * MINUTES);
  const forged: readonly Omit<SignedPost, 'body'>[] = [{ isSigned: false }, { secret: 'guessed' }, { time: past }];
  for (const proof of forged) expect((await post(body, proof)).status).toBe(401);
  expect(reports.asked).toEqual([]);
  expect((await post(body)).status).toBe(200);
  await poll(() => reports.asked.length > 0);
});

test('a signed request of more than five minutes ahead, or without one number for its time, is refused', async () => {
  const { slack, reports, log, post } = await listening();
  const body = commandBody(slack);
  const now = secondsNow();
  const times = [now + 6 * MINUTES, now + 3_600, now * 1_000, `${now}.0`, `+${now}`, `0x${now.toString(16)}`, '1e9'];
  for (const time of [...times, '-1', '', 'NaN', 'Infinity', 'now', `${now},${now}`])
    expect({ time, status: (await post(body, { time: String(time) })).status }).toEqual({ time, status: 401 });
  const doubled = (name: string, value: string) => post(body, { headers: [[name, value]] });
  expect((await doubled('x-slack-request-timestamp', String(now))).status).toBe(401);
  expect((await doubled('x-slack-signature', 'v0=00')).status).toBe(401);
  expect(reports.asked).toEqual([]);
  expect(new Set(troubles(log).map(({ level, message }) => `${level} ${message}`))).toEqual(
    new Set(['warn request refused']),
  );
  for (const off of [-4 * MINUTES, 4 * MINUTES])
    expect((await post(commandBody(slack, `off by ${off}`), { time: String(now + off) })).status).toBe(200);
  await poll(() => reports.asked.length === 2);
});

const JSON_TYPE = 'application/json';
const NOT_AN_OBJECT = 'the payload is not an object';
/** Signed, and not a delivery: content type, body, status and the reason that the log gives. */
const BODIES: readonly (readonly [string | null, string | Uint8Array, number, string])[] = [
  ...['null', '[]', '"x"', '123', '{', '', 'true', 'not json', '['.repeat(100_000), '\uFEFF{}'].map(
    (body) => [JSON_TYPE, body, 400, NOT_AN_OBJECT] as const,
  ),
  [JSON_TYPE, Buffer.from([0xff, 0xfe, 0x00]), 400, NOT_AN_OBJECT],
  [JSON_TYPE, '{}', 200, 'the event is missing'],
  [JSON_TYPE, '{"event":null}', 200, 'the event is missing'],
  [JSON_TYPE, '{"type":"app_rate_limited","minute_rate_limited":1}', 200, 'the event is missing'],
  [JSON_TYPE, '{"type":"url_verification"}', 400, 'the challenge is missing'],
  [JSON_TYPE, '{"type":"url_verification","challenge":null}', 400, 'the challenge is missing'],
  [JSON_TYPE, 'ssl_check=1', 400, NOT_AN_OBJECT],
  ...['payload=null', 'payload=[]', 'payload=', 'payload=%22x%22', 'payload=123', 'payload=%7B'].map(
    (body) => [FORM_TYPE, body, 400, NOT_AN_OBJECT] as const,
  ),
  [FORM_TYPE, 'payload=%7B%7D', 200, 'the type is unknown'],
  [FORM_TYPE, 'payload={"type":"url_verification","challenge":"x"}', 200, 'the type is unknown'],
  [FORM_TYPE, '', 200, 'command is missing'],
  [FORM_TYPE, '{"type":"event_callback"}', 200, 'command is missing'],
  [FORM_TYPE, 'ssl_check=0', 200, 'command is missing'],
  [FORM_TYPE, 'command=/atlas-conns&user_id=U1&trigger_id=1', 200, 'channel_id is missing'],
  [FORM_TYPE, '__proto__=x&constructor=y&command=%00', 200, 'user_id is missing'],
  ['text/plain', 'command=/atlas-conns', 400, NOT_AN_OBJECT],
  ['multipart/form-data', 'payload=null', 400, NOT_AN_OBJECT],
  [null, 'null', 400, NOT_AN_OBJECT],
];

test('a signed body that is not a delivery is refused or acknowledged with one warning, and the next is answered', async () => {
  const { slack, reports, log, post } = await listening();
  for (const [type, body, status] of BODIES)
    expect({ body, status: (await post(body, { type })).status }).toEqual({ body, status });
  expect(troubles(log)).toEqual(
    BODIES.map(([, , status, reason]) => ({
      level: 'warn',
      message: 'delivery not understood',
      type: expect.toBeOneOf([expect.stringMatching(/^[a-z_]+$/), null]),
      reason,
      acknowledged: status === 200,
    })),
  );
  expect(JSON.stringify(log)).not.toContain('    at ');
  const inWords = { type: 'Application/X-WWW-Form-Urlencoded; charset=utf-8' };
  expect((await post(commandBody(slack), inWords)).status).toBe(200);
  await poll(() => reports.asked.length === 1);
});

test('what Slack asks of a URL is answered: TLS without a signature, the challenge with one', async () => {
  const { log, post } = await listening();
  const tls = await post('ssl_check=1&payload=%7B%22type%22%3A%22block_actions%22%7D', { isSigned: false });
  expect([tls.status, await tls.text()]).toEqual([200, '']);
  const challenge = '{"type":"url_verification","challenge":"prove it"}';
  const verified = await post(challenge, { type: JSON_TYPE });
  expect([verified.status, await verified.json()]).toEqual([200, { challenge: 'prove it' }]);
  expect(troubles(log)).toEqual([]);
  expect((await post(challenge, { type: JSON_TYPE, isSigned: false })).status).toBe(401);
});

test('a true request that somebody sends again within the five minutes is acknowledged, and nothing is done', async () => {
  const { slack, reports, log, post } = await listening();
  const body = commandBody(slack);
  const proof = { time: String(secondsNow()) };
  expect((await post(body, proof)).status).toBe(200);
  await poll(() => reports.asked.length === 1);
  expect((await post(body, proof)).status).toBe(200);
  expect((await post(commandBody(slack, 'another'))).status).toBe(200);
  await poll(() => reports.asked.length > 1);
  expect(reports.asked).toEqual(['prod', 'prod']);
  expect(log.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a body above a megabyte is refused before it is read whole, and the next request is answered', async () => {
  const { slack, reports, post } = await listening();
  // Signed, so that nothing but its size is wrong with it.
  const huge = `${commandBody(slack)}&more=${'x'.repeat(1024 * 1024)}`;
  const refused = await post(huge).then(
    ({ status }) => status,
    // Who goes on sending may meet the closed connection before the answer.
    () => 413,
  );
  expect(refused).toBe(413);
  expect(reports.asked).toEqual([]);
  expect((await post(commandBody(slack))).status).toBe(200);
});

test('behind a body in pieces that is too long the next request of the same connection is answered', async () => {
  const { port } = await listening();
  const head = 'POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
  const body = `200000\r\n${'x'.repeat(0x200000)}\r\n0\r\n\r\n`;
  const next = 'GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const answers = await answerTo(port, head + body + next);
  expect(answers.match(/(?<=HTTP\/1\.1 )\d+/g)).toEqual(['413', '404']);
});

test('a long form without a signature is refused before it is read, whatever it says of TLS', async () => {
  const { log, post } = await listening();
  // Reading so many fields takes longer than all the rest of a request.
  const many = Array.from({ length: 150_000 }, (_, at) => at.toString(36)).join('&');
  for (const body of [`ssl_check=1&${many}`, `${many}&ssl_check=1`])
    expect((await post(body, { isSigned: false })).status).toBe(401);
  expect(troubles(log).map(({ reason }) => reason)).toEqual(['there is no timestamp', 'there is no timestamp']);
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

const HEAD = 'POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n';
/** What each of the attackers sends at once; with a drip, a byte a second after it. */
const SLOW: Readonly<Record<string, { readonly first: string; readonly drips?: boolean }>> = {
  nothing: { first: '' },
  'half a header': { first: HEAD },
  'half a body': { first: `${HEAD}\r\nhalf` },
  'a byte of the header a second': { first: HEAD, drips: true },
  'a byte of the body a second': { first: `${HEAD}\r\nhalf`, drips: true },
};

test('who sends half a body and waits is cut off, and keeps nobody out', async () => {
  const { slack, reports, post, port } = await listening();
  const attack = besiege(port, { sockets: 150, kinds: ['half a body'] });
  await attack.everyoneCut();
  expect((await post(commandBody(slack))).status).toBe(200);
  await poll(() => reports.asked.length === 1);
});

test.each(Object.keys(SLOW))(
  '150 sockets that send %s, opened again as they are cut, keep no signed request out',
  async (kind) => {
    const { slack, post, port } = await listening();
    const attack = besiege(port, { sockets: 150, kinds: [kind] });
    const cut = attack.everyoneCut();
    await expectAllAnswered({ slack, post, until: cut });
  },
);

test('more slow sockets than are kept are cut at once, the oldest first, and keep no signed request out', async () => {
  const { slack, log, post, port } = await listening();
  const attack = besiege(port, { sockets: 700, kinds: Object.keys(SLOW) });
  await expectAllAnswered({ slack, post, until: attack.everyoneCut() });
  // Thousands were cut off: once a minute it is said.
  const said = troubles(log);
  expect(said.length).toBeLessThan(10);
  expect(said[0]).toEqual({ level: 'warn', message: 'unfinished requests cut off', most: 512 });
});

/** Sends one signed request after the other until the promise is fulfilled; each has its answer. */
async function expectAllAnswered({
  slack,
  post,
  until,
}: Pick<Awaited<ReturnType<typeof listening>>, 'slack' | 'post'> & { readonly until: Promise<void> }): Promise<void> {
  let isOver = false;
  void until.then(() => {
    isOver = true;
  });
  let sent = 0;
  while (!isOver || sent < 20) {
    // A help costs no reading; without keep-alive each needs a connection of its own.
    const body = commandBody(slack, `honest ${sent}`).replace('text=prod', 'text=help');
    expect((await post(body, { headers: [['connection', 'close']] })).status).toBe(200);
    sent += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Attackers until the test ends: whoever is cut off comes again at once. */
function besiege(port: number, input: { readonly sockets: number; readonly kinds: readonly string[] }) {
  const open = new Set<ReturnType<typeof connect>>();
  const cuts = Array.from({ length: input.sockets }, () => Promise.withResolvers<void>());
  let isOver = false;
  const attack = (at: number): void => {
    if (isOver) return;
    const { first = '', drips = false } = SLOW[input.kinds[at % input.kinds.length] ?? ''] ?? {};
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    open.add(socket);
    if (first !== '') socket.write(first);
    const drip = drips ? setInterval(() => socket.write('x'), 1_000) : undefined;
    socket.resume().once('close', () => {
      clearInterval(drip);
      open.delete(socket);
      cuts[at]?.resolve();
      setImmediate(attack, at);
    });
  };
  for (let at = 0; at < input.sockets; at++) attack(at);
  onTestFinished(() => {
    isOver = true;
    for (const socket of open) socket.destroy();
  });
  return { everyoneCut: async () => void (await Promise.all(cuts.map(({ promise }) => promise))) };
}

async function answerTo(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(request);
  let said = '';
  for await (const piece of socket) said += piece;
  return said;
}
