// `npm run fuzz -- --seed N --runs N`: hostile inputs to everything that outside data reaches. The same seed, the same inputs.

import { parseArgs } from 'node:util';
import { GRAMMARS } from './grammars.ts';
import { growthOf, SHAPES } from './growth.ts';
import { runsOf, TARGETS } from './targets.ts';

/** Of processor time: so much for one input is a hang, however busy the machine is. */
const HANG_MS = 1_000;

/** Of the texts whose time is compared with that of shorter ones. */
const LONGEST = 4_000;

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
for (const grammar of values.only === undefined ? GRAMMARS : []) {
  const growths = SHAPES.flatMap((shape) => growthOf(grammar, shape, LONGEST) ?? []);
  if (growths.length > 0) wrong++;
  console.log(`${growths.length === 0 ? 'ok    ' : 'FAILED'}  time of ${grammar.name}: ${SHAPES.length} shapes`);
  for (const { shape, ratio, took } of growths)
    console.log(`${shape}: ${ratio.toFixed(1)} times as long for four times the text, ${Math.round(took)} ms`);
}
process.exitCode = wrong === 0 ? 0 : 1;
