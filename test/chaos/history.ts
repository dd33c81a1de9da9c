// The simulated history as a desk serves it: plain reports, the same for the same schedule and moment.

import type { MonitorReports } from '../../src/app/monitor/types.ts';
import type { Wait } from '../../src/core/base/clock.ts';
import type { RuleBook } from '../../src/core/detection/rules.ts';
import { DEFAULT_RULES } from '../../src/core/detection/rules.ts';
import { node, report, source } from '../cli/sample.ts';
import { type Schedule, SOURCES, WITNESS } from './schedule.ts';

export const MINUTE = 60_000;
export const CLUSTER = 'prod';
/** A full hour, so that readings and their slots are the same in every run. */
export const START = Date.parse('2026-11-21T10:00:00Z');

const USUAL = 20;
const USUAL_CURRENT = 300;
const HIGH = 500;

/** Fires after two readings at a hundred, without a history. */
export const BOOK: RuleBook = {
  rules: { ...DEFAULT_RULES, 'dormant-threshold': { severity: 'warning', limit: 100, readings: { needed: 2, of: 3 } } },
  overrides: [],
};

export interface Host {
  readonly now: () => Date;
  readonly wait: Wait;
  /** What it really is, whatever this host's clock says. */
  readonly time: () => number;
}

export function deskOf(schedule: Schedule, { now, wait, time }: Host, calm: () => boolean): MonitorReports {
  const current = () => figure(schedule, null, time());
  const shown = () => node(HOST, { role: 'primary', current: current(), available: 1_500 - current() });
  return {
    clusters: async () => ({ names: [CLUSTER], left: [], projects: [], problems: [], defaultCluster: CLUSTER }),
    async report(cluster, { signal }) {
      const at = now().toISOString();
      await wait(200, signal);
      signal.throwIfAborted();
      const dormant = (id: string) => (id === WITNESS ? (calm() ? HIGH : USUAL) : figure(schedule, id, time()));
      const sources = [...SOURCES, WITNESS].map((id) => source(id, { name: `Team ${id}`, dormant: dormant(id) }));
      return { report: { ...report(), cluster, at, nodes: [shown()], sources, problems: [] }, ageMs: 0 };
    },
    async headroom() {
      const { host, role, version, available, limit, totalCreated, current: held, rejected } = shown();
      return [{ kind: 'headroom', host, role, version, available, limit, totalCreated, current: held, rejected }];
    },
  };
}

const HOST = 'shard-00-00.abcde.mongodb.net:27017';

function figure({ spikes, seed }: Schedule, id: string | null, at: number): number {
  const reading = Math.floor((at - START) / MINUTE);
  const levels = spikes
    .filter((spike) => spike.source === id && reading >= spike.from && reading < spike.until)
    .map(({ from, until, levels: [first, second] }) => (reading < (from + until) / 2 ? first : second));
  if (id === null) return levels.length === 0 ? USUAL_CURRENT : Math.max(...levels) > 400 ? 1_400 : 1_250;
  return Math.max(USUAL + ((reading * 7 + seed + id.length) % 6), ...levels);
}
