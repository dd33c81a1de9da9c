// The other half of the fault schedules: beside the first on another core.

import { test } from 'vitest';
import { LONGEST, proveFrom } from './prove.ts';

test(
  'whatever goes wrong, no alert is lost, and none doubled where the bot may read the channel: other seeds',
  async () => {
    await proveFrom(1_001);
  },
  LONGEST,
);
