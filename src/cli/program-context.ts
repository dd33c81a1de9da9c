// What every command of the program is added with.

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
