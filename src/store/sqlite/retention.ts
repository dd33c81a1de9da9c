// Removes data that is older than the retention settings, in small steps, so that no call waits long.

import { DAY, HOUR } from '../../core/base/duration.ts';
import type { Spread } from '../../core/ports/store.ts';
import { CLAIMS_KEPT, type Retention, settledBefore, tidyingTime } from '../retention.ts';
import { hourOf, hourSample, merged, readingSample, type Sample, usualOfHour } from '../series.ts';
import type { Database } from './database.ts';
import { countIn, countOrNull, isIn, type SqlRow, usualColumns } from './rows.ts';
import { foundIn, hourOfRow, nodeSamples } from './series.ts';

/** Rows per step. */
const STEP = 2_000;

export interface TidyInput {
  readonly now: number;
  readonly keep: Retention;
}

/** One step. @returns whether there may be more to do */
export function tidyStep(database: Database, { now, keep }: TidyInput): boolean {
  const settled = database.get('SELECT max(at) AS at FROM reading WHERE at < :before', { before: settledBefore(now) });
  const by = tidyingTime(now, countOrNull(settled ?? {}, 'at'));
  if (rollUpOldest(database, { now: by, keep })) return true;
  const values = { old: by - keep.hours, oldHour: Math.floor((by - keep.hours) / HOUR), now };
  return database.together(
    () =>
      REMOVALS.some((sql) => database.run(sql, only(sql, values)) > 0) ||
      claims(database, { past: by - CLAIMS_KEPT, future: now + DAY }),
  );
}

function rollUpOldest(database: Database, { now, keep }: TidyInput): boolean {
  // Whole hours, so that no hour stays half raw and half rolled up after this step.
  const before = hourOf(now - keep.readings);
  const oldest = database.get('SELECT cluster, at FROM reading WHERE at < :before ORDER BY at LIMIT 1', { before });
  if (oldest === null) return false;
  const hour = { cluster: countIn(oldest, 'cluster'), from: hourOf(countIn(oldest, 'at')) };
  database.together(() => rollUp(database, hour));
  return true;
}

/** The order leaves no reference to a deleted row. */
const REMOVALS: readonly string[] = [
  `DELETE FROM source_hour WHERE (source, hour) IN (
     SELECT source, hour FROM source CROSS JOIN source_hour ON source_hour.source = source.id
     WHERE hour < :oldHour LIMIT ${STEP})`,
  `DELETE FROM cluster_hour WHERE (cluster, hour) IN (
     SELECT cluster, hour FROM cluster CROSS JOIN cluster_hour ON cluster_hour.cluster = cluster.id
     WHERE hour < :oldHour LIMIT ${STEP})`,
  `DELETE FROM node_hour WHERE (node, hour) IN (
     SELECT node, hour FROM node CROSS JOIN node_hour ON node_hour.node = node.id
     WHERE hour < :oldHour LIMIT ${STEP})`,
  `DELETE FROM node WHERE NOT EXISTS (SELECT 1 FROM node_figure WHERE node_figure.node = node.id)
     AND NOT EXISTS (SELECT 1 FROM node_hour WHERE node_hour.node = node.id)`,
  `DELETE FROM source WHERE last_seen < :old
     AND NOT EXISTS (SELECT 1 FROM figure WHERE figure.source = source.id)
     AND NOT EXISTS (SELECT 1 FROM source_hour WHERE source_hour.source = source.id)`,
  'DELETE FROM shown WHERE until <= :now',
  'DELETE FROM alert WHERE ended_at < :old',
  `DELETE FROM alert_group WHERE since < :old AND NOT EXISTS (
     SELECT 1 FROM json_each(alert_group.body, '$.alerts') AS part JOIN alert ON alert.id = part.value)`,
  'DELETE FROM silence WHERE ended_at < :old',
  // A reply whose message has no position any more: its alert is long gone, too.
  `DELETE FROM delivery WHERE kind = 'reply' AND since < :old AND about NOT IN (SELECT about FROM place)
     AND NOT EXISTS (SELECT 1 FROM delivery AS other WHERE other.thread = delivery.thread AND other.kind = 'message')`,
  'DELETE FROM told WHERE at < :old AND id NOT IN (SELECT id FROM delivery)',
  `DELETE FROM place WHERE at < :old AND about NOT IN (
     SELECT id FROM alert UNION ALL SELECT id FROM alert_group UNION ALL SELECT thread FROM delivery)`,
];

/**
 * Removes expired claims, and claims from a wrong clock. The last claim of a cluster stays, because it names the
 * replica.
 */
function claims(database: Database, slots: { readonly past: number; readonly future: number }): boolean {
  const removed = database.run(
    `DELETE FROM claim WHERE slot > :future OR (
       slot < :past AND slot < (SELECT max(slot) FROM claim AS last WHERE last.cluster = claim.cluster))`,
    slots,
  );
  return removed > 0;
}

function only(sql: string, values: { readonly old: number; readonly oldHour: number; readonly now: number }) {
  return Object.fromEntries(Object.entries(values).filter(([name]) => new RegExp(`:${name}\\b`).test(sql)));
}

// Rolls up an hour of raw readings into one row per source and one of the cluster, and deletes the readings.

/** `from` is the first millisecond of the hour. */
type Hour = Readonly<Record<'cluster' | 'from', number>>;
type Span = Readonly<Record<'cluster' | 'from' | 'to', number>>;

interface Reading {
  readonly at: number;
  readonly complete: boolean;
}

/** Runs within a transaction. Merges with an existing row: a reading may have been written late. */
function rollUp(database: Database, { cluster, from }: Hour): void {
  const span = { cluster, from, to: from + HOUR };
  const hour = from / HOUR;
  const rows = database.all(
    `SELECT id, at, complete, active, dormant, NULL AS usual_dormant FROM reading WHERE ${SPAN} ORDER BY at`,
    span,
  );
  const known = database.get(
    'SELECT *, NULL AS usual_dormant FROM cluster_hour WHERE cluster = :cluster AND hour = :hour',
    { cluster, hour },
  );
  const before = known === null ? null : hourOfRow(known);
  const all = merged([
    ...(before === null ? [] : [before]),
    ...rows.map((row) => readingSample({ ...readingIn(row), found: foundIn(row) })),
  ]);
  database.run(`REPLACE INTO cluster_hour VALUES (:cluster, :hour, :readings, :incomplete, ${SPREADS})`, {
    cluster,
    hour,
    readings: all.readings,
    incomplete: all.incomplete,
    ...columns(all),
  });
  for (const source of sourcesOf(database, { ...span, hour })) {
    const own = merged(ownSamples(database, { source, hour, span, rows, before }));
    if (own.dormant === null) continue;
    database.run(`REPLACE INTO source_hour VALUES (:source, :hour, ${SPREADS}, :usual_dormant, :usual_pooled)`, {
      source,
      hour,
      ...columns(own),
      ...usualColumns(usualOfHour(own)),
    });
  }
  rollUpNodes(database, { ...span, hour });
  removeRaw(database, span);
}

/** The samples of an hour are its raw readings and what is rolled up already. */
function rollUpNodes(database: Database, { hour, ...span }: Span & { readonly hour: number }): void {
  const { cluster } = span;
  for (const row of database.all('SELECT id FROM node WHERE cluster = :cluster', { cluster })) {
    const node = countIn(row, 'id');
    const samples = nodeSamples(database, { ...span, node });
    if (samples.every((sample) => sample.span > 0)) continue;
    const { readings, incomplete, connections, limit } = merged(samples);
    database.run('REPLACE INTO node_hour VALUES (:node, :hour, :readings, :incomplete, :min, :median, :max, :most)', {
      ...{ node, hour, readings, incomplete },
      min: connections?.min ?? null,
      median: connections?.median ?? null,
      max: connections?.max ?? null,
      most: limit,
    });
  }
}

const SPAN = 'cluster = :cluster AND at >= :from AND at < :to';
const SPREADS = ':dormant_min, :dormant_median, :dormant_max, :pooled_min, :pooled_median, :pooled_max';

/** Sources that a reading of the hour found, now or in an earlier rollup. */
function sourcesOf(database: Database, { hour, ...span }: Span & { readonly hour: number }): readonly number[] {
  const rows = database.all(
    `SELECT DISTINCT figure.source AS source FROM reading
       CROSS JOIN source ON source.cluster = reading.cluster
       CROSS JOIN figure ON figure.source = source.id AND figure.reading = reading.id
       WHERE reading.cluster = :cluster AND at >= :from AND at < :to
     UNION
     SELECT source_hour.source FROM source CROSS JOIN source_hour ON source_hour.source = source.id AND hour = :hour
       WHERE source.cluster = :cluster`,
    { ...span, hour },
  );
  return rows.map((row) => countIn(row, 'source'));
}

function ownSamples(
  database: Database,
  {
    source,
    hour,
    span,
    rows,
    before,
  }: {
    readonly source: number;
    readonly hour: number;
    readonly span: Span;
    readonly rows: readonly SqlRow[];
    readonly before: Sample | null;
  },
): readonly Sample[] {
  const figures = database.all(
    `SELECT reading, figure.active AS active, figure.dormant AS dormant, usual_dormant, usual_pooled
     FROM reading CROSS JOIN figure ON figure.source = :source AND figure.reading = reading.id WHERE ${SPAN}`,
    { source, ...span },
  );
  const found = new Map(figures.map((row) => [countIn(row, 'reading'), foundIn(row)]));
  const raw = rows.map((row) => readingSample({ ...readingIn(row), found: found.get(countIn(row, 'id')) ?? null }));
  if (before === null) return raw;
  const kept = database.get('SELECT * FROM source_hour WHERE source = :source AND hour = :hour', { source, hour });
  const { readings, incomplete } = before;
  const own = kept === null ? null : hourOfRow({ ...kept, readings, incomplete });
  return [own ?? hourSample({ at: span.from, readings, incomplete, kept: null }), ...raw];
}

function removeRaw(database: Database, span: Span): void {
  database.run(
    `DELETE FROM figure WHERE source IN (SELECT id FROM source WHERE cluster = :cluster)
       AND reading IN (SELECT id FROM reading WHERE ${SPAN})`,
    span,
  );
  database.run(
    `DELETE FROM node_figure WHERE node IN (SELECT id FROM node WHERE cluster = :cluster)
       AND reading IN (SELECT id FROM reading WHERE ${SPAN})`,
    span,
  );
  // The snapshots are deleted, too.
  database.run(`DELETE FROM reading WHERE ${SPAN}`, span);
}

function readingIn(row: SqlRow): Reading {
  return { at: countIn(row, 'at'), complete: isIn(row, 'complete') };
}

function columns({ dormant, pooled }: { readonly dormant: Spread | null; readonly pooled: Spread | null }) {
  return {
    dormant_min: dormant?.min ?? null,
    dormant_median: dormant?.median ?? null,
    dormant_max: dormant?.max ?? null,
    pooled_min: pooled?.min ?? null,
    pooled_median: pooled?.median ?? null,
    pooled_max: pooled?.max ?? null,
  };
}
