// `npm run chaos -- --seed N --runs 1000`: fault schedules at random, and the table of what came of them.

import { parseArgs } from 'node:util';
import { runChildren } from './children.ts';
import { openElections } from './elections.ts';
import { pooled, runOnFile } from './pool.ts';
import type { Outcome } from './run.ts';
import { FAULTS, scheduleFor } from './schedule.ts';
import { failuresOf, tableOf } from './table.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    runs: { type: 'string', default: '100' },
    /** One schedule of so many has processes that are killed, or a replica set that elects; 0 for none. */
    processes: { type: 'string', default: '20' },
    elections: { type: 'string', default: '100' },
    /** Only this kind. */
    only: { type: 'string' },
    /** Only these faults in the file schedules, with commas between; all unless told. */
    faults: { type: 'string' },
    'at-once': { type: 'string', default: '3' },
  },
});

type Kind = 'file' | 'process' | 'election';

const say = (line: string) => void process.stdout.write(`${line}\n`);
const [first, runs] = [Number(values.seed), Number(values.runs)];
const kindAt = (run: number): Kind => {
  const isEach = (every: string) => Number(every) > 0 && run % Number(every) === Number(every) - 1;
  if (values.only === 'file' || values.only === 'process' || values.only === 'election') return values.only;
  return isEach(values.elections) ? 'election' : isEach(values.processes) ? 'process' : 'file';
};
const seeds = Array.from({ length: runs }, (_, run) => ({ seed: first + run, kind: kindAt(run) }));
const of = (kind: Kind) => seeds.filter((one) => one.kind === kind).map(({ seed }) => seed);
const named = values.faults?.split(',');
const faults = FAULTS.filter((fault) => named?.includes(fault) ?? true);
let failed = 0;

function told(kind: Kind, work: (seed: number) => Promise<Outcome>): (seed: number) => Promise<Outcome | null> {
  return async (seed) => {
    const only = values.faults === undefined ? '' : ` --faults ${values.faults}`;
    const again = `npm run chaos -- --seed ${seed} --runs 1 --only ${kind}${only}`;
    try {
      const outcome = await inTime(work(seed));
      const failures = failuresOf(outcome);
      if (failures.length > 0) {
        failed += 1;
        say([`failed: ${again}`, ...failures.map((failure) => `  ${failure}`)].join('\n'));
      }
      return outcome;
    } catch (error) {
      failed += 1;
      say(`broke off: ${again}\n  ${error instanceof Error ? error.stack : String(error)}`);
      return null;
    }
  };
}

async function elected(): Promise<readonly (Outcome | null)[]> {
  const wanted = of('election');
  if (wanted.length === 0) return [];
  const elections = await openElections();
  if ('reason' in elections) {
    say(`no elections: ${elections.reason}`);
    return [];
  }
  try {
    return await pooled(wanted, 1, told('election', elections.run));
  } finally {
    await elections.close();
  }
}

/** None takes so long, on however slow a machine: it hangs. */
const LONGEST_MS = 300_000;

async function inTime(outcome: Promise<Outcome>): Promise<Outcome> {
  const { promise: never, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('it hangs')), LONGEST_MS);
  try {
    return await Promise.race([outcome, never]);
  } finally {
    clearTimeout(timer);
  }
}

const began = Date.now();
say(`${runs} schedules from seed ${first}`);
const atOnce = Number(values['at-once']);
const onFiles = pooled(
  of('file'),
  atOnce,
  told('file', (seed) => runOnFile(scheduleFor(seed, faults))),
);
const outcomes = [
  ...(await onFiles),
  ...(await pooled(of('process'), 2, told('process', runChildren))),
  ...(await elected()),
].filter((outcome) => outcome !== null);
say(tableOf(outcomes));
say(`${outcomes.length} schedules in ${Math.round((Date.now() - began) / 1_000)} s, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
