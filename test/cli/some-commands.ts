// Use cases of which only those that a test is about answer; any other rejects.

import type { Commands } from '../../src/app/commands/types.ts';

export function someCommands(given: Partial<Commands>): Commands {
  const refused = () => Promise.reject(new Error('not asked for in this test'));
  // biome-ignore lint/correctness/useYield: it rejects before the first
  async function* refusedStream(): AsyncGenerator<never> {
    await refused();
  }
  return {
    report: refused,
    savedReport: refused,
    why: refused,
    growth: async () => ({ growth: new Map(), problem: null }),
    hygiene: refused,
    history: refused,
    alerts: refused,
    serve: refused,
    health: refused,
    pools: refused,
    replay: refusedStream,
    exportHistory: refusedStream,
    watch: refusedStream,
    check: refusedStream,
    top: refusedStream,
    load: refusedStream,
    ...given,
  };
}

/** What a command printed, and where. */
export function recordedTerminal(columns = 80) {
  const out: string[] = [];
  const err: string[] = [];
  return {
    terminal: {
      columns,
      colors: false,
      out: (text: string) => void out.push(text),
      err: (text: string) => void err.push(text),
    },
    said: () => ({ out: out.join(''), err: err.join('') }),
  };
}
