// Raw readings: written with their figures, read in order. Also the sources and clusters that they found.

import type { Alert, AlertGroup } from '../../core/alerting/alert.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import type { KnownSource } from '../../core/connections/source.ts';
import type { ClusterHead } from '../../core/ports/store.ts';
import type { Snapshot, SnapshotSource } from '../../core/snapshots/snapshot.ts';
import { packing } from '../packing.ts';
import { ALERT, GROUP, HEAD, SILENCE } from '../records.ts';
import { nodeFigures } from '../series.ts';
import type { Database } from './database.ts';
import { countIn, intactIn, recordIn, textIn, usualColumns } from './rows.ts';

/** A reading of one slot; within a transaction. @param reading.cluster the number of the cluster's row */
export function addReading(
  database: Database,
  { cluster, slot, snapshot }: { readonly cluster: number; readonly slot: number; readonly snapshot: Snapshot },
): void {
  const { at, complete, sources, absent = [] } = snapshot;
  // The sum is unknown for an incomplete reading without any source. That is not zero.
  const isKnown = complete || sources.length > 0;
  const sum = (what: 'active' | 'dormant') =>
    isKnown ? sources.reduce((total, source) => total + source[what], 0) : null;
  const row = database.get(
    `INSERT INTO reading (cluster, slot, at, complete, active, dormant)
     VALUES (:cluster, :slot, :at, :complete, :active, :dormant) RETURNING id`,
    { cluster, slot, at, complete: complete ? 1 : 0, active: sum('active'), dormant: sum('dormant') },
  );
  const reading = countIn(row ?? {}, 'id');
  database.run('INSERT INTO snapshot VALUES (:reading, :body)', {
    reading,
    body: packing.pack(JSON.stringify(snapshot)),
  });
  for (const found of sources) {
    const source = sourceId(database, { cluster, at, found });
    const { active, dormant, usual } = found;
    database.run('INSERT INTO figure VALUES (:source, :reading, :active, :dormant, :usual_dormant, :usual_pooled)', {
      source,
      reading,
      active,
      dormant,
      ...usualColumns(usual ?? null),
    });
  }
  for (const { id, usual } of absent)
    database.run(
      `INSERT INTO figure SELECT id, :reading, 0, 0, :usual_dormant, :usual_pooled FROM source
       WHERE cluster = :cluster AND key = :id`,
      { reading, cluster, id, ...usualColumns(usual) },
    );
  for (const { node: host, complete: isComplete, current, limit } of nodeFigures(snapshot)) {
    const node = database.get(
      `INSERT INTO node (cluster, host) VALUES (:cluster, :host)
       ON CONFLICT DO UPDATE SET host = excluded.host RETURNING id`,
      { cluster, host },
    );
    database.run('INSERT INTO node_figure VALUES (:node, :reading, :complete, :connections, :most)', {
      node: countIn(node ?? {}, 'id'),
      reading,
      complete: isComplete ? 1 : 0,
      connections: current,
      most: limit,
    });
  }
}

function sourceId(
  database: Database,
  { cluster, at, found }: { readonly cluster: number; readonly at: number; readonly found: SnapshotSource },
): number {
  const row = database.get(
    `INSERT INTO source (cluster, key, name, first_seen, last_seen) VALUES (:cluster, :key, :name, :at, :at)
     ON CONFLICT DO UPDATE SET
       name = iif(excluded.last_seen >= last_seen, excluded.name, name),
       first_seen = min(first_seen, excluded.first_seen),
       last_seen = max(last_seen, excluded.last_seen)
     RETURNING id`,
    { cluster, key: found.id, name: found.name, at },
  );
  return countIn(row ?? {}, 'id');
}

/** The end of the last page; before the first page only `at` counts. */
export interface Cursor {
  readonly at: number;
  readonly cluster: number;
  readonly slot: number;
}

export interface ReadingsPage {
  /** Snapshots as JSON, parsed one by one during iteration. */
  readonly texts: readonly string[];
  readonly end: Cursor | null;
}

const PAGE = 32;
/** JSON characters per page. A page of larger readings ends early, so that its reader can do other work. */
const ENOUGH = 4_000_000;

/** Readings after the cursor, oldest first, at most one page. `end` is null after the last. */
export function snapshotPage(
  database: Database,
  range: { readonly cluster: string | null; readonly after: Cursor; readonly until: number },
): ReadingsPage {
  const { cluster: name, after, until } = range;
  const rows = database.all(
    `SELECT at, cluster, slot, body FROM reading JOIN snapshot ON snapshot.reading = reading.id
     WHERE (at, cluster, slot) > (:at, :cluster, :slot) AND at <= :until
       ${name === null ? '' : 'AND cluster = (SELECT id FROM cluster WHERE name = :name)'}
     ORDER BY at, cluster, slot LIMIT ${PAGE}`,
    { ...after, until, ...(name !== null && { name }) },
  );
  const texts: string[] = [];
  let size = 0;
  for (const row of rows) {
    if (size > ENOUGH) break;
    const text = intactIn(row, 'body', `a reading of ${new Date(countIn(row, 'at')).toISOString()}`);
    texts.push(text);
    size += text.length;
  }
  const last = texts.length < rows.length || rows.length === PAGE ? rows[texts.length - 1] : undefined;
  return {
    texts,
    end:
      last === undefined
        ? null
        : { at: countIn(last, 'at'), cluster: countIn(last, 'cluster'), slot: countIn(last, 'slot') },
  };
}

/** By id. */
export function sources(database: Database, cluster: string): readonly KnownSource[] {
  const sql = `
    SELECT key, source.name AS name, first_seen, last_seen FROM source JOIN cluster ON cluster.id = source.cluster
    WHERE cluster.name = :cluster ORDER BY key`;
  return database.all(sql, { cluster }).map((row) => ({
    id: textIn(row, 'key'),
    name: textIn(row, 'name'),
    firstSeen: countIn(row, 'first_seen'),
    lastSeen: countIn(row, 'last_seen'),
  }));
}

/** By name. */
export function clusters(database: Database): readonly string[] {
  return database.all('SELECT name FROM cluster ORDER BY name').map((row) => textIn(row, 'name'));
}

// Reads decisions: heads, alerts, groups, silences.

export function head(database: Database, cluster: string): ClusterHead | null {
  const sql = 'SELECT name AS id, head AS body FROM cluster WHERE name = :cluster AND head IS NOT NULL';
  const row = database.get(sql, { cluster });
  return row === null ? null : recordIn(row, HEAD);
}

/** Oldest first. */
export function alerts(
  database: Database,
  { cluster, endedSince }: { readonly cluster: string | null; readonly endedSince: number },
): readonly Alert[] {
  const sql = `
    SELECT id, body FROM alert
    WHERE (ended_at IS NULL OR ended_at >= :endedSince) AND (:cluster IS NULL OR cluster = :cluster)
    ORDER BY since, id`;
  return database.all(sql, { cluster, endedSince }).map((row) => recordIn(row, ALERT));
}

export function alert(database: Database, id: string): Alert | null {
  const row = database.get('SELECT id, body FROM alert WHERE id = :id', { id });
  return row === null ? null : recordIn(row, ALERT);
}

export function group(database: Database, id: string): AlertGroup | null {
  const row = database.get('SELECT id, body FROM alert_group WHERE id = :id', { id });
  return row === null ? null : recordIn(row, GROUP);
}

/** Oldest first. */
export function silences(database: Database): readonly Silence[] {
  const rows = database.all('SELECT id, body FROM silence WHERE ended_at IS NULL ORDER BY at, id');
  return rows.map((row) => recordIn(row, SILENCE));
}
