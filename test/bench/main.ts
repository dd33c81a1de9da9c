// `npm run bench`: what the product costs, as ratios side by side in one run. Absolute times do not last.

import { benchAcknowledge } from './acknowledge.ts';
import { benchInsight } from './insight.ts';
import { benchLoop } from './loop.ts';
import { benchMatching } from './matching.ts';
import { benchMemory } from './memory.ts';
import { benchProcess } from './process.ts';
import { benchReading } from './reading.ts';
import { benchReporter } from './reporter.ts';
import type { Row } from './row.ts';
import { benchState } from './state.ts';
import { benchStore } from './store.ts';
import { benchTop } from './top.ts';

for (const bench of [
  benchMatching,
  benchProcess,
  benchMemory,
  benchState,
  benchReading,
  benchInsight,
  benchReporter,
  benchTop,
  benchStore,
  benchAcknowledge,
  benchLoop,
]) {
  for (const row of await bench()) process.stdout.write(`${line(row)}\n`);
}

function line({ what, value, unit, reach, ok }: Row): string {
  return `${ok ? 'reached' : 'missed '}  ${value.toFixed(2)} ${unit} (${reach})  ${what}`;
}
