// Why so many, over the real bot: asked by a command, from the drill-down, and below an alert.

import { expect, test } from 'vitest';
import { UpstreamError } from '../../src/errors.ts';
import { connections, range, reportOn } from '../core/fixtures.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import { command, newSlack, OPS, optionOf, press, runBot, testDesk } from './bot-fixture.ts';
import { drawn } from './views/drawn.ts';
import { alertMessage, billingFires, pressed, watchedBot } from './watch-fixture.ts';

const shown = (message: object) => drawn(message as Parameters<typeof drawn>[0]);
const lines = (message: object) => shown(message).split('\n');
/** Without the age of the reading. */
const figures = (message: object) => lines(message).filter((line) => !line.startsWith('small: read'));

/** Four clients of the Billing API hold a hundred connections each and use none. Web EU is small. */
const crowded = reportOn({
  groups: [
    connections('203.0.113.9:1', { count: 400 }),
    connections('203.0.113.9:1', { count: 4, activity: 'heartbeat', user: null }),
    connections('203.0.113.9:1', { count: 4, activity: 'ping', user: null }),
    connections('203.0.113.70:1', { count: 2, app: 'web' }),
  ],
  entries: [range('203.0.113.0/24', 'Billing API'), range('203.0.113.64/26', 'Web EU')],
});
const LARGE = 'Pools larger than their use';

test('why of a cluster ranks the reasons; a menu opens a source, and its buttons lead on', async () => {
  const slack = await newSlack();
  const reports = testDesk({ prod: crowded });
  await runBot(slack, { reports });
  const cluster = await command(slack, 'why prod');
  expect(cluster.ephemeralTo).toBe(ANNA.id);
  expect(lines(cluster).some((line) => line.startsWith(`${LARGE} | Billing API | ~`))).toBe(true);
  expect(shown(cluster)).toContain(`**Billing API: ****${LARGE}**`);
  const source = await press(slack, cluster, { actionId: 'choose_source', option: optionOf(cluster, 'Billing API') });
  expect(source).toMatchObject({ ts: cluster.ts, text: expect.stringMatching(/^Why so many: Billing API/) });
  expect(shown(source)).toContain('a | 8 | 8 | 400 | 100');
  expect(shown(source)).toContain('For 4 clients at least');
  const detail = await press(slack, source, { actionId: 'back' });
  expect(detail).toMatchObject({ ts: cluster.ts, text: expect.stringMatching(/^Billing API ·/) });
  expect(shown(detail)).toContain(`**Why so many: **“${LARGE}” is likely. About `);
  const again = await press(slack, detail, { actionId: 'why' });
  expect(again.text).toMatch(/^Why so many: Billing API/);
  const whole = await press(slack, again, { actionId: 'why' });
  expect(figures(whole)).toEqual(figures(cluster));
  // The menu reads as the command does; the buttons show the reading on the screen.
  expect(reports.asked).toEqual(['prod', 'prod']);
  const fresh = await press(slack, whole, { actionId: 'refresh' });
  expect([figures(fresh), reports.asked.at(-1)]).toEqual([figures(cluster), 'prod fresh']);
  expect((await press(slack, fresh, { actionId: 'back' })).text).toContain('prod — ');
});

test('the report warns of the source, beside what it says about the access list', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: testDesk({ prod: crowded }) });
  expect(shown(await command(slack, 'prod'))).toContain(`**Billing API**: “${LARGE}” is likely. About `);
});

test('prod is the cluster, "prod" a source of that name, and else the cluster all the same', async () => {
  const slack = await newSlack();
  const reports = testDesk({ prod: crowded, staging: crowded });
  await runBot(slack, { reports });
  const title = async (text: string) => lines(await command(slack, text))[0];
  expect(await title('why prod')).toMatch(/^# prod: /);
  expect(await title('why "prod"')).toMatch(/^# prod: /);
  const named = reportOn({
    groups: [connections('203.0.113.9:1'), connections('198.51.100.9:1')],
    entries: [range('203.0.113.0/24', 'prod')],
  });
  reports.reports.set('prod', named);
  reports.lastAnswers.clear();
  expect(await title('why "prod"')).toBe('# Why so many: prod');
  expect(await title('why "prod" in prod')).toBe('# Why so many: prod');
  expect(await title('why so many in staging?')).toMatch(/^# staging: /);
});

test('without a cluster, where several are read: the menu of clusters; a source of several is asked for', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: testDesk({ prod: crowded, staging: crowded }) });
  const choice = await command(slack, 'why');
  const chosen = await press(slack, choice, { actionId: 'choose_cluster', option: optionOf(choice, 'staging') });
  expect(lines(chosen)[0]).toMatch(/^# staging: /);
  const both = await command(slack, 'why Billing API');
  expect(shown(both)).toContain('"Billing API" matches 2 sources. Which one?');
  const buttons = both.blocks.filter(({ type }) => type === 'actions');
  expect(buttons).toHaveLength(2);
  const ofProd = buttons.find((block) => JSON.stringify(block).includes('Billing API in prod'));
  const opened = await press(slack, both, { actionId: 'source_of_cluster', blockId: String(ofProd?.['block_id']) });
  expect(lines(opened).slice(0, 2)).toEqual(['# Why so many: Billing API', expect.stringContaining('**prod**')]);
});

test('a source that is not there is answered with the nearest one, a part of a name with the choice', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: testDesk({ prod: crowded }) });
  expect((await command(slack, 'why Biling API')).text).toContain('Did you mean "Billing API"?');
  const several = await command(slack, 'why 203.0.113.0/24 in prod');
  expect(several.text).toMatch(/^Why so many: Billing API/);
  const part = await command(slack, 'why b');
  const chosen = await press(slack, part, { actionId: 'choose_source', option: optionOf(part, 'Web EU') });
  expect(chosen.text).toMatch(/^Why so many: Web EU/);
  expect(shown(chosen)).toContain('Nothing unusual');
});

test('below an alert it opens for the person alone, and the message of the channel stays', async () => {
  const slack = await newSlack();
  const { reports } = await watchedBot(slack, { alerts: [billingFires] });
  reports.reports.set('prod', crowded);
  const message = await alertMessage(slack, 'Billing API');
  const why = await pressed(slack, message, 'alert_why');
  expect(why).toMatchObject({ ephemeralTo: ANNA.id, text: expect.stringMatching(/^Why so many: Billing API/) });
  expect(why.ts).not.toBe(message.ts);
  expect(shown(why)).toContain('There is less than a day of history');
  expect(slack.messages(OPS, ANNA.id).find(({ ts }) => ts === message.ts)).toMatchObject({ text: message.text });
});

test('while the store is away, the reasons are those of the reading, and what is missing is said', async () => {
  const slack = await newSlack();
  const away = () => Promise.reject(new UpstreamError({ code: 'store-away', text: 'The store is away.', remedy: '' }));
  const { reports } = await watchedBot(slack, { seenAs: (monitor) => ({ ...monitor, past: away }) });
  reports.reports.set('prod', crowded);
  const why = shown(await command(slack, 'why prod'));
  expect(why).toContain(`${LARGE} | Billing API`);
  expect(why).toContain('small: The history is missing here: The store is away.');
});

test('a cluster that cannot be read says why, and one of which no node answers too', async () => {
  const slack = await newSlack();
  const reports = testDesk({ prod: crowded });
  await runBot(slack, { reports });
  const problem = { code: 'auth', text: 'a:27017 refuses the password.', remedy: 'Set the right one.' };
  reports.reports.set('prod', { ...crowded, sources: [], nodes: [{ host: 'a:27017', problem }] });
  expect((await command(slack, 'why prod')).text).toContain('I could not read prod');
  reports.reports.set('prod', () => Promise.reject(new UpstreamError({ ...problem, text: 'Atlas is away.' })));
  expect((await command(slack, 'why prod')).text).toContain('Atlas is away.');
});
