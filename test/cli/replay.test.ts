// What `replay` prints: outside text cannot move the cursor, and JSON lines are nothing but JSON lines.

import { expect, test } from 'vitest';
import { showReplay } from '../../src/cli/replay.ts';
import type { ReplayedReading } from '../../src/core/replay.ts';

const base = {
  at: '2026-11-21T10:00:00.000Z',
  cluster: 'prod',
  source: '203.0.113.0/24',
  node: null,
  rule: 'dormant-spike',
} as const;
const reading: ReplayedReading = {
  at: base.at,
  cluster: 'prod',
  names: new Map([[base.source, 'Billing\u001b[2J']]),
  remarks: ['an election: b:27017 is primary now'],
  decisions: [{ ...base, firing: true, event: 'firing', reason: '440 against a usual of 93' }],
  standing: [],
  notifications: [
    { ...base, event: 'firing', severity: 'warning', value: 440, usual: 93, text: 'Billing\u001b[2J: 440' },
  ],
};

async function shown(options: { json?: true; explain?: true }): Promise<string> {
  const out: string[] = [];
  const commands = {
    report: () => Promise.reject(new Error('not asked')),
    savedReport: () => Promise.reject(new Error('not asked')),
    serve: () => Promise.resolve(),
    async *check() {},
    async *replay() {
      yield reading;
    },
  };
  const terminal = { columns: 80, colors: false, out: (text: string) => void out.push(text), err: () => undefined };
  const code = await showReplay({ path: 'history', options, commands, terminal, signal: new AbortController().signal });
  expect(code).toBe(0);
  return out.join('');
}

test('the timeline says when, what and to whom', async () => {
  expect(await shown({})).toBe(
    '2026-11-21 10:00Z  firing  prod  dormant-spike  Billing\\u{1b}[2J: 440\n' +
      '1 reading: 1 firing, 0 worse, 0 repeated, 0 ended.\n',
  );
});

test('an explanation has the remarks of the reading and every decision with its reason', async () => {
  const text = await shown({ explain: true });
  expect(text).toContain('prod: an election: b:27017 is primary now\n');
  expect(text).toContain('firing  Billing\\u{1b}[2J (203.0.113.0/24)  dormant-spike: 440 against a usual of 93\n');
});

test('JSON lines are the notifications and nothing else', async () => {
  expect(await shown({ json: true })).toBe(`${JSON.stringify(reading.notifications[0])}\n`);
});
