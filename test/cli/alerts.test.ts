// What `alerts` prints: every open alert with its handling, every silence, and how old all of it is.

import { expect, test } from 'vitest';
import type { AlertBoard } from '../../src/app/commands/types.ts';
import { showAlerts } from '../../src/cli/alerts.ts';
import type { Alert } from '../../src/core/alerting/alert.ts';
import type { Silence } from '../../src/core/alerting/silence.ts';
import { recordedTerminal, someCommands } from './some-commands.ts';

const AT = Date.parse('2026-11-21T10:05:00Z');
const SINCE = Date.parse('2026-11-21T09:55:00Z');

const firing: Alert = {
  id: 'one',
  version: 3,
  cluster: 'prod',
  rule: 'dormant-spike',
  source: '203.0.113.0/24',
  node: null,
  who: 'Billing API',
  state: 'firing',
  severity: 'critical',
  since: SINCE,
  endedAt: null,
  refires: 0,
  value: 1412,
  usual: 61,
  peak: 1540,
  shown: 1412,
  postedAt: null,
  shownAt: null,
  channel: 'C0001',
  what: '1,412 dormant connections, usually 61',
  reason: '1412 against a usual of 61',
  notes: [],
  evidence: null,
  unreadSince: null,
  endReason: null,
  calmSince: null,
  lastAction: null,
  judgedAt: AT,
  group: null,
  lead: null,
  previous: null,
  replies: 0,
};
const silence: Silence = {
  id: 's1',
  version: 1,
  cluster: 'prod',
  source: 'web',
  node: null,
  rule: 'churn',
  who: 'Web EU',
  by: 'U0ANNA',
  reason: 'load test',
  at: SINCE,
  until: Date.parse('2026-11-21T14:00:00Z'),
  hold: false,
  endedAt: null,
};

async function shown(board: Partial<AlertBoard>, options: { readonly json?: true } = {}): Promise<string> {
  const { terminal, said } = recordedTerminal();
  const whole = { at: AT, clusters: [{ name: 'prod', lastReading: AT - 120_000 }], alerts: [], silences: [], ...board };
  const commands = someCommands({ alerts: async () => whole });
  expect(await showAlerts({ cluster: null, options, commands, terminal, signal: new AbortController().signal })).toBe(
    0,
  );
  return said().out;
}

test('each alert: state, who and what; where, since when, and who did what', async () => {
  const lastAction = { act: 'acknowledged', by: 'U0ANNA', at: SINCE, until: null, reason: null } as const;
  const acknowledged: Alert = { ...firing, who: 'Web EU', state: 'acknowledged', severity: 'warning', lastAction };
  expect(await shown({ alerts: [firing, acknowledged], silences: [silence] })).toBe(`\
firing, critical  Billing API: 1,412 dormant connections, usually 61
  prod · dormant-spike · since 2026-11-21 09:55 (10 min) · peak 1,540
acknowledged  Web EU: 1,412 dormant connections, usually 61
  prod · dormant-spike · since 2026-11-21 09:55 (10 min) · peak 1,540 ·
  acknowledged 2026-11-21 09:55 by U0ANNA

silence: Web EU in prod (churn) until 2026-11-21 14:00 by U0ANNA: load test

prod: last read 2026-11-21 10:03, 2 min ago

Times are in UTC.
`);
});

test('without alerts the text says so, with the age of the last reading', async () => {
  expect(await shown({})).toBe(
    'Nothing is firing.\n\nprod: last read 2026-11-21 10:03, 2 min ago\n\nTimes are in UTC.\n',
  );
  expect(await shown({ clusters: [{ name: 'prod', lastReading: null }] })).toContain('prod: not read yet\n');
});

test('JSON has times as ISO 8601 and the handling of each alert', async () => {
  const lastAction = { act: 'silenced', by: null, at: SINCE, until: AT, reason: 'deploy' } as const;
  const document = JSON.parse(
    await shown({ alerts: [{ ...firing, lastAction }], silences: [silence] }, { json: true }),
  );
  expect(document).toMatchObject({
    schema: 'atlas-conns/alerts/1',
    at: '2026-11-21T10:05:00.000Z',
    clusters: [{ name: 'prod', lastReading: '2026-11-21T10:03:00.000Z' }],
    alerts: [
      {
        source: '203.0.113.0/24',
        state: 'firing',
        since: '2026-11-21T09:55:00.000Z',
        handling: { act: 'silenced', at: '2026-11-21T09:55:00.000Z', until: '2026-11-21T10:05:00.000Z' },
      },
    ],
    silences: [{ id: 's1', source: 'web', until: '2026-11-21T14:00:00.000Z' }],
  });
});

test('outside text cannot act on the terminal', async () => {
  const evil = { ...firing, who: 'x\u001b[2J\u202e' };
  const board = { alerts: [evil], silences: [{ ...silence, reason: '\u001b]0;x\u0007' }] };
  for (const options of [{}, { json: true }] as const) {
    const out = await shown(board, options);
    for (const character of ['\u001b', '\u202e', '\u0007']) expect(out).not.toContain(character);
  }
});
