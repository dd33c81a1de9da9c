import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What starts whole processes, browsers or images, or tries very many cases: `npm run test:long`. */
const LONG = ['test/{chaos,e2e,fuzz,image}/**/*.test.ts', 'test/**/*.long.test.ts'];

/** Minutes each: begun last, they would run alone at the end. */
const SLOWEST = ['weeks.long.test.ts', 'e2e/incident.test.ts', 'faults.test.ts', 'faults-more.test.ts'];

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => (SLOWEST.some((name) => moduleId.endsWith(`/${name}`)) ? 0 : 1);
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    reporters: [new URL('reporter.ts', import.meta.url).pathname],
    // No test may depend on speed: this bound only ends what hangs.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Its own default is a second.
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: 2,
    sequence: { sequencer: SlowestFirst },
    // The terminal shows times in the zone of its machine.
    env: { TZ: 'UTC' },
    projects: [
      // One process for many files: most of the time would go into starting and importing.
      { extends: true, test: { name: 'short', include: ['test/**/*.test.ts'], exclude: LONG, isolate: false } },
      { extends: true, test: { name: 'long', include: LONG, testTimeout: 900_000, hookTimeout: 900_000 } },
    ],
  },
});
