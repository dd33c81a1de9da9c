// Taking away what is older than the settings keep, in small steps, so that nobody waits for long.

import { CLAIMS_KEPT, type Keep, settledBefore, tidyingTime } from '../retention.ts';
import { HOUR, hourOf } from '../series.ts';
import type { Database } from './database.ts';
import { rollUp } from './rollup.ts';
import { countIn, countOrNull } from './rows.ts';

const DAY = 24 * HOUR;
/** Rows of one step. */
const STEP = 2_000;

export interface TidyInput {
  readonly now: number;
  readonly keep: Keep;
}

/** One step. @returns whether there may be more to do */
export function tidyStep(database: Database, { now, keep }: TidyInput): boolean {
  const settled = database.get('SELECT max(at) AS at FROM reading WHERE at < :before', { before: settledBefore(now) });
  const by = tidyingTime(now, countOrNull(settled ?? {}, 'at'));
  if (rollUpOldest(database, { now: by, keep })) return true;
  const values = { old: by - keep.hours, oldHour: Math.floor((by - keep.hours) / HOUR) };
  return database.together(
    () =>
      REMOVALS.some((sql) => database.run(sql, only(sql, values)) > 0) ||
      claims(database, { past: by - CLAIMS_KEPT, future: now + DAY }),
  );
}

function rollUpOldest(database: Database, { now, keep }: TidyInput): boolean {
  // Whole hours, so that none is half raw and half rolled up for longer than it takes.
  const before = hourOf(now - keep.readings);
  const oldest = database.get('SELECT cluster, at FROM reading WHERE at < :before ORDER BY at LIMIT 1', { before });
  if (oldest === null) return false;
  const hour = { cluster: countIn(oldest, 'cluster'), from: hourOf(countIn(oldest, 'at')) };
  database.together(() => rollUp(database, hour));
  return true;
}

/** In an order in which nothing is left that points to what is gone. */
const REMOVALS: readonly string[] = [
  `DELETE FROM source_hour WHERE (source, hour) IN (
     SELECT source, hour FROM source CROSS JOIN source_hour ON source_hour.source = source.id
     WHERE hour < :oldHour LIMIT ${STEP})`,
  `DELETE FROM cluster_hour WHERE (cluster, hour) IN (
     SELECT cluster, hour FROM cluster CROSS JOIN cluster_hour ON cluster_hour.cluster = cluster.id
     WHERE hour < :oldHour LIMIT ${STEP})`,
  `DELETE FROM source WHERE last_seen < :old
     AND NOT EXISTS (SELECT 1 FROM figure WHERE figure.source = source.id)
     AND NOT EXISTS (SELECT 1 FROM source_hour WHERE source_hour.source = source.id)`,
  'DELETE FROM alert WHERE ended_at < :old',
  `DELETE FROM alert_group WHERE since < :old AND NOT EXISTS (
     SELECT 1 FROM json_each(alert_group.body, '$.alerts') AS part JOIN alert ON alert.id = part.value)`,
  'DELETE FROM silence WHERE ended_at < :old',
  // A reply whose message never had, or has no more, a place: its alert is long gone, too.
  `DELETE FROM delivery WHERE kind = 'reply' AND since < :old AND about NOT IN (SELECT about FROM place)
     AND NOT EXISTS (SELECT 1 FROM delivery AS other WHERE other.thread = delivery.thread AND other.kind = 'message')`,
  'DELETE FROM told WHERE at < :old AND id NOT IN (SELECT id FROM delivery)',
  `DELETE FROM place WHERE at < :old AND about NOT IN (
     SELECT id FROM alert UNION ALL SELECT id FROM alert_group UNION ALL SELECT thread FROM delivery)`,
];

/** Days that nobody reads any more, and those that a wrong clock made; the last one says who it was. */
function claims(database: Database, slots: { readonly past: number; readonly future: number }): boolean {
  const removed = database.run(
    `DELETE FROM claim WHERE slot > :future OR (
       slot < :past AND slot < (SELECT max(slot) FROM claim AS last WHERE last.cluster = claim.cluster))`,
    slots,
  );
  return removed > 0;
}

function only(sql: string, { old, oldHour }: { readonly old: number; readonly oldHour: number }) {
  return sql.includes(':oldHour') ? { oldHour } : { old };
}
