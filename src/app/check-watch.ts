// Use case: what the settings say about watching: which rules are in force, when each cluster is read, who is told.

import type { Problem } from '../core/problem.ts';
import type { RoutingSettings } from '../core/routing.ts';
import type { RuleBook } from '../core/rule.ts';
import { ConfigError } from '../errors.ts';
import type { Finding } from './check.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import { wait } from './wait.ts';
import type { Schedules } from './watch/input.ts';
import { scheduleOf } from './watch/schedules.ts';

export interface CheckWatchInput {
  readonly book: RuleBook;
  readonly schedules: Schedules;
  /** An IANA name; null for the machine's own. */
  readonly timeZone: string | null;
  /** Null where nothing of Slack is set, or its channels are tried. */
  readonly routing: RoutingSettings | null;
  /** Of the clusters that are read. */
  readonly clusters: readonly string[];
  readonly now: () => Date;
}

export async function* checkWatch(input: CheckWatchInput): AsyncGenerator<Finding> {
  const { schedules, routing, clusters } = input;
  yield rulesInForce(input.book);
  // Asked and stopped: nothing of it ever runs.
  const scheduler = createScheduler({ ...input, wait, log: { warn: () => {}, error: () => {} } });
  const written = [schedules.default, ...schedules.clusters.map(({ schedule }) => schedule)];
  for (const schedule of new Set(written)) {
    const read = clusters.filter((name) => scheduleOf(name, schedules) === schedule);
    yield checkSchedule(scheduler, schedule, read);
  }
  await scheduler.stop();
  if (routing !== null && routing.channel === null)
    yield { ok: true, what: 'alerts in Slack', problem: NO_ALERT_CHANNEL };
}

export const NO_ALERT_CHANNEL: Problem = {
  code: 'no-alert-channel',
  text: 'No channel is set for alerts: those that no other setting sends somewhere are posted nowhere.',
  remedy: 'Set SLACK_ALERT_CHANNEL to the id of a channel.',
};

function rulesInForce({ rules, overrides }: RuleBook): Finding {
  const off = Object.entries(rules).flatMap(([name, rule]) => (rule === null ? [name] : []));
  const more = overrides.length === 0 ? '' : `, ${overrides.length} overrides`;
  return { ok: true, what: `rules: ${off.length === 0 ? 'all on' : `off: ${off.join(', ')}`}${more}` };
}

function checkSchedule(scheduler: Scheduler, schedule: string, clusters: readonly string[]): Finding {
  const what = `schedule ${schedule}: ${clusters.length === 0 ? 'no cluster' : clusters.join(', ')}`;
  try {
    scheduler.schedule(schedule, schedule, async () => {});
    const next = scheduler.next(schedule);
    if (next === null) return { ok: true, what };
    return { ok: true, what: `${what}, next at ${new Date(next).toISOString().slice(0, 16).replace('T', ' ')}Z` };
  } catch (error) {
    const [problem] = error instanceof ConfigError ? error.problems : [];
    if (problem === undefined) throw error;
    return { ok: false, what, problem };
  }
}
