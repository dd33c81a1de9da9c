// Reading what was decided: heads, alerts, groups, silences.

import type { AlertGroup, AlertRecord } from '../../core/alerting/alert.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import type { ClusterHead } from '../../core/ports/store.ts';
import type { Database } from './database.ts';
import { bodyIn } from './rows.ts';

export function head(database: Database, cluster: string): ClusterHead | null {
  const sql = 'SELECT head AS body FROM cluster WHERE name = :cluster AND head IS NOT NULL';
  const row = database.get(sql, { cluster });
  return row === null ? null : bodyIn<ClusterHead>(row);
}

/** Oldest first. */
export function alerts(
  database: Database,
  { cluster, endedSince }: { readonly cluster: string | null; readonly endedSince: number },
): readonly AlertRecord[] {
  const sql = `
    SELECT body FROM alert
    WHERE (ended_at IS NULL OR ended_at >= :endedSince) AND (:cluster IS NULL OR cluster = :cluster)
    ORDER BY since, id`;
  return database.all(sql, { cluster, endedSince }).map((row) => bodyIn<AlertRecord>(row));
}

export function alert(database: Database, id: string): AlertRecord | null {
  const row = database.get('SELECT body FROM alert WHERE id = :id', { id });
  return row === null ? null : bodyIn<AlertRecord>(row);
}

export function group(database: Database, id: string): AlertGroup | null {
  const row = database.get('SELECT body FROM alert_group WHERE id = :id', { id });
  return row === null ? null : bodyIn<AlertGroup>(row);
}

/** Oldest first. */
export function silences(database: Database): readonly Silence[] {
  const rows = database.all('SELECT body FROM silence WHERE ended_at IS NULL ORDER BY at, id');
  return rows.map((row) => bodyIn<Silence>(row));
}
