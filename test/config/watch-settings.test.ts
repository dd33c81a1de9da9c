// What the watch is told by the settings: rules, schedules, time zone, routes, and how long history is kept.

import fc from 'fast-check';
import { validate } from 'node-cron';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { wrongWith } from '../../src/config/schedule.ts';
import { destinationOf } from '../../src/core/alerting/routing.ts';
import { DAY } from '../../src/core/base/duration.ts';
import { DEFAULT_BOOK } from '../../src/core/detection/rules.ts';
import { ConfigError } from '../../src/errors.ts';

const read = (yaml: string, env: Readonly<Record<string, string>> = {}) =>
  readConfig({ env: { ATLAS_CONNS_CONFIG: 'conns.yml', ...env }, readFile: () => Promise.resolve(yaml), needs: [] });

async function problems(yaml: string): Promise<readonly string[]> {
  const error: unknown = await read(yaml).catch((reason: unknown) => reason);
  if (!(error instanceof ConfigError)) throw new Error('this file is fine');
  return error.problems.map(({ text, remedy }) => `${text} ${remedy}`);
}

test('without a file everything has its default', async () => {
  const config = await readConfig({ env: {}, readFile: () => Promise.reject(new Error('unread')), needs: [] });
  expect(config).toMatchObject({
    book: DEFAULT_BOOK,
    routing: { channel: null, critical: { channel: null, mention: null }, routes: [], fallback: [] },
    schedules: { default: '*/5 * * * *', clusters: [] },
    timeZone: null,
    store: { keep: { readings: 35 * DAY, hours: 400 * DAY } },
  });
});

test('a schedule is one for all clusters, or one for each', async () => {
  expect((await read('schedule: "0 */10 * * * *"')).schedules).toEqual({ default: '0 */10 * * * *', clusters: [] });
  const { schedules } = await read('schedule: { "stage-*": 0 * * * *, default: "*/2 * * * *", prod: "* * * * *" }');
  expect(schedules).toEqual({
    default: '*/2 * * * *',
    clusters: [
      { cluster: 'stage-*', schedule: '0 * * * *' },
      { cluster: 'prod', schedule: '* * * * *' },
    ],
  });
  expect((await read('schedule: { prod: "* * * * *" }')).schedules.default).toBe('*/5 * * * *');
});

test.each([
  [
    'schedule: "*/5 * * *"',
    'schedule in conns.yml is "*/5 * * *". Expected a cron expression of five fields, e.g. */5',
  ],
  ['schedule: "61 24 * * *"', '"61" is not a valid minute (0 to 59), "24" is not a valid hour (0 to 23).'],
  ['schedule: { "stage-*": "* * * * fry" }', 'schedule.stage-* in conns.yml is "* * * * fry". Expected a cron'],
  ['schedule: { default: 5 }', 'schedule.default in conns.yml is 5. Expected text'],
  ['schedule: 5', 'schedule in conns.yml is 5. Expected a cron expression of five fields, e.g. */5 * * * *, or one'],
  ['slack: { fallback: [bob] }', 'slack.fallback[0] in conns.yml is "bob". Expected a user id such as U0123ABCD'],
  [
    'slack: { routes: [{ cluster: prod }] }',
    'slack.routes[0] in conns.yml is a group of keys. Expected at least one of',
  ],
  [
    'slack: { routes: [{ chanel: C0123 }] }',
    'slack.routes[0].chanel in conns.yml is not a setting. Did you mean channel?',
  ],
  ['slack: { routes: [{ channel: "#ops" }] }', 'slack.routes[0].channel in conns.yml is "#ops". Expected a channel id'],
  ['slack: { routes: [{ rule: chrun, owner: x }] }', 'slack.routes[0].rule in conns.yml is "chrun". Expected one of'],
  ['slack: { routes: [{ rule: chrun, owner: x }] }', 'or a pattern such as *-spike. Did you mean churn?'],
])('%j is answered with %s', async (yaml, expected) => {
  expect((await problems(yaml)).join('\n')).toContain(expected);
});

test('contradictory rules are reported together with all other problems', async () => {
  const found = await problems(`
rules: { dormant-spike: { ratio: 2, clear: 3 } }
schedule: { prod: often }
slack: { fallback: [bob] }
store: { keep: { hours: 1m } }
`);
  expect(found.map((line) => line.split(' ')[0])).toEqual([
    'schedule.prod',
    'slack.fallback[0]',
    'store.keep.hours',
    'rules.dormant-spike.clear',
  ]);
});

const FILE = `
labels:
  - { cidr: 203.0.113.0/24, name: Billing API, owner: "@billing", channel: C0BILLING }
  - { cidr: 198.51.100.0/24, name: Silent }
rules:
  overrides: [{ source: "Billing*", runbook: "https://wiki.example.net/billing", dormant-spike: { ratio: 3 } }]
slack:
  channel: C0ALL
  critical: { channel: C0CRIT, mention: S0DBA }
  routes: [{ cluster: "stage-*", channel: C0STAGE }, { rule: "*-spike", owner: "@dba" }]
  fallback: [U0BOSS]
`;

test('labels, overrides and routes say where an alert goes; the later one wins', async () => {
  const { routing } = await read(FILE, { SLACK_ALERT_CHANNEL: 'C0ENV' });
  expect(routing).toMatchObject({ channel: 'C0ALL', fallback: ['U0BOSS'], routes: { length: 4 } });
  const alert = { source: '203.0.113.0/24', node: null, who: 'Billing API', severity: 'warning' } as const;
  const runbook = 'https://wiki.example.net/billing';
  expect(destinationOf({ ...alert, rule: 'clients', cluster: 'prod' }, routing)).toEqual({
    channel: 'C0BILLING',
    owner: '@billing',
    runbook,
    mentions: [],
  });
  expect(destinationOf({ ...alert, rule: 'dormant-spike', cluster: 'stage-1' }, routing)).toEqual({
    channel: 'C0STAGE',
    owner: '@dba',
    runbook,
    mentions: [],
  });
});

test('the channel of the environment is the one of alerts where the file names none', async () => {
  expect((await read('default: prod', { SLACK_ALERT_CHANNEL: 'C0ENV' })).routing.channel).toBe('C0ENV');
});

test('the time zone is that of TZ; an unknown one is a notice', async () => {
  const { timeZone, book } = await read('', { TZ: 'Europe/Berlin' });
  expect([timeZone, book.timeZone]).toEqual(['Europe/Berlin', 'Europe/Berlin']);
  const other = await read('', { TZ: ':/etc/localtime' });
  expect(other.timeZone).toBeNull();
  expect(other.notices).toEqual([expect.stringMatching(/^TZ is ":\/etc\/localtime", not a time zone/)]);
});

test.each([
  ['readings: 500d', 500, 500],
  ['hours: 20d', 20, 20],
  ['readings: 1d', 1, 400],
  ['readings: 8w, hours: 104w', 56, 728],
])('keep { %s } keeps readings for %i days and hours for %i', async (keep, readings, hours) => {
  const { store } = await read(`store: { keep: { ${keep} } }`);
  expect(store.keep).toEqual({ readings: readings * DAY, hours: hours * DAY });
});

const value = fc.oneof(fc.nat(70).map(String), fc.constantFrom('mon', 'SUN', 'january', 'Feb', 'x', '', '*', '05'));
const part = fc.oneof(
  value,
  fc.tuple(value, value).map((pair) => pair.join('-')),
  fc.tuple(value, fc.nat(70)).map((pair) => pair.join('/')),
  fc.tuple(value, value, fc.nat(70)).map(([from, to, step]) => `${from}-${to}/${step}`),
);
const field = fc.oneof({ weight: 5, arbitrary: fc.constant('*') }, part, fc.array(part, { maxLength: 3 }).map(String));

test('what counts as a cron expression is one for the scheduler', () => {
  const seen = { right: 0, wrong: 0 };
  fc.assert(
    fc.property(fc.nat(5), field, (index, odd) => {
      const expression = ['*', '*', '*', '*', '*', '*'].with(index, odd).join(' ');
      const isRight = wrongWith(expression) === null;
      seen[isRight ? 'right' : 'wrong'] += 1;
      if (isRight) expect([expression, validate(expression)]).toEqual([expression, true]);
    }),
    { numRuns: 1000 },
  );
  expect(Math.min(seen.right, seen.wrong)).toBeGreaterThan(50);
});

test.each(['*/5 * * * *', '0 8-18/2 * * mon-fri', '30 */10 * * * *', '0 22-2 1,15 JAN,july 0', ' 5  4 * * sunday '])(
  '%s is a cron expression',
  (expression) => {
    expect([wrongWith(expression), validate(expression)]).toEqual([null, true]);
  },
);
