// Readings that people look at: found by their time for half an hour, wherever the store is.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createShownReadings } from '../../../src/app/clusters/shown-readings.ts';
import type { ShownReading } from '../../../src/core/ports/store.ts';
import { UpstreamError } from '../../../src/errors.ts';
import { packing } from '../../../src/store/packing.ts';
import { prodReport } from '../../slack/bot-fixture.ts';

const MINUTE = 60_000;
const AT = Date.parse(prodReport.at);

function shelf() {
  const clock = { now: AT };
  const trouble = { away: false, thrown: null as Error | null };
  const kept = new Map<string, ShownReading>();
  const warned: unknown[] = [];
  const checked = () => {
    if (trouble.thrown !== null) throw trouble.thrown;
    if (trouble.away) throw new UpstreamError({ code: 'store-timeout', text: 'No answer.', remedy: 'Wait.' });
  };
  const store = {
    async keepShown(shown: ShownReading) {
      checked();
      kept.set(`${shown.cluster} ${shown.at}`, shown);
    },
    async shown({ cluster, at }: Pick<ShownReading, 'cluster' | 'at'>) {
      checked();
      return kept.get(`${cluster} ${at}`) ?? null;
    },
  };
  const replica = (version = '1.0.0') =>
    createShownReadings({
      ...{ store, packing, version, now: () => new Date(clock.now) },
      log: { warn: (fields) => void warned.push(fields) },
    });
  return { clock, trouble, kept, warned, replica };
}

test('a reading is found as it was, with its age, by another replica; after half an hour it is not', async () => {
  const { clock, kept, replica } = shelf();
  const [first, second] = [replica(), replica()];
  first.keep(prodReport);
  first.keep(prodReport);
  expect(kept.size).toBe(1);
  clock.now += 29 * MINUTE;
  expect(await second.find('prod', AT)).toEqual({ report: prodReport, ageMs: 29 * MINUTE });
  expect(await second.find('prod', AT + 1)).toBeNull();
  expect(await second.find('staging', AT)).toBeNull();
  // To look at it again does not keep it longer.
  second.keep((await second.find('prod', AT))?.report ?? prodReport);
  clock.now += MINUTE;
  expect([await first.find('prod', AT), await second.find('prod', AT)]).toEqual([null, null]);
});

test('while the store is away, a replica finds what it showed itself, and nothing fails', async () => {
  const { trouble, warned, replica } = shelf();
  trouble.away = true;
  const [first, second] = [replica(), replica()];
  first.keep(prodReport);
  expect(await first.find('prod', AT)).toMatchObject({ report: { cluster: 'prod' } });
  expect(await second.find('prod', AT)).toBeNull();
  expect(warned).toEqual([{ code: 'store-timeout' }, { code: 'store-timeout' }]);
});

test('an error that the store does not know ends nothing: it is logged', async () => {
  const { trouble, warned, replica } = shelf();
  trouble.thrown = new Error('the worker is closed');
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  const first = replica();
  first.keep(prodReport);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
  expect(warned).toEqual([{ err: trouble.thrown }]);
  expect(await first.find('prod', AT)).toMatchObject({ report: { cluster: 'prod' } });
});

test('memory holds the newest twenty; a very large reading is not kept; another version of the bot shows none', async () => {
  const { trouble, kept, replica } = shelf();
  const first = replica();
  first.keep(prodReport);
  expect(await replica('1.1.0').find('prod', AT)).toBeNull();
  trouble.away = true;
  for (let index = 1; index <= 20; index++)
    first.keep({ ...prodReport, at: new Date(AT + index * MINUTE).toISOString() });
  expect(await first.find('prod', AT)).toBeNull();
  expect(await first.find('prod', AT + MINUTE)).not.toBeNull();
  trouble.away = false;
  // What does not compress.
  const noise = Array.from({ length: 60_000 }, (_, index) => createHash('sha256').update(`${index}`).digest('base64'));
  const [source] = prodReport.sources;
  const large = { ...prodReport, cluster: 'large', sources: noise.map((id) => ({ ...source, id })) };
  first.keep(large as typeof prodReport);
  expect([await first.find('large', AT), [...kept.keys()].filter((key) => key.startsWith('large'))]).toEqual([
    null,
    [],
  ]);
});
