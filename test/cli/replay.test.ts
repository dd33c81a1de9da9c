// What `replay` prints: outside text cannot move the cursor, and JSON lines are nothing but JSON lines.

import { expect, test } from 'vitest';
import { showReplay } from '../../src/cli/alerts.ts';
import type { ReplayedReading } from '../../src/core/detection/evaluate.ts';
import { UserError } from '../../src/errors.ts';
import { recordedTerminal, someCommands } from './some-commands.ts';

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
  transitions: [],
  notifications: [
    { ...base, event: 'firing', severity: 'warning', value: 440, usual: 93, text: 'Billing\u001b[2J: 440' },
  ],
};

async function shown(options: { json?: true; explain?: true }): Promise<string> {
  const { terminal, said } = recordedTerminal();
  const commands = someCommands({
    async *replay() {
      yield reading;
    },
  });
  const code = await showReplay({
    ...{ path: 'history', cluster: null, options, commands, terminal },
    signal: new AbortController().signal,
  });
  expect(code).toBe(0);
  return said().out;
}

test('the timeline has time, event, cluster, rule and sentence', async () => {
  expect(await shown({})).toBe(
    '2026-11-21 10:00  firing    prod  dormant-spike  Billing\\u{1b}[2J: 440\n' +
      '1 reading: 1 firing, 0 worse, 0 repeated, 0 resolved. Times are in UTC.\n',
  );
});

test('an explanation has the remarks of the reading and every decision with its reason', async () => {
  const text = await shown({ explain: true });
  expect(text).toContain('prod: an election: b:27017 is primary now\n');
  expect(text).toContain('firing    Billing\\u{1b}[2J (203.0.113.0/24)  dormant-spike: 440 against a usual of 93\n');
});

test('JSON lines are the notifications and nothing else', async () => {
  expect(await shown({ json: true })).toBe(`${JSON.stringify(reading.notifications[0])}\n`);
});

test.each([
  [null, null, 'replay needs a history.'],
  ['history', 'prod', '--cluster needs --from-store.'],
] as const)('%j with the cluster %j is wrong input', async (path, cluster, text) => {
  const { terminal } = recordedTerminal();
  const { signal } = new AbortController();
  const shown = showReplay({ path, cluster, options: {}, commands: someCommands({}), terminal, signal });
  await expect(shown).rejects.toThrow(UserError);
  await expect(shown).rejects.toThrow(text);
});

test('nothing more is read while the reader of the output waits', async () => {
  let read = 0;
  const gates: (() => void)[] = [];
  const commands = someCommands({
    async *replay() {
      for (; read < 3; read++) yield reading;
    },
  });
  const terminal = {
    ...recordedTerminal().terminal,
    out: () => new Promise<void>((resolve) => void gates.push(resolve)),
  };
  const ended = showReplay({
    ...{ path: 'history', cluster: null, options: {}, commands, terminal },
    signal: new AbortController().signal,
  });
  for (const expected of [0, 1, 2]) {
    await expect.poll(() => gates.length).toBe(expected + 1);
    expect(read).toBe(expected);
    gates.at(-1)?.();
  }
  await expect.poll(() => gates.length).toBe(4);
  gates.at(-1)?.();
  expect(await ended).toBe(0);
});
