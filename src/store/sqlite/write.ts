// Writes a decision: reading, head, records and deliveries together, or nothing.

import type { Alert } from '../../core/alerting/alert.ts';
import type { Change, ShownReading } from '../../core/ports/store.ts';
import { ALERT, GROUP, HEAD, SILENCE } from '../records.ts';
import { MOST_SHOWN } from '../retention.ts';
import type { Database } from './database.ts';
import { queue } from './outbox.ts';
import { addReading } from './readings.ts';
import { bytesIn, countIn, textIn } from './rows.ts';

/** See `Store.write`. */
export function write(database: Database, change: Change): boolean {
  return database.together(() => {
    if (!isNext(database, change)) return false;
    const cluster = change.reading === null && change.head === null ? null : clusterId(database, change.cluster);
    if (cluster !== null && change.reading !== null) addReading(database, { cluster, ...change.reading });
    if (cluster !== null && change.head !== null)
      database.run('UPDATE cluster SET version = :version, head = :head WHERE id = :cluster', {
        cluster,
        version: change.head.version,
        head: JSON.stringify(HEAD.encode(change.head)),
      });
    for (const alert of change.alerts) putAlert(database, alert);
    for (const group of change.groups)
      database.run('REPLACE INTO alert_group VALUES (:id, :version, :since, :body)', {
        id: group.id,
        version: group.version,
        since: group.since,
        body: JSON.stringify(GROUP.encode(group)),
      });
    for (const silence of change.silences)
      database.run('REPLACE INTO silence VALUES (:id, :version, :at, :ended, :body)', {
        id: silence.id,
        version: silence.version,
        at: silence.at,
        ended: silence.endedAt,
        body: JSON.stringify(SILENCE.encode(silence)),
      });
    for (const delivery of change.deliveries) queue(database, delivery);
    return true;
  });
}

/** Whether the slot is free and every record is the next version of the stored one. */
function isNext(database: Database, { cluster, reading, head, alerts, groups, silences }: Change): boolean {
  const known = (sql: string, id: string) => {
    const row = database.get(sql, { id });
    return row === null ? 0 : countIn(row, 'version');
  };
  const follows = (table: string, records: readonly { readonly id: string; readonly version: number }[]) =>
    records.every(({ id, version }) => version === known(`SELECT version FROM ${table} WHERE id = :id`, id) + 1);
  return (
    (reading === null || !hasReading(database, { cluster, slot: reading.slot })) &&
    (head === null || head.version === known('SELECT version FROM cluster WHERE name = :id', cluster) + 1) &&
    follows('alert', alerts) &&
    follows('alert_group', groups) &&
    follows('silence', silences)
  );
}

export function hasReading(
  database: Database,
  { cluster, slot }: { readonly cluster: string; readonly slot: number },
): boolean {
  const sql = 'SELECT 1 FROM reading WHERE cluster = (SELECT id FROM cluster WHERE name = :cluster) AND slot = :slot';
  return database.get(sql, { cluster, slot }) !== null;
}

function clusterId(database: Database, name: string): number {
  database.run('INSERT INTO cluster (name) VALUES (:name) ON CONFLICT DO NOTHING', { name });
  return countIn(database.get('SELECT id FROM cluster WHERE name = :name', { name }) ?? {}, 'id');
}

function putAlert(database: Database, alert: Alert): void {
  database.run('REPLACE INTO alert VALUES (:id, :version, :cluster, :since, :ended, :body)', {
    id: alert.id,
    version: alert.version,
    cluster: alert.cluster,
    since: alert.since,
    ended: alert.state === 'ended' ? (alert.endedAt ?? alert.judgedAt) : null,
    body: JSON.stringify(ALERT.encode(alert)),
  });
}

// Readings that people look at.

export function keepShown(database: Database, { cluster, at, until, packed }: ShownReading): void {
  database.together(() => {
    database.run('REPLACE INTO shown VALUES (:cluster, :at, :until, :packed)', { cluster, at, until, packed });
    database.run(
      `DELETE FROM shown WHERE until <= (SELECT until FROM shown ORDER BY until DESC LIMIT 1 OFFSET ${MOST_SHOWN})`,
    );
  });
}

export function shown(database: Database, { cluster, at }: Pick<ShownReading, 'cluster' | 'at'>): ShownReading | null {
  const row = database.get('SELECT until, body FROM shown WHERE cluster = :cluster AND at = :at', { cluster, at });
  return row === null ? null : { cluster, at, until: countIn(row, 'until'), packed: bytesIn(row, 'body') };
}

// Claims of slots.

export function claim(
  database: Database,
  { cluster, slot, instance }: { readonly cluster: string; readonly slot: number; readonly instance: string },
): boolean {
  const sql = 'INSERT INTO claim VALUES (:cluster, :slot, :instance) ON CONFLICT DO NOTHING';
  return database.run(sql, { cluster, slot, instance }) === 1;
}

export function lastClaim(
  database: Database,
  cluster: string,
): { readonly slot: number; readonly instance: string } | null {
  const sql = 'SELECT slot, instance FROM claim WHERE cluster = :cluster ORDER BY slot DESC LIMIT 1';
  const row = database.get(sql, { cluster });
  return row === null ? null : { slot: countIn(row, 'slot'), instance: textIn(row, 'instance') };
}
