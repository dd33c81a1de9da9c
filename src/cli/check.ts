// `atlas-conns check`: one line for each attempt, as soon as it ends.

import type { CheckFinding, HealthReport } from '../app/commands/types.ts';
import { painter, printable } from './layout.ts';
import type { Terminal } from './terminal.ts';

/** @returns the exit code: 0 nothing is missing, 1 something failed or is missing */
export async function showCheck(input: {
  readonly lines: AsyncIterable<CheckFinding>;
  readonly terminal: Terminal;
}): Promise<number> {
  const { terminal } = input;
  const paint = painter(terminal.colors);
  let failed = 0;
  for await (const { ok, isMissing = false, what, problem } of input.lines) {
    const mark = !ok
      ? paint('red', isMissing ? 'missing' : 'failed ')
      : problem === undefined
        ? paint('green', 'ok     ')
        : paint('yellow', 'warning');
    terminal.out(`${mark}  ${printable(what)}\n`);
    // A remedy may be a command of several lines to copy, so its line ends are kept.
    const words = problem === undefined ? [] : [problem.text, ...problem.remedy.split('\n')];
    for (const line of words.filter((word) => word !== '')) terminal.out(`         ${printable(line)}\n`);
    if (!ok) failed++;
  }
  return failed === 0 ? 0 : 1;
}

// `atlas-conns health`: the running bot's health, one line for each check.

/** @returns the exit code: 0 healthy, 1 not */
export async function showHealth(input: {
  readonly answer: HealthReport;
  readonly terminal: Terminal;
}): Promise<number> {
  const { answer, terminal } = input;
  const paint = painter(terminal.colors);
  for (const { name, ok, says } of answer.checks) {
    const mark = ok ? paint('green', 'ok     ') : paint('red', 'failing');
    await terminal.out(`${mark}  ${printable(`${name}: ${says}`)}\n`);
  }
  for (const remark of answer.remarks) await terminal.out(`${paint('yellow', 'warning')}  ${printable(remark)}\n`);
  for (const { cluster, says } of answer.clusters) await terminal.out(`         ${printable(`${cluster}: ${says}`)}\n`);
  return answer.ok ? 0 : 1;
}
