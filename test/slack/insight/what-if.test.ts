// What if: the form opens at once, its forecast takes its place, and leads back to the form as it was sent.

import { expect, test } from 'vitest';
import { ANNA, GUEST } from '../../sandbox/slack/people.ts';
import { command, newSlack, OPS, poll, prodReport, runBot, type Slack, testDesk } from '../bot-fixture.ts';
import { blockOf, openForm, option, send, string, titleOf } from './lint-fixture.ts';

const said = (value: unknown) => JSON.stringify(value);
const number = (value: string) => ({ value });
const [node] = prodReport.nodes;
if (node === undefined || 'problem' in node) throw new Error('no node');
/** A primary with 400 of 1,000 connections, and a secondary with 100. */
const prod = {
  ...prodReport,
  nodes: [
    { ...node, current: 400, available: 600 },
    { ...node, host: 'b:27017', role: 'secondary' as const, current: 100, available: 900 },
  ],
};

/** Presses the button below a forecast. */
async function formOf(slack: Slack) {
  const forecast = await command(slack, 'forecast prod');
  const { channel, ts } = forecast;
  await slack.press({ user: ANNA.id, message: { channel, ts }, actionId: 'what_if' });
  return openForm(slack);
}

/** The words of the forecast that takes the place of the form, without the ids. */
async function forecastIn(slack: Slack): Promise<string> {
  return slack.until(() => {
    const blocks = said(slack.modal(ANNA.id)?.blocks);
    return blocks.includes('All connections of each node') && blocks;
  });
}

test.each(['socket', 'http'] as const)('%s: a fleet against the watched cluster, node by node', async (transport) => {
  const slack = await newSlack();
  const reports = testDesk({ prod });
  await runBot(slack, { reports, transport });
  const form = await formOf(slack);
  expect(titleOf(form)).toBe('What if…');
  const read = reports.asked.length;
  const sent = await send(slack, {
    driver: option('node'),
    instances: number('10'),
    processes: number('2'),
    operations: number('3'),
    maxPoolSize: number('20'),
  });
  expect(sent).toMatchObject({ acknowledged: true, refused: null, answer: { response_action: 'update' } });
  const answer = await forecastIn(slack);
  expect(slack.modal(ANNA.id)?.id).toBe(form.id);
  // 20 clients: two heartbeats on each node, and on the primary three connections, or 20.
  for (const line of [
    '20 clients',
    '(Node.js): 10 instances × 2 processes.',
    '44 % of its limit, with 440 connections. 150 instances fit.',
    '50 % of its limit, with 500 connections. 60 instances fit.',
    '84 % of its limit, with 840 connections. 13 instances fit.',
    '400 now, 500 used, 840 with full pools, of 1,000.',
    '100 now, 140 used, 540 with full pools, of 1,000.',
    'Others hold what they hold in this reading.',
  ])
    expect(answer).toContain(line);
  expect(answer).not.toContain('No limit is given');
  expect(reports.asked.length).toBe(read);
});

test('a fleet against a tier, with the time to connect and what Atlas keeps', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: testDesk({ prod }) });
  await formOf(slack);
  const sent = await send(slack, {
    ...{ target: option('M10'), nodes: number('3'), driver: option('python'), instances: number('300') },
    ...{ operations: number('1'), functions: { selected_options: [{ value: 'functions' }] } },
  });
  expect(sent.refused).toBeNull();
  const answer = await forecastIn(slack);
  // One heartbeat on functions, and one operation: 600 on the primary; (1,500 − 10) / 2 = 745.
  for (const line of [
    '(PyMongo, on functions): 300 instances.',
    '40 % of its limit, with 600 connections. 745 instances fit.',
    'To connect all takes 40 s: a node accepts 15 new connections a second.',
    'is above its limit, at ',
    'M10 accepts 1,500 connections a node, by Atlas',
  ])
    expect(answer).toContain(line);
});

test('a pool without a bound has no figure of full pools', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: testDesk({ prod }) });
  await formOf(slack);
  await send(slack, { instances: number('2'), maxPoolSize: number('0') });
  const answer = await forecastIn(slack);
  expect(answer).toContain('no bound, because the pools are unlimited.');
  expect(answer).toContain('used, no bound with full pools');
});

test('Change leads back to the form with everything that was entered, as often as one likes', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: testDesk({ prod }) });
  const form = await formOf(slack);
  for (const instances of ['7', '8']) {
    await send(slack, { instances: number(instances), driver: option('go'), target: option('M40') });
    expect(await forecastIn(slack)).toContain(`(Go): ${instances} instances.`);
    const changed = await slack.submit(ANNA.id, {});
    expect(changed.answer).toMatchObject({ response_action: 'update' });
    const again = await openForm(slack);
    expect(again.id).toBe(form.id);
    expect(blockOf(again, 'instances')).not.toBe(blockOf(form, 'instances'));
    const fields = said(again.blocks);
    expect(fields).toContain(`"initial_value":"${instances}"`);
    expect(fields).toMatch(/"initial_option":\{[^}]*\{[^}]*"Go"/);
    expect(fields).toMatch(/"initial_option":\{[^}]*\{[^}]*M40/);
  }
});

test('an error stands beside its field', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: testDesk({ prod }) });
  const form = await formOf(slack);
  const pools = { instances: number('5'), minPoolSize: number('50') };
  const above = await send(slack, { ...pools, maxPoolSize: number('20') });
  expect(above).toMatchObject({
    answer: {
      response_action: 'errors',
      errors: { [blockOf(form, 'minPoolSize')]: 'minPoolSize is above maxPoolSize, which is 20.' },
    },
  });
  const byDefault = await send(slack, { ...pools, driver: option('rust') });
  expect(said(byDefault.answer)).toContain('which is 10.');
  const zero = await send(slack, { instances: number('5'), maxPoolSize: number('0'), driver: option('rust') });
  expect(zero).toMatchObject({
    answer: { errors: { [blockOf(form, 'maxPoolSize')]: 'The driver refuses maxPoolSize=0. Write 1 or more.' } },
  });
  expect(slack.modal(ANNA.id)?.blocks).toEqual(form.blocks);
});

test('without a reading at hand the form offers tiers alone; one that is lost is said at the field', async () => {
  const slack = await newSlack();
  const reports = testDesk({ prod });
  await runBot(slack, { reports });
  const form = await formOf(slack);
  expect(said(form.blocks)).toContain('prod, with what others hold now');
  reports.lastAnswers.clear();
  const lost = await send(slack, { instances: number('5') });
  expect(lost.answer).toMatchObject({
    errors: { [blockOf(form, 'target')]: expect.stringContaining('I have no reading of this cluster any more.') },
  });
  await send(slack, { instances: number('5'), target: option('M30') });
  await forecastIn(slack);
  await slack.submit(ANNA.id, {});
  expect(said((await openForm(slack)).blocks)).not.toContain('prod, with what others hold now');
});

test('a person who may not read gets neither the form nor a forecast', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: testDesk({ prod }) });
  const say = { user: ANNA.id, channel: OPS, text: `<@${slack.botUser}> forecast prod` };
  await slack.say(say);
  const shared = await slack.until(() => slack.messages(OPS, ANNA.id).find(({ text }) => text.includes('— forecast')));
  const { channel, ts } = shared;
  await slack.press({ user: GUEST.id, message: { channel, ts }, actionId: 'what_if' });
  await slack.until(() => said(slack.modal(GUEST.id)).includes('Guests may not'));
  expect(slack.modal(GUEST.id)?.given['submit']).toBeUndefined();
});

const SECRET = 'Tr0ub4dor';
const URI = `mongodb+srv://anna:${SECRET}@c0.ab1cd.mongodb.net/${SECRET}?maxPoolSize=20&maxIdleTimeMS=60000&appName=${SECRET}`;

test('the pool options of a connection string are taken, and nothing else of it is kept anywhere', async () => {
  const slack = await newSlack();
  const { log } = await runBot(slack, { reports: testDesk({ prod }) });
  await formOf(slack);
  const sent = await send(slack, { ...string(URI), driver: option('node'), instances: number('10') });
  expect(sent).toMatchObject({ acknowledged: true, answer: { response_action: 'update' } });
  const answer = await forecastIn(slack);
  for (const line of [
    'With maxPoolSize=20, maxIdleTimeMS=60000.',
    // 400 of others, 10 × 20, and 20 heartbeats.
    '620 with full pools',
    'Connections that a burst opened close after 1 min without work.',
  ])
    expect(answer).toContain(line);
  // The form has the options, and an empty field. A field wins over them.
  await slack.submit(ANNA.id, {});
  const again = await openForm(slack);
  expect(said(again.blocks)).toContain('Taken from the string before: maxPoolSize=20, maxIdleTimeMS=60000.');
  await send(slack, { instances: number('10'), maxPoolSize: number('5') });
  expect(await forecastIn(slack)).toContain('With maxPoolSize=5, maxIdleTimeMS=60000.');
  expect(said([slack.calls, log, slack.modal(ANNA.id), again, sent])).not.toMatch(/Tr0ub|4dor|ab1cd/);
});

test('srvMaxHosts and the way of watching come by the string, too', async () => {
  const slack = await newSlack();
  const routers = prod.nodes.map((one, at) => ({ ...one, host: `r${at}:27017`, role: 'mongos' as const }));
  await runBot(slack, { reports: testDesk({ prod: { ...prod, nodes: routers } }) });
  await formOf(slack);
  const uri = 'mongodb+srv://c0.example.com/?srvMaxHosts=1&serverMonitoringMode=poll';
  await send(slack, { ...string(uri), instances: number('10'), operations: number('1') });
  // Half of the ten clients on each router, with a heartbeat and an operation.
  expect(await forecastIn(slack)).toContain('410 used');
});

test.each([
  ['mongodb://h/?maxPoolSize=5s', 'The option maxPoolSize is not a whole number.', 'node'],
  [`anna:${SECRET}`, 'It is not a usable connection string.', 'node'],
  ['mongodb://h/?maxPoolSize=0', 'The driver refuses maxPoolSize=0.', 'rust'],
  ['mongodb://h/?minPoolSize=50', 'minPoolSize is above maxPoolSize, which is 10.', 'rust'],
])('%s is refused at its field', async (uri, sentence, driver) => {
  const slack = await newSlack();
  await runBot(slack, { reports: testDesk({ prod }) });
  const form = await formOf(slack);
  const sent = await send(slack, { ...string(uri), driver: option(driver), instances: number('10') });
  expect(sent.answer).toMatchObject({
    response_action: 'errors',
    errors: { [blockOf(form, 'string')]: expect.stringContaining(sentence) },
  });
  expect(said(sent.answer)).not.toContain(SECRET);
});

test('a person who may not read any more sees the reason in place of the forecast', async () => {
  const slack = await newSlack();
  let now = Date.parse('2026-11-21T10:00:00Z');
  await runBot(slack, { reports: testDesk({ prod }), now: () => new Date(now) });
  await formOf(slack);
  slack.addPerson({ ...ANNA, guest: true });
  now += 10 * 60_000;
  const sent = await send(slack, { instances: number('5') });
  expect(sent).toMatchObject({ acknowledged: true, answer: { response_action: 'update' } });
  expect(said(sent.answer)).toContain('Guests may not');
  expect(said(slack.modal(ANNA.id))).toContain('Guests may not');
  expect(said(slack.modal(ANNA.id))).not.toContain('All connections of each node');
});

test('the form is answered while Slack has not yet said who the person is', async () => {
  const slack = await newSlack();
  let now = Date.parse('2026-11-21T10:00:00Z');
  await runBot(slack, { reports: testDesk({ prod }), now: () => new Date(now) });
  await formOf(slack);
  now += 10 * 60_000;
  slack.faults.hang('users.info');
  const sent = await send(slack, { instances: number('5') });
  expect(sent).toMatchObject({ acknowledged: true, answer: { response_action: 'update' } });
  expect(said(sent.answer)).toContain('Working out the forecast…');
});

test('a form that Slack does not open is said to the person', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: testDesk({ prod }) });
  const forecast = await command(slack, 'forecast prod');
  slack.faults.fail('views.open', 'expired_trigger_id');
  const { channel, ts } = forecast;
  await slack.press({ user: ANNA.id, message: { channel, ts }, actionId: 'what_if' });
  await poll(() => slack.messages(OPS, ANNA.id).some(({ text }) => text.includes('Slack did not open the form')));
});
