// A replay of lines that are not all of the schedule.

import { expect, test } from 'vitest';
import { replay } from '../../../src/app/commands/replay.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import { encodeSnapshot } from '../../../src/core/snapshots/from-report.ts';
import { HOUR, MINUTE, snapshotOf, T0 } from '../../store/sample.ts';

test('extra readings decided nothing, so a replay leaves them out', async () => {
  async function* lines() {
    for (let at = T0; at < T0 + HOUR; at += 5 * MINUTE) {
      const scheduled = snapshotOf({ at, holding: { a: [1, 40] } });
      yield JSON.stringify(encodeSnapshot(scheduled));
      yield JSON.stringify(encodeSnapshot({ ...scheduled, at: at + MINUTE, extra: true }));
    }
  }
  const times: string[] = [];
  for await (const { at } of replay({ name: 'history', lines: lines(), book: DEFAULT_BOOK })) times.push(at);
  expect(times.map((at) => at.slice(14, 16))).toEqual(
    Array.from({ length: 12 }, (_, i) => String(5 * i).padStart(2, '0')),
  );
});
