// The table of faults and outcomes, and each failure with the way to see it again.

import type { Outcome } from './run.ts';
import { type FaultKind, kindsOf } from './schedule.ts';

interface Row {
  schedules: number;
  expected: number;
  lost: number;
  doubled: number;
  doubledBlind: number;
  repeated: number;
  late: number;
}

const HEADS = ['fault', 'schedules', 'deliveries', 'lost', 'doubled', 'doubled, blind', 'repeated', 'late'] as const;

const RESTARTS: ReadonlySet<FaultKind> = new Set(['kill', 'sigkill']);

/** What must never be. Doubled counts where the bot may read the channel. */
export function failuresOf({ schedule, verdict, troubles }: Outcome): readonly string[] {
  const said = (what: string, ids: readonly string[]) => ids.map((id) => `${what}: ${id}`);
  return [
    ...said('lost', verdict.lost),
    ...(schedule.isBlind ? [] : said('doubled', verdict.doubled)),
    // Only a restart before the store is back can repeat what was posted without it, or a second replica that had the
    // store meanwhile: what it decided holds.
    ...(schedule.isBlind || schedule.replicas > 1 || schedule.faults.some(({ kind }) => RESTARTS.has(kind))
      ? []
      : said('repeated', repeatedWithoutReason(schedule, verdict))),
    ...said('stale', verdict.stale),
    ...said('unfounded', verdict.unfounded),
    ...troubles,
  ];
}

/**
 * A person's act reaches the store alone: it decides otherwise than what was decided without it, and that holds. Of a
 * silence that has ended, by a person or by time, the alert tells nothing.
 */
function repeatedWithoutReason({ acts }: Outcome['schedule'], { repeated, overtaken }: Outcome['verdict']) {
  return acts.some(({ kind }) => kind !== 'acknowledge') ? [] : repeated.filter((id) => !overtaken.includes(id));
}

/** A schedule with several faults counts in the row of each of them, and once in the last. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = new Map<FaultKind | 'all', Row>();
  for (const outcome of outcomes)
    for (const kind of [...kindsOf(outcome.schedule), 'all'] as const) add(rows, kind, outcome);
  const names = [...rows.keys()].filter((name) => name !== 'all').toSorted();
  const lines = [...names, 'all' as const].map((name) => {
    const row = rows.get(name);
    if (row === undefined) return [name, ...HEADS.slice(1).map(() => '0')];
    const { schedules, expected, lost, doubled, doubledBlind, repeated, late } = row;
    return [name, ...[schedules, expected, lost, doubled, doubledBlind, repeated, late].map(String)];
  });
  return [[...HEADS], ...lines]
    .map((cells) => cells.map((cell, at) => cell[at === 0 ? 'padEnd' : 'padStart'](14)).join('  '))
    .join('\n');
}

function add(rows: Map<FaultKind | 'all', Row>, kind: FaultKind | 'all', { schedule, verdict }: Outcome): void {
  const row = rows.get(kind) ?? {
    schedules: 0,
    expected: 0,
    lost: 0,
    doubled: 0,
    doubledBlind: 0,
    repeated: 0,
    late: 0,
  };
  rows.set(kind, row);
  row.schedules += 1;
  row.expected += verdict.expected;
  row.lost += verdict.lost.length;
  row[schedule.isBlind ? 'doubledBlind' : 'doubled'] += verdict.doubled.length;
  row.repeated += verdict.repeated.length;
  row.late += verdict.late;
}
