// An hour of raw readings becomes one row a source, and one of the cluster; its raw readings go.

import type { Spread } from '../../core/ports/store.ts';
import { HOUR, hourSample, merged, readingSample, type Sample } from '../series.ts';
import type { Database } from './database.ts';
import { countIn, countOrNull, isIn, type Row } from './rows.ts';
import { hourOfRow } from './series.ts';

/** `from` is its first millisecond. */
type Hour = Readonly<Record<'cluster' | 'from', number>>;
type Span = Readonly<Record<'cluster' | 'from' | 'to', number>>;

interface Reading {
  readonly at: number;
  readonly complete: boolean;
}

/** Within a transaction. Joins a row that is there already: a reading may have been written late. */
export function rollUp(database: Database, { cluster, from }: Hour): void {
  const span = { cluster, from, to: from + HOUR };
  const hour = from / HOUR;
  const rows = database.all(`SELECT id, at, complete, active, dormant FROM reading WHERE ${SPAN} ORDER BY at`, span);
  const known = database.get('SELECT * FROM cluster_hour WHERE cluster = :cluster AND hour = :hour', { cluster, hour });
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
    database.run(`REPLACE INTO source_hour VALUES (:source, :hour, ${SPREADS})`, { source, hour, ...columns(own) });
  }
  removeRaw(database, span);
}

const SPAN = 'cluster = :cluster AND at >= :from AND at < :to';
const SPREADS = ':dormant_min, :dormant_median, :dormant_max, :pooled_min, :pooled_median, :pooled_max';

/** Those that a reading of the hour found, now or when it was rolled up before. */
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
    readonly rows: readonly Row[];
    readonly before: Sample | null;
  },
): readonly Sample[] {
  const figures = database.all(
    `SELECT reading, figure.active AS active, figure.dormant AS dormant
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
  // The snapshots go with them.
  database.run(`DELETE FROM reading WHERE ${SPAN}`, span);
}

function readingIn(row: Row): Reading {
  return { at: countIn(row, 'at'), complete: isIn(row, 'complete') };
}

function foundIn(row: Row): { readonly active: number; readonly dormant: number } | null {
  const [active, dormant] = [countOrNull(row, 'active'), countOrNull(row, 'dormant')];
  return active === null || dormant === null ? null : { active, dormant };
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
