// What can go wrong with a node, switched on and off while it runs.

import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandError } from './command-error.ts';

export interface Trouble {
  /** Every answer, or that of the named commands, comes `ms` later; Infinity: never. 0 ends it. */
  slow(ms: number, commands?: readonly string[]): void;
  /** The socket is destroyed in the middle of the answer to these commands (null: to all); [] ends it. */
  drop(commands: readonly string[] | null): void;
  /** The command answers this error; null ends it. */
  fail(command: string, error: CommandError | null): void;
  /** All is well again. */
  end(): void;
}

export interface TroubleState extends Trouble {
  wait(command: string, signal: AbortSignal): Promise<void>;
  drops(command: string): boolean;
  failure(command: string): CommandError | undefined;
}

export function createTrouble(): TroubleState {
  let slowness: { readonly ms: number; readonly commands: readonly string[] | null } = { ms: 0, commands: null };
  let dropped: readonly string[] | null = [];
  const failures = new Map<string, CommandError>();
  const trouble: Trouble = {
    slow: (ms, commands) => {
      slowness = { ms, commands: commands ?? null };
    },
    drop: (commands) => {
      dropped = commands;
    },
    fail: (command, error) => {
      if (error === null) failures.delete(command);
      else failures.set(command, error);
    },
    end: () => {
      slowness = { ms: 0, commands: null };
      dropped = [];
      failures.clear();
    },
  };
  return {
    ...trouble,
    wait: async (command, signal) => {
      if (slowness.ms === 0 || slowness.commands?.includes(command) === false) return;
      const waiting = Number.isFinite(slowness.ms) ? delay(slowness.ms, undefined, { signal }) : untilAborted(signal);
      await waiting.catch(() => undefined);
    },
    drops: (command) => dropped === null || dropped.includes(command),
    failure: (command) => failures.get(command),
  };
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
