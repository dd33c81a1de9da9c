// What `watch` prints: the lines of replay as they come; in JSON nothing else on standard output.

import { expect, test } from 'vitest';
import type { WatchLine } from '../../src/app/commands/types.ts';
import { showWatch } from '../../src/cli/alerts.ts';
import { recordedTerminal, someCommands } from './some-commands.ts';

const notification = {
  at: '2026-11-21T10:00:00.000Z',
  cluster: 'prod',
  source: '203.0.113.0/24',
  node: null,
  rule: 'dormant-spike',
  event: 'firing',
  severity: 'warning',
  value: 440,
  usual: 93,
  text: 'Billing\u001b[2J: 440 dormant connections, usually 93.',
} as const;
const lines: readonly WatchLine[] = [
  { kind: 'remark', at: Date.parse('2026-11-21T09:59:00Z'), text: 'Watching prod\u001b[2J.' },
  { kind: 'notification', notification },
];

async function shown(options: { readonly json?: true }) {
  const { terminal, said } = recordedTerminal();
  const commands = someCommands({
    async *watch() {
      yield* lines;
    },
  });
  expect(await showWatch({ options, commands, terminal, signal: new AbortController().signal })).toBe(0);
  return said();
}

test('people read notifications as in a replay, and remarks beside them', async () => {
  expect(await shown({})).toEqual({
    out: '2026-11-21 10:00  firing    prod  dormant-spike  Billing\\u{1b}[2J: 440 dormant connections, usually 93.\n',
    err: 'Times are in UTC.\n2026-11-21 09:59  Watching prod\\u{1b}[2J.\n',
  });
});

test('programs read notifications alone', async () => {
  const { out } = await shown({ json: true });
  expect(out).not.toContain('\u001b');
  expect(out.endsWith('\n')).toBe(true);
  expect(JSON.parse(out)).toEqual(notification);
});
