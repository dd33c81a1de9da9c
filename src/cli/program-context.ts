// What every command of the program is added with.

import { tooLong } from '../core/commands/tokens.ts';
import { UserError } from '../errors.ts';
import type { Commands } from './commands.ts';
import type { Terminal } from './terminal.ts';

export interface ProgramContext {
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly version: string;
  readonly signal: AbortSignal;
  /** Called with the exit code of the command that ran. */
  readonly exit: (code: number) => void;
}

/** A cluster or a source, as typed. Files have names of their own length. */
export function typedName(name: string): string {
  const long = tooLong('name', name);
  if (long !== null) throw new UserError(long.text, long.remedy);
  return name;
}
