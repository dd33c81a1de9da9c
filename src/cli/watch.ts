// `atlas-conns watch`: what the bot would say in Slack, as it comes, until it is stopped.

import type { Commands } from './commands.ts';
import { minute } from './moment.ts';
import { printable } from './printable.ts';
import { shownJson } from './shown-json.ts';
import { painter, type Terminal } from './terminal.ts';
import { told } from './told.ts';

/** @returns the exit code. JSON has the lines of `replay --json` and nothing else: remarks go to standard error. */
export async function showWatch(input: {
  readonly options: { readonly json?: true };
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { options, commands, terminal, signal } = input;
  const paint = painter(terminal.colors);
  for await (const line of commands.watch({ signal })) {
    if (line.kind === 'remark') terminal.err(`${minute(line.at)}  ${printable(line.text)}\n`);
    else {
      const text = options.json ? shownJson(line.notification) : told(line.notification, paint);
      await terminal.out(`${text}\n`);
    }
  }
  return 0;
}
