// The linter in Slack: a form that opens at once and is answered in its place, and strings that were typed elsewhere.

import { expect, test } from 'vitest';
import { connections, reportOn } from '../../core/fixtures.ts';
import { ANNA, BEN, GUEST } from '../../sandbox/slack/people.ts';
import { command, newSlack, OPS, poll, prodReport, runBot, type Slack, testDesk } from '../bot-fixture.ts';
import { alertMessage, billingFires, watchedBot } from '../watch-fixture.ts';
import { blockOf, ofBot, openForm, option, send, string, titleOf } from './lint-fixture.ts';

const URI = 'mongodb://anna:Tr0ub4dor@c0.example.com/shop?maxPoolSize=500';
const DIRECT = 'D0000ANNA1';
const said = (value: unknown) => JSON.stringify(value);
const lint = (slack: Slack, text = 'lint', user: string = ANNA.id) => slack.command({ user, channel: OPS, text });

test.each(['socket', 'http'] as const)(
  '%s: the form opens before any look-up and is answered in its place',
  async (transport) => {
    const slack = await newSlack();
    await runBot(slack, { transport });
    await lint(slack);
    const form = await openForm(slack);
    expect(titleOf(form)).toBe('Lint a connection string');
    expect(said(form.blocks)).toContain(
      'The string goes through Slack to this bot. It is not posted and not kept here;',
    );
    await slack.until(() => slack.calls.some(({ method }) => method === 'users.info'));
    expect(slack.calls.map(({ method }) => method).filter((method) => /views|users/.test(method))[0]).toBe(
      'views.open',
    );

    const sent = await send(slack, { ...string(URI), driver: option('node') });
    expect(sent).toMatchObject({ acknowledged: true, refused: null, answer: { response_action: 'update' } });
    const answer = slack.modal(ANNA.id);
    expect(answer).toMatchObject({ id: form.id, given: { title: { text: 'Connection string' } } });
    expect(answer?.given['submit']).toBeUndefined();
    expect(said(answer?.blocks)).toContain('Lint another');
    expect(ofBot(slack, OPS, ANNA.id)).toEqual([]);
  },
);

test("the form's own example: its placeholders may stay, and nothing is corrected", async () => {
  const slack = await newSlack();
  await runBot(slack);
  await lint(slack);
  await openForm(slack);
  expect(said(slack.modal(ANNA.id)?.blocks)).toContain('cluster0.ab1cd.mongodb.net');
  await send(slack, string('mongodb+srv://<user>:<password>@cluster0.ab1cd.mongodb.net/?appName=web'));
  const answer = said(slack.modal(ANNA.id));
  expect(answer).not.toContain('in place of a host');
  expect(answer).toContain('Fill in the user and the escaped password in your program. Here they may stay out.');
  expect(answer).not.toContain('Corrected');
});

test('Lint another shows the form again with an empty field, and as often as one likes', async () => {
  const slack = await newSlack();
  await runBot(slack);
  await lint(slack);
  const form = await openForm(slack);
  const ids = new Set([blockOf(form, 'string')]);
  for (const count of [2, 3]) {
    await send(slack, string(URI));
    await slack.press({ user: ANNA.id, message: null, actionId: 'lint_again' });
    const again = await openForm(slack);
    expect(again.id).toBe(form.id);
    ids.add(blockOf(again, 'string'));
    expect(ids.size).toBe(count);
  }
  expect((await send(slack, string('x'))).answer).toMatchObject({ response_action: 'update' });
});

test('with instances and a cluster, the limit and what is open come from the last reading, and nothing is read', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  await runBot(slack, { reports });
  await command(slack, 'prod');
  const read = reports.asked.length;
  await lint(slack);
  const form = await slack.until(() => said(slack.modal(ANNA.id)).includes('Choose a cluster') && slack.modal(ANNA.id));
  const sent = await send(slack, { ...string(URI), instances: { value: '40' }, cluster: option('prod') });
  expect(sent.refused).toBeNull();
  expect(said(slack.modal(ANNA.id))).toMatch(/40 instances for .*connections are open on a:27017 by the last reading/);
  expect([reports.asked.length, form.id]).toEqual([read, slack.modal(ANNA.id)?.id]);
});

test('what the application itself holds already is not held against it', async () => {
  const slack = await newSlack();
  const [node] = prodReport.nodes;
  if (node === undefined || 'problem' in node) throw new Error('the report has no node');
  const nodes = [{ ...node, current: 900, available: 100, limit: 1_000 }];
  const billing = connections('203.0.113.9:1', { app: 'billing', count: 800 });
  const groups = [billing, connections('203.0.113.9:2', { app: 'Cluster0' }), connections('198.51.100.9:1')];
  await runBot(slack, { reports: testDesk({ prod: { ...reportOn({ groups }), nodes } }) });
  await command(slack, 'prod');
  const answerFor = async (app: string) => {
    await lint(slack);
    await slack.until(() => said(slack.modal(ANNA.id)).includes('Choose a cluster'));
    const uri = `mongodb://anna:x@c0.example.com/?maxPoolSize=80&appName=${app}`;
    await send(slack, { ...string(uri), instances: { value: '10' }, cluster: option('prod') });
    return said(slack.modal(ANNA.id));
  };
  const own = await answerFor('billing');
  expect(own).toContain(
    '900 of 1,000 connections are open on a:27017 by the last reading, 810 of them with this appName',
  );
  expect(own).toContain(', and 90 of others.');
  expect(own).not.toContain('pool-over-limit');
  for (const app of ['other', 'Cluster0']) {
    const others = await answerFor(app);
    expect(others).toContain('by the last reading, with those of this application if it runs already.');
    expect(others).toContain('and 100 fit there');
  }
});

test('a field that does not fit another says so, and the form keeps its input', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  await runBot(slack, { reports });
  await command(slack, 'prod');
  await lint(slack);
  const form = await slack.until(() => said(slack.modal(ANNA.id)).includes('Choose a cluster') && slack.modal(ANNA.id));
  const alone = await send(slack, { ...string(URI), instances: { value: '40' } });
  expect(alone).toMatchObject({ refused: null, answer: { response_action: 'errors' } });
  expect(alone.answer).toMatchObject({ errors: { [blockOf(form, 'cluster')]: expect.stringContaining('Choose') } });
  reports.lastAnswers.clear();
  const late = await send(slack, { ...string(URI), instances: { value: '40' }, cluster: option('prod') });
  expect(late.answer).toMatchObject({ errors: { [blockOf(form, 'cluster')]: expect.stringContaining('no reading') } });
  expect(slack.modal(ANNA.id)?.given['submit']).toBeDefined();
});

test('an answer stays where the clusters come late', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  const listed = Promise.withResolvers<void>();
  const { log } = await runBot(slack, { reports });
  await command(slack, 'prod');
  const clusters = reports.clusters.bind(reports);
  reports.clusters = async (signal) => {
    await listed.promise;
    return clusters(signal);
  };
  await lint(slack);
  await openForm(slack);
  await send(slack, string(URI));
  listed.resolve();
  await poll(() => log.some(({ message }) => message === 'lint form not updated'));
  expect(log.find(({ message }) => message === 'lint form not updated')?.['error']).toBe('hash_conflict');
  expect(slack.modal(ANNA.id)).toMatchObject({ given: { title: { text: 'Connection string' } } });
});

test('who may not read sees the refusal in place of the form, also one who could when it was opened', async () => {
  const slack = await newSlack();
  let now = Date.parse('2026-11-21T10:00:00Z');
  await runBot(slack, { now: () => new Date(now) });
  await lint(slack, 'lint', GUEST.id);
  await slack.until(() => said(slack.modal(GUEST.id)).includes('Guests may not'));
  expect(titleOf(await slack.until(() => slack.modal(GUEST.id)))).toBe('Lint a connection string');

  await lint(slack);
  await openForm(slack);
  slack.addPerson({ ...ANNA, guest: true });
  now += 10 * 60_000;
  await send(slack, string(URI));
  await slack.until(() => said(slack.modal(ANNA.id)).includes('Guests may not'));
});

test('Lint another asks for permission in the channel of the command, not in App Home', async () => {
  const slack = await newSlack();
  const { log } = await runBot(slack, { read: { channels: [OPS] } });
  await lint(slack);
  await openForm(slack);
  await send(slack, string(URI));
  await slack.press({ user: ANNA.id, message: null, actionId: 'lint_again' });
  const again = await openForm(slack);
  await poll(() => log.filter(({ message }) => message === 'request finished').length === 3);
  expect(slack.modal(ANNA.id)).toEqual(again);
});

test('a trigger that came too late: the answer is a button that opens the form', async () => {
  const slack = await newSlack();
  await runBot(slack);
  slack.faults.fail('views.open', 'expired_trigger_id');
  const offer = await command(slack, 'lint');
  expect(offer).toMatchObject({ ephemeralTo: ANNA.id, text: expect.stringContaining('(expired_trigger_id)') });
  await slack.press({ user: ANNA.id, message: offer, actionId: 'lint_open' });
  await openForm(slack);
});

test.each([
  ['a mention', OPS, '@atlas-conns lint', BEN.id],
  ['a direct message', DIRECT, 'connection-string', ANNA.id],
])(
  '%s has no trigger: the answer is a button that opens the form for whoever presses it',
  async (_, channel, text, user) => {
    const slack = await newSlack();
    await runBot(slack);
    await slack.say({ user: ANNA.id, channel, text });
    const offer = await slack.until(() => ofBot(slack, channel, ANNA.id).at(-1));
    expect(offer.text).toContain('Do not write the connection string here');
    await slack.press({ user, message: offer, actionId: 'lint_open' });
    await openForm(slack, user);
  },
);

const TYPED = [URI, `lint ${URI}`, `silence Billing 4h ${URI}`, `help ${URI}`, 'lint anna:Tr0ub4dor@c0.example.com'];

test.each(TYPED)('/atlas-conns %s is linted for the person alone', async (text) => {
  const slack = await newSlack();
  const { reports } = await watchedBot(slack);
  const answer = await command(slack, text);
  expect(answer).toMatchObject({
    ephemeralTo: ANNA.id,
    text: expect.stringMatching(/(?:^|\n)This string has passed through/),
  });
  expect(said(answer)).not.toMatch(/Tr0ub|4dor/);
  expect(await reports.monitor?.board(new AbortController().signal)).toMatchObject({ silences: [] });
  expect(reports.asked).toEqual([]);
});

test.each([
  [`silence "Billing API" in prod 4h see ${URI}`, true],
  [`please forecast Billing x2 ${URI}`, true],
  [`lint ${URI}`, false],
  [URI, false],
])('/atlas-conns %s: that a command was not carried out comes first: %s', async (text, isUndone) => {
  const slack = await newSlack();
  await watchedBot(slack);
  const { text: said } = await command(slack, text);
  expect(/^The command was not carried out: (silence|forecast) takes no connection string/.test(said)).toBe(isUndone);
});

test.each([
  ['a mention', OPS],
  ['a direct message', DIRECT],
])('%s with a string is answered to the person alone, outside of any thread', async (_, channel) => {
  const slack = await newSlack();
  await runBot(slack);
  await slack.say({ user: ANNA.id, channel, text: `@atlas-conns nodes ${URI}` });
  const answer = await slack.until(() => ofBot(slack, channel, ANNA.id).at(-1));
  expect(answer).toMatchObject({ ephemeralTo: ANNA.id, threadTs: null });
  expect(answer.text).toMatch(/^The command was not carried out: nodes takes no connection string/);
  expect(answer.text).toMatch(/\nThis string has passed through Slack. A message in a channel or to me stays/);
  expect(slack.calls.filter(({ method }) => method === 'chat.postMessage')).toEqual([]);
});

test('a guest who types a string gets the refusal, and no word of the string', async () => {
  const slack = await newSlack();
  await runBot(slack);
  const answer = await command(slack, `lint ${URI}`, { user: GUEST.id });
  expect(answer.text).toContain('Guests may not');
  expect(answer.text).toContain('change that password');
  expect(said(answer)).not.toContain('example.com');
  expect((await command(slack, 'prod', { user: GUEST.id })).text).not.toContain('password');
});

test('a guest who mentions the bot with a string is told to change the password, and nobody else is', async () => {
  const slack = await newSlack();
  await runBot(slack);
  await slack.say({ user: GUEST.id, channel: OPS, text: `@atlas-conns ${URI}` });
  const answer = await slack.until(() => ofBot(slack, OPS, GUEST.id).at(-1));
  expect(answer).toMatchObject({ ephemeralTo: GUEST.id, text: expect.stringContaining('change that password') });
});

test('the reason of a silence takes no connection string', async () => {
  const slack = await newSlack();
  const { store } = await watchedBot(slack, { alerts: [billingFires] });
  const { channel, ts } = await alertMessage(slack, 'Billing API');
  await slack.press({ user: ANNA.id, message: { channel, ts }, actionId: 'alert_silence' });
  await openForm(slack);
  const { answer } = await slack.submit(ANNA.id, { reason: { reason: { value: `like ${URI}` } } });
  expect(answer).toEqual({
    response_action: 'errors',
    errors: { reason: 'Everyone can read a reason. Leave the connection string out of it.' },
  });
  expect(await store.silences()).toEqual([]);
});
