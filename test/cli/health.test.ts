// `health` as it is typed: what it prints, and its exit code.

import { expect, test } from 'vitest';
import type { HealthReport, HealthRequest } from '../../src/app/commands/types.ts';
import { run } from '../../src/cli/run.ts';
import { recordedTerminal, someCommands } from './some-commands.ts';

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

async function typed(argv: readonly string[], answer: HealthReport) {
  const asked: HealthRequest[] = [];
  const { terminal, said } = recordedTerminal();
  const health = async (request: HealthRequest) => {
    asked.push(request);
    return answer;
  };
  const code = await run({
    ...{ argv, terminal, version: '1.2.3' },
    commands: someCommands({ health }),
    log: { ...log, hide: () => undefined },
    random: () => 0.5,
    signal: new AbortController().signal,
  });
  return { code, asked, ...said() };
}

const slack = { name: 'slack', ok: true, says: 'Slack is connected.' };

test('a healthy bot: a line for each check, exit code 0', async () => {
  const clusters = [{ cluster: 'prod', says: 'Last read 3 min ago.' }];
  const { code, out, asked } = await typed(['health'], { ok: true, checks: [slack], clusters, remarks: [] });
  expect(code).toBe(0);
  expect(out).toBe('ok       slack: Slack is connected.\n         prod: Last read 3 min ago.\n');
  expect(asked).toMatchObject([{ live: false }]);
});

test('an unhealthy bot: exit code 1 and what fails; outside text does not act on the terminal', async () => {
  const store = { name: 'store', ok: false, says: 'The store does not answer in time.\u001b[2J' };
  const { code, out, asked } = await typed(['health', '--live'], {
    ok: false,
    checks: [slack, store],
    clusters: [],
    remarks: [],
  });
  expect(code).toBe(1);
  expect(out).toContain('failing  store: The store does not answer in time.');
  expect(out).not.toContain('\u001b');
  expect(asked).toMatchObject([{ live: true }]);
});

test('a remark is a warning, and fails no check', async () => {
  const remarks = ['No cluster is watched: Atlas refuses the client secret.\u001b[2J Check it.'];
  const { code, out } = await typed(['health'], { ok: true, checks: [slack], clusters: [], remarks });
  expect(code).toBe(0);
  expect(out).toContain('warning  No cluster is watched: Atlas refuses the client secret.');
  expect(out).not.toContain('\u001b');
});
