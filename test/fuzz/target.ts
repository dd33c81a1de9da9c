// A part of the bot that outside data reaches, with what may be sent to it and what must hold.

import fc from 'fast-check';

export interface Target {
  readonly name: string;
  /** Of a hundred inputs, how many go here. */
  readonly share: number;
  run(options: { readonly runs: number; readonly seed: number }): Promise<Outcome>;
}

interface Outcome {
  /** Null where all is well: else the input, made as small as it goes, and what came of it. */
  readonly failure: string | null;
  /** Of one input, in milliseconds. */
  readonly slowest: number;
}

export function target<Input>(part: {
  readonly name: string;
  readonly share: number;
  readonly inputs: fc.Arbitrary<Input>;
  /** Throws where something does not hold. */
  readonly check: (input: Input) => void | Promise<void>;
}): Target {
  const { name, share, inputs, check } = part;
  return {
    name,
    share,
    async run({ runs, seed }) {
      let slowest = 0;
      const timed = async (input: Input) => {
        const start = process.cpuUsage();
        await check(input);
        const { user, system } = process.cpuUsage(start);
        slowest = Math.max(slowest, (user + system) / 1_000);
      };
      const details = await fc.check(fc.asyncProperty(inputs, timed), { numRuns: runs, seed });
      if (!details.failed) return { failure: null, slowest };
      const error = details.errorInstance;
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { failure: `${fc.defaultReportMessage(details)}\n${why}`, slowest };
    },
  };
}
