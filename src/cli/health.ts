// `atlas-conns health`: what the bot that runs says of itself, a line for each check.

import type { HealthAnswer } from './commands.ts';
import { printable } from './printable.ts';
import { painter, type Terminal } from './terminal.ts';

/** @returns the exit code: 0 it is well, 1 it is not */
export async function showHealth(input: {
  readonly answer: HealthAnswer;
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
