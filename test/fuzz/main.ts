// `npm run fuzz -- --seed N --runs N`: hostile inputs to everything that outside data reaches. The same seed, the same inputs.

import { parseArgs } from 'node:util';
import { runsOf, TARGETS } from './targets.ts';

/** Of processor time: so much for one input is a hang, however busy the machine is. */
const HANG_MS = 1_000;

const { values } = parseArgs({
  options: { seed: { type: 'string' }, runs: { type: 'string' }, only: { type: 'string' } },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const runs = Number(values.runs ?? 100_000);
console.log(`seed ${seed}, ${runs} inputs`);

let wrong = 0;
for (const target of TARGETS.filter(({ name }) => values.only === undefined || name === values.only)) {
  const share = runsOf(target, runs);
  const { failure, slowest } = await target.run({ runs: share, seed });
  const hangs = slowest > HANG_MS;
  if (failure !== null || hangs) wrong++;
  console.log(
    `${failure === null && !hangs ? 'ok    ' : 'FAILED'}  ${target.name}: ${share} inputs, slowest ${Math.round(slowest)} ms`,
  );
  if (failure !== null) console.log(failure);
}
process.exitCode = wrong === 0 ? 0 : 1;
