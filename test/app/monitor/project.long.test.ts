// The watch of a whole project: stand-in nodes and Admin API, the real adapters, desk, judge and store.

import { expect, test } from 'vitest';
import type { MonitorReports } from '../../../src/app/monitor/types.ts';
import { DEFAULT_RULES, type RuleBook } from '../../../src/core/detection/rules.ts';
import { apiError } from '../../sandbox/atlas/fault.ts';
import { never, projectDesk } from '../clusters/project-desk.ts';
import { MINUTE, scene } from './scene.ts';
import { readingsIn } from './watched-store.ts';

const book: RuleBook = {
  rules: {
    ...DEFAULT_RULES,
    'dormant-threshold': { severity: 'warning', limit: 300, readings: { needed: 2, of: 3 } },
  },
  overrides: [],
};

/** A bot that watches prod, on a clock that waits for its readings. */
async function watchedProject(
  before: (project: Awaited<ReturnType<typeof projectDesk>>['project']) => void = () => {},
) {
  const made = scene();
  const { reports, project } = await projectDesk({ now: made.clock.now, wanted: ['prod'] });
  before(project);
  let reading = 0;
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    reading += 1;
    return work.finally(() => {
      reading -= 1;
    });
  };
  const patient: MonitorReports = {
    clusters: (signal) => counted(reports.clusters(signal)),
    report: (cluster, options) => counted(reports.report(cluster, options)),
    headroom: (cluster, signal) => counted(reports.headroom(cluster, signal)),
  };
  made.setDesk(patient);
  const { store } = await made.store();
  made.clock.waitFor(() => reading);
  const { monitor, start } = made.replica(store, { book });
  await start();
  return { clock: made.clock, prod: project.scenario.cluster('prod'), project, monitor, store };
}

test('a source that spikes is told, in the words of the access list, and that it is over', async () => {
  const { clock, prod, monitor, store } = await watchedProject();
  await clock.pass(6 * MINUTE);
  const [before] = await readingsIn(store);
  const largest = before?.sources.toSorted((a, b) => b.dormant - a.dormant)[0];
  const source = prod.plan.sources.find(({ name }) => name === largest?.name);
  if (before === undefined || source === undefined) throw new Error(`nobody is called ${largest?.name}`);
  expect(before.complete).toBe(true);
  const known = (await monitor.board(never)).alerts.length;
  prod.spike(source.name, 6);
  await clock.pass(10 * MINUTE);
  const { alerts } = await monitor.board(never);
  expect(alerts.length).toBeGreaterThan(known);
  const told = alerts.find(({ who, rule }) => rule === 'dormant-threshold' && who === source.name);
  expect(told?.state).toBe('firing');
  prod.gone(source.name);
  await clock.pass(20 * MINUTE);
  expect((await monitor.board(never)).alerts).toContainEqual(
    expect.objectContaining({ rule: 'dormant-threshold', who: source.name, state: 'ended' }),
  );
});

test('a bot that begins while Atlas does not tell the access list judges no source until it does', async () => {
  const { clock, project, monitor, store } = await watchedProject(({ atlas }) =>
    atlas.faults.add(/accessList/, apiError(400, 'INVALID_ATTRIBUTE')),
  );
  await clock.pass(11 * MINUTE);
  expect((await readingsIn(store)).map(({ complete, sources }) => [complete, sources.length])).toEqual([
    [false, 0],
    [false, 0],
  ]);
  project.atlas.faults.clear();
  await clock.pass(10 * MINUTE);
  const all = await readingsIn(store);
  const last = all.at(-1);
  expect(last?.complete).toBe(true);
  expect(last?.sources.length).toBeGreaterThan(3);
  expect(last?.moves).toBeUndefined();
  const known = await monitor.sources('prod', never);
  expect((await monitor.board(never)).alerts).toEqual([]);
  const named = new Set(all.flatMap(({ sources }) => sources.map(({ id }) => id)));
  expect(known.map(({ id }) => id).toSorted()).toEqual([...named].toSorted());
});

test('a node that is lost is named in the reading and an alert of its own, and the others are read on', async () => {
  const { clock, prod, monitor, store } = await watchedProject();
  await clock.pass(6 * MINUTE);
  await prod.lostNode(1);
  await clock.pass(10 * MINUTE);
  const snapshots = await readingsIn(store);
  expect(snapshots.map(({ complete }) => complete)).toEqual([true, false, false]);
  expect(snapshots.at(-1)?.sources.length).toBeGreaterThan(0);
  const { alerts } = await monitor.board(never);
  expect(alerts).toContainEqual(
    expect.objectContaining({ rule: 'unreadable', node: prod.set.node(1).host, state: 'firing' }),
  );
});
