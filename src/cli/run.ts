// Runs one command: arguments → exit code. Prints errors.

import { CommanderError } from 'commander';
import type { Commands, WorldLog } from '../app/commands/types.ts';
import { inWords } from '../core/base/problem.ts';
import { referenceOf } from '../core/base/short-id.ts';
import { ConfigError, explain, UserError } from '../errors.ts';
import { printable } from './layout.ts';
import { createProgram, type ProgramContext } from './program.ts';
import type { Terminal, TextInput } from './terminal.ts';

const EXIT = { fine: 0, unread: 1, wrong: 2 } as const;

/**
 * @param input.argv without the interpreter and the script
 * @returns the exit code. Never rejects. After the signal aborts, it prints nothing more.
 */
export async function run(input: {
  readonly argv: readonly string[];
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly version: string;
  readonly log: WorldLog;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly input?: TextInput;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly more?: ProgramContext['more'];
}): Promise<number> {
  const { signal } = input;
  let code: number = EXIT.fine;
  const program = createProgram({
    ...input,
    exit: (exitCode) => {
      code = exitCode;
    },
  });
  try {
    await program.parseAsync(input.argv, { from: 'user' });
    return code;
  } catch (error) {
    // The parser has already printed its message. Help and version arrive here too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.wrong;
    if (signal.aborted) return EXIT.unread;
    return report(error, input);
  }
}

function report(
  error: unknown,
  { terminal, log, random }: { readonly terminal: Terminal; readonly log: WorldLog; readonly random: () => number },
): number {
  if (error instanceof ConfigError) {
    for (const wrong of error.problems) terminal.err(`${printable(inWords(wrong))}\n`);
    return EXIT.wrong;
  }
  const reference = referenceOf(random);
  const problem = explain(error, reference);
  if (problem.code === 'internal') log.error({ reference, err: error }, 'command failed');
  // Line ends in a remedy are our own: candidates, or a command to copy.
  const lines = [problem.text, ...problem.remedy.split('\n')].filter((line) => line !== '');
  terminal.err(`${lines.map(printable).join('\n')}\n`);
  return error instanceof UserError ? EXIT.wrong : EXIT.unread;
}
