// Fault schedules of every kind; the other half is in faults-more.test.ts.

import { test } from 'vitest';
import { LONGEST, proveFrom } from './prove.ts';

test(
  'whatever goes wrong, no alert is lost, and none doubled where the bot may read the channel',
  async () => {
    await proveFrom(1);
  },
  LONGEST,
);
