// The daemon as a whole, without a store: what a process that is asked for another pace looks like meanwhile.

import { expect, onTestFinished, test } from 'vitest';
import { openPools } from '../../../src/app/pools/pools.ts';
import { poolReport, putReport } from '../../http/pools-fixture.ts';

const TOKEN = 'a token of 20 chars.'.replaceAll(' ', '-');
const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

test('a process is not stale while it takes the slower pace that it is asked for', async () => {
  let at = Date.parse('2026-11-21T10:00:00Z');
  const pools = await openPools({
    ...{ clusters: () => [], reports: () => null, monitor: () => null, now: () => new Date(at), log },
    // A free port.
    settings: { host: '127.0.0.1', port: 0, tokens: [TOKEN] },
  });
  if (pools === null) throw new Error('no listener');
  onTestFinished(() => pools.close());
  // The daemon asks nobody for less than a second.
  const { status, body } = await putReport({
    ...{ port: pools.port, token: TOKEN },
    report: poolReport({ everyMs: 100 }),
  });
  expect([status, JSON.parse(body)]).toEqual([200, { everyMs: 1_000 }]);
  const staleAt = async (ms: number) => {
    at += ms;
    return (await pools.service.view(new AbortController().signal)).apps.map(({ stale }) => stale);
  };
  expect(await staleAt(3_000)).toEqual([0]);
  expect(await staleAt(1)).toEqual([1]);
});
