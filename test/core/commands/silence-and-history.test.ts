// The grammar around alerts and history: what is understood, and what wrong input is answered with.

import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, WEEK } from '../../../src/core/base/duration.ts';
import { parseCommand } from '../../../src/core/commands/commands.ts';

const grammar = { clusters: ['prod', 'staging', 'My Cluster', 'help'], command: '/atlas-conns' };
const parsed = (text: string) => {
  const result = parseCommand(text, grammar);
  return result.ok ? result.command : result.problem.code;
};
const refusal = (text: string) => {
  const result = parseCommand(text, { ...grammar, clusters: ['prod', 'staging'] });
  if (result.ok) throw new Error(`"${text}" was understood`);
  return `${result.problem.text} ${result.problem.remedy}`;
};
const silence = (target: string, until: object, more: object = {}) => ({
  kind: 'silence',
  target,
  cluster: null,
  until,
  hold: false,
  reason: null,
  ...more,
});
const hours = { for: 4 * HOUR };

test.each<[string, unknown]>([
  ['silence Billing API 4h', silence('Billing API', hours)],
  ['silence Billing API 30m', silence('Billing API', { for: 30 * MINUTE })],
  ['Silence Billing API 1D.', silence('Billing API', { for: DAY })],
  ['silence Billing API for 1w', silence('Billing API', { for: WEEK })],
  ['silence Billing API in prod 4h', silence('Billing API', hours, { cluster: 'prod' })],
  ['silence Billing API prod 4h', silence('Billing API', hours, { cluster: 'prod' })],
  ['silence Billing API 4h in prod', silence('Billing API', hours, { cluster: 'prod' })],
  ['silence Billing API 4h hold', silence('Billing API', hours, { hold: true })],
  ['silence Billing API 4h hold, deploy', silence('Billing API', hours, { hold: true, reason: 'deploy' })],
  [
    'silence Billing API 4h in "my cluster" hold load test',
    silence('Billing API', hours, { cluster: 'My Cluster', hold: true, reason: 'load test' }),
  ],
  ['silence Billing API 4h “hold the door”', silence('Billing API', hours, { reason: 'hold the door' })],
  ['silence Billing API 4h in 2 steps', silence('Billing API', hours, { reason: 'in 2 steps' })],
  [
    'silence Billing API in prod 4h in staging too',
    silence('Billing API', hours, { cluster: 'prod', reason: 'in staging too' }),
  ],
  ['silence "worker 4h" 30m tests of 2d', silence('worker 4h', { for: 30 * MINUTE }, { reason: 'tests of 2d' })],
  ['silence "worker 4h" in staging 30m', silence('worker 4h', { for: 30 * MINUTE }, { cluster: 'staging' })],
  ['silence anyone: app "etl" 4h', silence('anyone: app "etl"', hours)],
  ['silence "anyone: app "etl"" in prod 4h', silence('anyone: app "etl"', hours, { cluster: 'prod' })],
  ['silence shard-00-00:27017 4h', silence('shard-00-00:27017', hours)],
  ['silence dormant-spike in prod 4h', silence('dormant-spike', hours, { cluster: 'prod' })],
  ['silence prod 4h failover', silence('prod', hours, { reason: 'failover' })],
  [
    'silence Web EU until 2026-11-30 18:00 deploy',
    silence('Web EU', { day: '2026-11-30', time: '18:00' }, { reason: 'deploy' }),
  ],
  ['silence Web EU until 2026-11-30T8:05', silence('Web EU', { day: '2026-11-30', time: '08:05' })],
  ['silence Web EU until 2026-11-30', silence('Web EU', { day: '2026-11-30', time: '00:00' })],
  ['silence Web EU until 18:00', silence('Web EU', { day: null, time: '18:00' })],
  [
    'silence Web EU in prod until 18:00, night',
    silence('Web EU', { day: null, time: '18:00' }, { cluster: 'prod', reason: 'night' }),
  ],
  ['mute Billing API 4h', silence('Billing API', hours)],
  ['snooze Billing API 4h', silence('Billing API', hours)],
  ['silence Billing API 4 hours', silence('Billing API', hours)],
  ['silence Billing API 4hrs', silence('Billing API', hours)],
  ['silence Billing API for 30 minutes', silence('Billing API', { for: 30 * MINUTE })],
  [
    'silence Billing API in prod for 2 days deploy',
    silence('Billing API', { for: 2 * DAY }, { cluster: 'prod', reason: 'deploy' }),
  ],
  ['silence Billing API 1h30m', silence('Billing API', { for: 90 * MINUTE })],
  ['silence Billing API 1d12h, deploy', silence('Billing API', { for: 36 * HOUR }, { reason: 'deploy' })],
  ['silence Billing API 1h 30m', silence('Billing API', { for: 90 * MINUTE })],
  [
    'silence Billing API 1 hour and 30 minutes tests',
    silence('Billing API', { for: 90 * MINUTE }, { reason: 'tests' }),
  ],
  ['silence Billing API 30m 4h of tests', silence('Billing API', { for: 30 * MINUTE }, { reason: '4h of tests' })],
  ['silence Billing API 1.5h', silence('Billing API', { for: 90 * MINUTE })],
  ['silence Billing API for an hour', silence('Billing API', { for: HOUR })],
  ['silence Billing API for half an hour', silence('Billing API', { for: 30 * MINUTE })],
  ['silence Billing API for a week', silence('Billing API', { for: WEEK })],
  ['silence Billing API until tomorrow', silence('Billing API', { day: 'tomorrow', time: '09:00' })],
  [
    'silence Billing API until tomorrow 18:00 deploy',
    silence('Billing API', { day: 'tomorrow', time: '18:00' }, { reason: 'deploy' }),
  ],
  ['silence Billing API until tomorrow at 6pm', silence('Billing API', { day: 'tomorrow', time: '18:00' })],
  ['silence Billing API until tomorrow morning', silence('Billing API', { day: 'tomorrow', time: '09:00' })],
  ['silence Billing API until Monday.', silence('Billing API', { day: 'monday', time: '09:00' })],
  ['silence Billing API until next fri 8:30 am', silence('Billing API', { day: 'next friday', time: '08:30' })],
  ['silence Billing API until next week', silence('Billing API', { day: 'next monday', time: '09:00' })],
  ['silence Billing API until next Mon', silence('Billing API', { day: 'next monday', time: '09:00' })],
  ['silence Billing API until midnight', silence('Billing API', { day: null, time: '00:00' })],
  ['silence Billing API until today', silence('Billing API', { day: null, time: '00:00' })],
  ['silence Billing API until noon', silence('Billing API', { day: null, time: '12:00' })],
  ['silence Billing API until 12 am', silence('Billing API', { day: null, time: '00:00' })],
  ['silence Billing API until 6:05pm hold', silence('Billing API', { day: null, time: '18:05' }, { hold: true })],
  ['silence Billing API of prod 4h please', silence('Billing API', hours, { cluster: 'prod' })],
  ['silence Billing API on prod 4h', silence('Billing API', hours, { cluster: 'prod' })],
  ['unmute Billing API', { kind: 'unsilence', target: 'Billing API', cluster: null }],
  ['unsilence all', { kind: 'unsilence', target: 'all', cluster: null }],
  ['unsilence all in prod', { kind: 'unsilence', target: 'all', cluster: 'prod' }],
  ['unsilence', { kind: 'unsilence', target: null, cluster: null }],
  ['unsilence in prod', { kind: 'unsilence', target: null, cluster: 'prod' }],
  ['unsilence prod', { kind: 'unsilence', target: 'prod', cluster: null }],
  ['unsilence Billing API', { kind: 'unsilence', target: 'Billing API', cluster: null }],
  ['unsilence "Billing API" in prod', { kind: 'unsilence', target: 'Billing API', cluster: 'prod' }],
  ['alerts', { kind: 'alerts', cluster: null }],
  ['alerts in prod', { kind: 'alerts', cluster: 'prod' }],
])('%s is understood', (text, command) => {
  expect(parsed(text)).toEqual(command);
});

const history = (source: string | null, cluster: string | null, window = DAY) => ({
  kind: 'history',
  source,
  cluster,
  window,
});

test.each<[string, unknown]>([
  ['history', history(null, null)],
  ['history 7d', history(null, null, 7 * DAY)],
  ['history prod', history(null, 'prod')],
  ['history in prod 1h', history(null, 'prod', HOUR)],
  ['history in "my cluster"', history(null, 'My Cluster')],
  ['history Billing API', history('Billing API', null)],
  ['history Billing API 35d?', history('Billing API', null, 35 * DAY)],
  ['history Billing API in prod 400d', history('Billing API', 'prod', 400 * DAY)],
  ['history Billing API 24 hours', history('Billing API', null)],
  ['history Billing API in prod 24hours', history('Billing API', 'prod')],
  ['history prod last 7 days', history(null, 'prod', 7 * DAY)],
  ['history of prod over the last 2 weeks', history(null, 'prod', 14 * DAY)],
  ['history of prod', history(null, 'prod')],
  ['history "staging"', history('staging', null)],
  ['history "worker 4h"', history('worker 4h', null)],
  ['history 203.0.113.9 24h', history('203.0.113.9', null)],
  ['history 203.0.113.9', history('203.0.113.9', null)],
])('%s is a history', (text, command) => {
  expect(parsed(text)).toEqual(command);
});

const why = (source: string | null, cluster: string | null) => ({ kind: 'why', source, cluster });

test.each<[string, unknown]>([
  ['why', why(null, null)],
  ['why?', why(null, null)],
  ['why prod', why(null, 'prod')],
  ['why in "my cluster"', why(null, 'My Cluster')],
  ['why so many in prod?', why(null, 'prod')],
  ['Why so many', why(null, null)],
  ['why are there so many connections in prod', why(null, 'prod')],
  ['why "so many" in prod', why('so many', 'prod')],
  ['why so manyfold', why('so manyfold', null)],
  ['why Billing API', why('Billing API', null)],
  ['why Billing API in prod', why('Billing API', 'prod')],
  ['why "prod"', why('prod', null)],
  ['why "prod" in staging', why('prod', 'staging')],
  ['why 203.0.113.9 prod', why('203.0.113.9', 'prod')],
  ['prod why', 'unknown-word'],
  ['why prod staging', 'two-clusters'],
  ['why ""', 'missing-source'],
])('%s asks why', (text, command) => {
  expect(parsed(text)).toEqual(command);
});

test('what is nearly why is answered with its form', () => {
  expect(refusal('prod why')).toContain('Did you mean "/atlas-conns why in prod"?');
  expect(refusal('explain prod')).toContain('Did you mean "/atlas-conns why in prod"?');
  expect(refusal('why Billing API in prdo')).toContain('Did you mean "/atlas-conns why "Billing API" in prod"?');
});

test.each([
  [
    'silence',
    'No target was named. Write "/atlas-conns silence <source, node or rule> [in <cluster>] <duration, or until date> [hold] [reason]".',
  ],
  [
    'silence 4h',
    'No target was named. Write "/atlas-conns silence <source, node or rule> [in <cluster>] <duration, or until date> [hold] [reason]".',
  ],
  [
    'silence Billing API',
    'No duration was named. Did you mean "/atlas-conns silence "Billing API" 4h"? A time works, too: until tomorrow 18:00.',
  ],
  [
    'silence Billing API 4x',
    '"4x" is neither a duration nor a time. Did you mean "/atlas-conns silence "Billing API" 4h"? A time works, too: until tomorrow 18:00.',
  ],
  [
    'silence Billing API until 2026-02-30 18:00',
    '"until 2026-02-30 18:00" is neither a duration nor a time. Did you mean "/atlas-conns silence "Billing API" 4h"? A time works, too: until tomorrow 18:00.',
  ],
  [
    'silence Billing API until later',
    '"until later" is neither a duration nor a time. Did you mean "/atlas-conns silence "Billing API" 4h"? A time works, too: until tomorrow 18:00.',
  ],
  [
    'silence Billing API until 13pm',
    '"until 13pm" is neither a duration nor a time. Did you mean "/atlas-conns silence "Billing API" 4h"? A time works, too: until tomorrow 18:00.',
  ],
  [
    'silence Billing API until 25:00 deploy',
    '"until 25:00" is neither a duration nor a time. Did you mean "/atlas-conns silence "Billing API" 4h"? A time works, too: until tomorrow 18:00.',
  ],
  [
    'silence "" 4h',
    'No target was named. Write "/atlas-conns silence <source, node or rule> [in <cluster>] <duration, or until date> [hold] [reason]".',
  ],
  ['silence in prod 4h', 'No target was named. Write "/atlas-conns silence prod 4h" for the whole cluster.'],
  [
    'silence 4h Billing API in prod',
    'The target comes first. Did you mean "/atlas-conns silence "Billing API" in prod 4h"? A time works, too: until tomorrow 18:00.',
  ],
  [
    'mute for 2 hours Billing API',
    'The target comes first. Did you mean "/atlas-conns silence "Billing API" 2h"? A time works, too: until tomorrow 18:00.',
  ],
  [
    'silence Billing API 4',
    '"4" is not enough for an end. Did you mean "/atlas-conns silence "Billing API" 4h"? A time works, too: until tomorrow 18:00.',
  ],
  [
    'silence Billing API tomorrow',
    '"tomorrow" is not enough for an end. Did you mean "/atlas-conns silence "Billing API" until tomorrow 09:00"? A time works, too: until tomorrow 18:00.',
  ],
  [
    'silence Billing API monday 18:00',
    '"monday 18:00" is not enough for an end. Did you mean "/atlas-conns silence "Billing API" until monday 18:00"? A time works, too: until tomorrow 18:00.',
  ],
  [
    'silence Billing API in prod forever',
    'A silence ends after at most 400 days. Did you mean "/atlas-conns silence "Billing API" in prod 4h"? A time works, too: until tomorrow 18:00.',
  ],
  [
    'silence prod staging 4h',
    'One cluster at a time. Write "/atlas-conns silence "prod" 4h" or "/atlas-conns silence "staging" 4h".',
  ],
  [
    'silence Billing API 4h in prdo',
    `I don't know a cluster "prdo". Did you mean "/atlas-conns silence "Billing API" in prod 4h"? I watch prod, staging.`,
  ],
  [
    'silence Billing API 4h hold in production',
    `I don't know a cluster "production". Did you mean "/atlas-conns silence "Billing API" in prod 4h hold"? I watch prod, staging.`,
  ],
  [
    'history prod staging',
    'One cluster at a time. Write "/atlas-conns history in prod 24h" or "/atlas-conns history in staging 24h".',
  ],
  [
    'alerts Billing API',
    `I don't know a cluster "Billing API". Write, for example, "/atlas-conns alerts prod". I watch prod, staging.`,
  ],
  ['unsilence ""', 'No target was named. "/atlas-conns unsilence" lists the silences in force.'],
  [
    'history "" in prod',
    'The name of the source is empty. Write "/atlas-conns history [source] [in <cluster>] [1h … 400d]".',
  ],
  [
    'silence Billing API 4m',
    'A silence lasts at least 5 minutes. Write a duration such as 30m, 4h, 1d or 1w, or a time such as "until tomorrow 18:00".',
  ],
  [
    'silence Billing API 401d',
    'A silence lasts at most 400 days. Write a duration such as 30m, 4h, 1d or 1w, or a time such as "until tomorrow 18:00".',
  ],
  [
    'silence Billing API in prdo 4h hold deploy',
    `I don't know a cluster "prdo". Did you mean "/atlas-conns silence "Billing API" in prod 4h hold deploy"? I watch prod, staging.`,
  ],
  [
    'silence "Billing API" in prdo 4h',
    `I don't know a cluster "prdo". Did you mean "/atlas-conns silence "Billing API" in prod 4h"? I watch prod, staging.`,
  ],
  [`silence Billing API 4h ${'x'.repeat(301)}`, 'A reason has at most 300 characters. Shorten it.'],
  [
    'unsilence Web EU in prdo',
    `I don't know a cluster "prdo". Did you mean "/atlas-conns unsilence "Web EU" in prod"? I watch prod, staging.`,
  ],
  [
    'sielnce Web EU 4h',
    `I don't know "sielnce". Did you mean "/atlas-conns silence <source, node or rule> [in <cluster>] <duration, or until date> [hold] [reason]"? "/atlas-conns help" lists everything.`,
  ],
  ['alerts prdo', `I don't know a cluster "prdo". Did you mean "/atlas-conns alerts prod"? I watch prod, staging.`],
  [
    'prod alerts',
    `I don't know "alerts" after the cluster "prod". Did you mean "/atlas-conns alerts prod"? "/atlas-conns help" lists everything.`,
  ],
  [
    'prod history',
    `I don't know "history" after the cluster "prod". Did you mean "/atlas-conns history in prod 24h"? "/atlas-conns help" lists everything.`,
  ],
  ['history Web EU 30m', '"30m" is outside the range of a history. Use a duration from 1h to 400d.'],
  ['history Web EU 58w', '"58w" is outside the range of a history. Use a duration from 1h to 400d.'],
  [
    'history "Web EU" in prod 5y',
    '"5y" is not a duration. Did you mean "/atlas-conns history "Web EU" in prod 24h"? Use 1h to 400d.',
  ],
  ['history prod 5y', '"5y" is not a duration. Did you mean "/atlas-conns history in prod 24h"? Use 1h to 400d.'],
  [
    'history Web EU in prdo 7d',
    `I don't know a cluster "prdo". Did you mean "/atlas-conns history "Web EU" in prod 7d"? I watch prod, staging.`,
  ],
])('%s is answered with what was wrong and the nearest right form', (text, answer) => {
  expect(refusal(text)).toBe(answer);
});
