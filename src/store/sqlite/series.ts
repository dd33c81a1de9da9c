// Chart samples of a source, a node or a whole cluster, from raw readings and hourly rollups.

import { HOUR } from '../../core/base/duration.ts';
import type { SeriesBucket, SeriesRequest } from '../../core/ports/store.ts';
import {
  bucketsOf,
  type Found,
  hourSample,
  nodeHourSample,
  nodeSample,
  readingSample,
  type Sample,
} from '../series.ts';
import type { Database } from './database.ts';
import { countIn, countOrNull, isIn, type SqlRow, spreadIn, usualIn } from './rows.ts';

export function series(database: Database, request: SeriesRequest): readonly SeriesBucket[] {
  const { cluster: name, source: key, node: host, from, to } = request;
  const cluster = database.get('SELECT id FROM cluster WHERE name = :name', { name });
  if (cluster === null) return bucketsOf(request, []);
  const scope = { cluster: countIn(cluster, 'id'), from, to };
  if (host !== null) {
    const node = database.get('SELECT id FROM node WHERE cluster = :cluster AND host = :host', {
      cluster: scope.cluster,
      host,
    });
    return bucketsOf(request, node === null ? [] : nodeSamples(database, { ...scope, node: countIn(node, 'id') }));
  }
  if (key === null) return bucketsOf(request, samplesOf(database, { sql: OF_CLUSTER, values: scope }));
  const source = database.get('SELECT id FROM source WHERE cluster = :cluster AND key = :key', {
    cluster: scope.cluster,
    key,
  });
  // A source that was never seen has no figures in any reading.
  const values = { ...scope, source: source === null ? null : countIn(source, 'id') };
  return bucketsOf(request, samplesOf(database, { sql: OF_SOURCE, values }));
}

interface Asked {
  readonly sql: { readonly raw: string; readonly hours: string };
  readonly values: {
    readonly cluster: number;
    readonly source?: number | null;
    readonly from: number;
    readonly to: number;
  };
}

function samplesOf(database: Database, { sql, values }: Asked): readonly Sample[] {
  const { from, to, ...scope } = values;
  // An hour that started before the requested time may overlap it.
  const hours = { ...scope, from: Math.floor(from / HOUR), to: Math.ceil(to / HOUR) };
  return [...database.all(sql.hours, hours).map(hourOfRow), ...database.all(sql.raw, values).map(readingOfRow)];
}

const OF_CLUSTER = {
  raw: `
    SELECT at, complete, active, dormant, NULL AS usual_dormant FROM reading
    WHERE cluster = :cluster AND at >= :from AND at < :to`,
  hours: 'SELECT *, NULL AS usual_dormant FROM cluster_hour WHERE cluster = :cluster AND hour >= :from AND hour < :to',
};

const OF_SOURCE = {
  raw: `
    SELECT at, complete, figure.active AS active, figure.dormant AS dormant, usual_dormant, usual_pooled
    FROM reading LEFT JOIN figure ON figure.source = :source AND figure.reading = reading.id
    WHERE cluster = :cluster AND at >= :from AND at < :to`,
  hours: `
    SELECT cluster_hour.hour AS hour, readings, incomplete,
      own.dormant_min AS dormant_min, own.dormant_median AS dormant_median, own.dormant_max AS dormant_max,
      own.pooled_min AS pooled_min, own.pooled_median AS pooled_median, own.pooled_max AS pooled_max,
      usual_dormant, usual_pooled
    FROM cluster_hour LEFT JOIN source_hour AS own ON own.source = :source AND own.hour = cluster_hour.hour
    WHERE cluster = :cluster AND cluster_hour.hour >= :from AND cluster_hour.hour < :to`,
};

export interface NodeScope {
  readonly cluster: number;
  readonly node: number;
  readonly from: number;
  readonly to: number;
}

/** @param scope milliseconds, `to` excluded; hours that overlap this time are part of it */
export function nodeSamples(database: Database, { cluster, node, from, to }: NodeScope): readonly Sample[] {
  const hours = database.all('SELECT * FROM node_hour WHERE node = :node AND hour >= :from AND hour < :to', {
    node,
    from: Math.floor(from / HOUR),
    to: Math.ceil(to / HOUR),
  });
  const raw = database.all(
    `SELECT at, node_figure.complete AS complete, connections, most
     FROM reading CROSS JOIN node_figure ON node_figure.node = :node AND node_figure.reading = reading.id
     WHERE cluster = :cluster AND at >= :from AND at < :to`,
    { cluster, node, from, to },
  );
  return [
    ...hours.map((row) =>
      nodeHourSample({
        at: countIn(row, 'hour') * HOUR,
        readings: countIn(row, 'readings'),
        incomplete: countIn(row, 'incomplete'),
        connections: spreadIn(row, 'connections'),
        limit: countOrNull(row, 'most'),
      }),
    ),
    ...raw.map((row) =>
      nodeSample({
        at: countIn(row, 'at'),
        complete: isIn(row, 'complete'),
        current: countOrNull(row, 'connections'),
        limit: countOrNull(row, 'most'),
      }),
    ),
  ];
}

function readingOfRow(row: SqlRow): Sample {
  return readingSample({ at: countIn(row, 'at'), complete: isIn(row, 'complete'), found: foundIn(row) });
}

export function foundIn(row: SqlRow): Found | null {
  const [active, dormant] = [countOrNull(row, 'active'), countOrNull(row, 'dormant')];
  return active === null || dormant === null ? null : { active, dormant, usual: usualIn(row) };
}

export function hourOfRow(row: SqlRow): Sample {
  const [dormant, pooled] = [spreadIn(row, 'dormant'), spreadIn(row, 'pooled')];
  return hourSample({
    at: countIn(row, 'hour') * HOUR,
    readings: countIn(row, 'readings'),
    incomplete: countIn(row, 'incomplete'),
    kept: dormant === null || pooled === null ? null : { dormant, pooled, usual: usualIn(row) },
  });
}
