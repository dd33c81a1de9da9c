import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    reporters: [new URL('reporter.ts', import.meta.url).pathname],
    // No test may depend on speed: this bound only ends what hangs.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Its own default is a second.
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
  },
});
