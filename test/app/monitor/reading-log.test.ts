// What the log says of readings: once when it changes, and with the cause.

import { expect, test } from 'vitest';
import { createReadingLog, outcomeOf, type ReadingOutcome } from '../../../src/app/monitor/logging.ts';
import { report } from '../../cli/sample.ts';
import { type LogLine, recordedLog } from '../../recorded-log.ts';
import { troubled } from './failing-store.ts';
import { halt, MINUTE, scene } from './scene.ts';

const problem = (code: string) => ({ code, text: `It is ${code}.`, remedy: `Mend ${code}.` });
const said = (code: string) => ({ code, problem: `It is ${code}.`, remedy: `Mend ${code}.` });
const lost = (host: string, code: string) => ({ host, problem: problem(code) });
const whole: ReadingOutcome = { cluster: 'prod', complete: true, nodesRead: 3, unread: [], problems: [] };
const since = '2026-11-21T10:00:00.000Z';

async function told(...outcomes: readonly Partial<ReadingOutcome>[]): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  const readings = createReadingLog({ log: await recordedLog(lines), now: () => new Date(since) });
  for (const outcome of outcomes) readings.record({ ...whole, ...outcome });
  return lines;
}

const refused = { complete: false, nodesRead: 0, unread: ['a', 'b', 'c'].map((host) => lost(host, 'auth')) };

test('a cluster of which nothing can be read is said once, with the cause, and that it is read again', async () => {
  expect(await told({}, refused, refused, refused, {}, {})).toEqual([
    { level: 'warn', message: 'cluster could not be read', cluster: 'prod', ...said('auth') },
    { level: 'info', message: 'cluster can be read again', cluster: 'prod', since },
  ]);
});

test('a cluster without known nodes cannot be read for its own reason', async () => {
  const lines = await told({ ...refused, unread: [], problems: [problem('dns')] });
  expect(lines).toEqual([{ level: 'warn', message: 'cluster could not be read', cluster: 'prod', ...said('dns') }]);
});

test('a cluster that is read in part is said once, and again when something else is missing', async () => {
  const one = { unread: [lost('b', 'timeout')] };
  const other = { unread: [lost('c', 'timeout')], problems: [problem('atlas-timeout')] };
  const part = { level: 'warn', message: 'cluster was read incompletely', cluster: 'prod' };
  expect(await told(one, one, other, other, {})).toEqual([
    { ...part, nodes: [{ host: 'b', ...said('timeout') }], problems: [] },
    { ...part, nodes: [{ host: 'c', ...said('timeout') }], problems: [said('atlas-timeout')] },
    { level: 'info', message: 'cluster can be read again', cluster: 'prod', since },
  ]);
});

test('causes that take turns at one node are each said once', async () => {
  const by = (code: string) => ({ unread: [lost('b', code)] });
  expect(await told(by('timeout'), by('refused'), by('timeout'), by('refused'))).toHaveLength(2);
});

test('an access list that nobody asked for is not missing, and a doubt is no cause', () => {
  const problems = ['access-list-missing', 'unlisted-uncertain', 'atlas-role-missing'].map(problem);
  expect(outcomeOf({ ...report(), problems }).problems).toEqual([problem('atlas-role-missing')]);
});

test('a cluster without a node is not read, whether or not anything says why', async () => {
  const outcome = outcomeOf({ ...report(), nodes: [], problems: [] });
  expect(await told(outcome)).toMatchObject([{ message: 'cluster could not be read', code: 'no-node' }]);
});

test('a watch says once that nothing can be read and that clusters cannot be listed, and once that both are over', async () => {
  const { clock, play, replica, log, store } = scene();
  await replica((await store()).store).start();
  await clock.pass(6 * MINUTE);
  const began = log.splice(0);
  expect(began).toContainEqual({ message: 'clusters are now watched', fields: { clusters: ['prod'] } });
  expect(began.filter(({ message }) => /be read|incomplete/.test(message))).toEqual([]);
  play.problem = 'Atlas refuses.';
  await clock.pass(20 * MINUTE);
  const away = { code: 'away', problem: 'Atlas refuses.' };
  const { readable, listable } = spoken(log.splice(0));
  expect(listable).toEqual([{ message: 'cluster list is incomplete', fields: { ...away, remedy: '' } }]);
  const remedy = 'Try again in a few minutes.';
  expect(readable).toEqual([{ message: 'cluster could not be read', fields: { cluster: 'prod', ...away, remedy } }]);
  play.problem = null;
  await clock.pass(20 * MINUTE);
  const over = spoken(log.splice(0));
  expect(over.listable).toMatchObject([
    { message: 'cluster list is complete again', fields: { since: expect.any(Date) } },
  ]);
  expect(over.readable).toMatchObject([{ message: 'cluster can be read again', fields: { cluster: 'prod' } }]);
});

function spoken(log: readonly { readonly message: string; readonly fields: object }[]) {
  return {
    readable: log.filter(({ message }) => /^cluster (could|can|was) /.test(message)),
    listable: log.filter(({ message }) => /^cluster list /.test(message)),
  };
}

test('at the start every cluster is read for the log alone: nothing is stored, and a trouble is not said again', async () => {
  const { clock, play, replica, log, store } = scene();
  play.clusters = ['prod', 'staging'];
  const { store: kept } = await store();
  const watch = replica(kept);
  await watch.start();
  const read = watch.readAtStart();
  await clock.pass(1_000);
  await read;
  const fine = { message: 'cluster was read at start', nodesRead: 1 };
  const said = log.splice(0).filter(({ message }) => /^cluster (?:was|could)/.test(message));
  expect(said.map(({ message, fields }) => ({ message, ...fields }))).toEqual([
    { ...fine, cluster: 'prod' },
    { ...fine, cluster: 'staging' },
  ]);
  expect(play.readings).toHaveLength(2);
  expect(await kept.clusters()).toEqual([]);
  play.problem = 'Atlas refuses.';
  const again = watch.readAtStart();
  await clock.pass(1_000);
  await again;
  await clock.pass(6 * MINUTE);
  const { readable } = spoken(log.splice(0));
  expect(readable.map(({ message, fields }) => [message, fields])).toEqual(
    ['prod', 'staging'].map((cluster) => ['cluster could not be read', expect.objectContaining({ cluster })]),
  );
});

test('slots that passed while the machine slept are said once of each cluster, with how many', async () => {
  const { clock, replica, log, store } = scene();
  await replica((await store()).store).start();
  await clock.pass(6 * MINUTE);
  clock.set(Date.parse('2026-11-21T11:13:00Z'));
  await clock.pass(10 * MINUTE);
  const missed = log.filter(({ message }) => message === 'scheduled readings were missed');
  expect(missed).toMatchObject([{ fields: { cluster: 'prod', missed: 12, since: expect.any(Date) } }]);
});

test('readings that the store never got are said to be lost when the watch stops, and no others', async () => {
  const { clock, replica, log, store } = scene();
  const cut = troubled((await store()).store);
  const watch = replica(cut.store);
  const losses = () => log.filter(({ message }) => message === 'unwritten readings lost at stop');
  await watch.start();
  await clock.pass(6 * MINUTE);
  cut.trouble.away = true;
  await clock.pass(20 * MINUTE);
  expect(losses()).toEqual([]);
  await halt(watch, clock);
  expect(losses()).toMatchObject([{ fields: { readings: 4 } }]);
});
