// `atlas-conns check`: one line for everything that was tried, as soon as it was tried.

import type { CheckLine } from './commands.ts';
import { printable } from './printable.ts';
import { painter, type Terminal } from './terminal.ts';

/** @returns the exit code: 0 nothing is missing, 1 something is */
export async function showCheck(input: {
  readonly lines: AsyncIterable<CheckLine>;
  readonly terminal: Terminal;
}): Promise<number> {
  const { terminal } = input;
  const paint = painter(terminal.colors);
  let missing = 0;
  for await (const { ok, what, problem } of input.lines) {
    const mark = !ok
      ? paint('red', 'missing')
      : problem === undefined
        ? paint('green', 'ok     ')
        : paint('yellow', 'warning');
    terminal.out(`${mark}  ${printable(what)}\n`);
    // A remedy may be a command of several lines to copy: its line ends are ours and stay.
    const words = problem === undefined ? [] : [problem.text, ...problem.remedy.split('\n')];
    for (const line of words.filter((word) => word !== '')) terminal.out(`         ${printable(line)}\n`);
    if (!ok) missing++;
  }
  return missing === 0 ? 0 : 1;
}
