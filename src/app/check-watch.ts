// Use case: what the settings say about watching: which rules are in force, when each cluster is read, who is told.

import type { RoutingSettings } from '../core/alerting/routing.ts';
import { nearest } from '../core/base/fuzzy-match.ts';
import { fits } from '../core/base/glob.ts';
import type { Problem } from '../core/base/problem.ts';
import type { RuleBook } from '../core/detection/rules.ts';
import { ConfigError } from '../errors.ts';
import type { Finding } from './commands/check.ts';
import type { Schedules } from './monitor/types.ts';
import { createScheduler, type Scheduler } from './scheduler/scheduler.ts';
import { wait } from './scheduler/timers.ts';
import { some } from './wanted.ts';
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
  /** Of all clusters, those that are left too; null where that is not known. */
  readonly known: readonly string[] | null;
  readonly now: () => Date;
}

export async function* checkWatch(input: CheckWatchInput): AsyncGenerator<Finding> {
  const { schedules, routing, clusters } = input;
  yield rulesInForce(input.book);
  // Asked and stopped: nothing of it ever runs.
  const scheduler = createScheduler({ ...input, wait, log: { warn: () => {}, error: () => {} } });
  const unfit = unfitIn(schedules, input.known ?? []);
  const written = [schedules.default, ...schedules.clusters.map(({ schedule }) => schedule)];
  for (const schedule of new Set(written)) {
    const read = clusters.filter((name) => scheduleOf(name, schedules) === schedule);
    const finding = checkSchedule(scheduler, schedule, read);
    // Of one that is for nobody it is said below whom it names.
    const isForNobody = unfit.some((one) => one.schedule === schedule) && read.length === 0;
    if (!finding.ok || schedule === schedules.default || !isForNobody) yield finding;
  }
  await scheduler.stop();
  for (const one of unfit) yield unfitFinding(one, input.known ?? []);
  if (routing !== null && routing.channel === null)
    yield { ok: true, what: 'alerts in Slack', problem: NO_ALERT_CHANNEL };
}

/** What is missing before Slack can be asked; or that nothing of it is set, which is no fault. */
export function* checkSlackSettings(settings: {
  readonly isSet: boolean;
  readonly missing: readonly Problem[];
}): Generator<Finding> {
  if (!settings.isSet) yield { ok: true, what: NOT_CONFIGURED };
  for (const problem of settings.missing) yield { ok: false, what: 'Slack', problem };
}

const NOT_CONFIGURED =
  'Slack: not configured; `serve` would need SLACK_BOT_TOKEN, and SLACK_APP_TOKEN or both SLACK_SIGNING_SECRET and PORT';

export const NO_ALERT_CHANNEL: Problem = {
  code: 'no-alert-channel',
  text: 'No channel is set for alerts: those that no other setting sends somewhere are posted nowhere.',
  remedy: 'Set SLACK_ALERT_CHANNEL to the id of a channel.',
};

type ClusterSchedule = Schedules['clusters'][number];

/** Those that are for no cluster. Where none is known nothing can be said of them. */
function unfitIn({ clusters }: Schedules, known: readonly string[]): readonly ClusterSchedule[] {
  return known.length === 0 ? [] : clusters.filter(({ cluster: glob }) => !known.some((name) => fits(glob, name)));
}

function unfitFinding({ cluster: glob, schedule }: ClusterSchedule, known: readonly string[]): Finding {
  const near = nearest(glob, known);
  const text = `The schedule ${schedule} is for ${glob}, which fits no cluster: ${some(known)}.`;
  const remedy = near === null ? 'Let it name one of them, or leave it out.' : `Did you mean ${near}?`;
  return { ok: true, what: `schedule of ${glob}`, problem: { code: 'schedule-unmatched', text, remedy } };
}

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
