// A report as it came, to the type of it. Each fault names the field and what was expected. Unknown fields are ignored.

import type { Fields } from '../base/json.ts';
import {
  cleanText,
  fieldsAt,
  flagAt,
  listAt,
  nameAt,
  orAbsent,
  textAt,
  timeAt,
  WrongField,
  wholeAt,
} from './fields.ts';
import type { PoolCounts, PoolReport, PoolTotals, ReportedClient, ReportedPool, ReportingProcess } from './report.ts';

/** The versions of the protocol that this bot takes. */
export const POOL_VERSIONS: readonly number[] = [1];

export type DecodedReport =
  | { readonly ok: true; readonly report: PoolReport }
  | { readonly ok: false; readonly field: string; readonly expected: string };

/** Of one process. It has one list of pools for all of its clients. */
const MOST_POOLS = 100;
const MOST_CLIENTS = 100;
const MOST_LABELS = 8;
const LONGEST_ID = 100;

/** @param data the parsed JSON */
export function decodePoolReport(data: unknown): DecodedReport {
  try {
    return { ok: true, report: reportOf(data) };
  } catch (error) {
    if (!(error instanceof WrongField)) throw error;
    return { ok: false, field: error.field, expected: error.expected };
  }
}

function reportOf(data: unknown): PoolReport {
  const { v, ...fields } = fieldsAt(data, '');
  // Another version may have other fields, so nothing else is looked at.
  if (!POOL_VERSIONS.some((known) => known === v)) throw new WrongField('v', POOL_VERSIONS.join(' or '));
  return {
    seq: wholeAt(fields['seq'], 'seq'),
    everyMs: wholeAt(fields['everyMs'], 'everyMs', 1),
    process: processOf(fieldsAt(fields['process'], 'process')),
    clients: clientsOf(listAt(fields['clients'], 'clients')),
    left: orAbsent(wholeAt, fields['left'], 'left') ?? 0,
    bye: orAbsent(flagAt, fields['bye'], 'bye') ?? false,
  };
}

function processOf(fields: Fields): ReportingProcess {
  const driver = fieldsAt(fields['driver'], 'process.driver');
  return {
    id: idOf(fields['id']),
    pid: wholeAt(fields['pid'], 'process.pid'),
    host: nameAt(fields['host'], 'process.host'),
    app: nameAt(fields['app'], 'process.app'),
    startedAt: timeAt(fields['startedAt'], 'process.startedAt'),
    driver: {
      name: nameAt(driver['name'], 'process.driver.name'),
      version: textAt(driver['version'], 'process.driver.version'),
    },
    labels: labelsOf(orAbsent(fieldsAt, fields['labels'], 'process.labels') ?? {}),
  };
}

/** Two ids that were cut or cleaned could become one. */
function idOf(value: unknown): string {
  if (typeof value === 'string' && value.length <= LONGEST_ID && value !== '' && cleanText(value) === value)
    return value;
  throw new WrongField('process.id', `a text of 1 to ${LONGEST_ID} characters`);
}

function labelsOf(fields: Fields): ReportingProcess['labels'] {
  const labels = Object.entries(fields);
  if (labels.length > MOST_LABELS) throw new WrongField('process.labels', `${MOST_LABELS} labels at most`);
  return Object.fromEntries(
    labels.map(([name, value]) => [cleanText(name), textAt(value, `process.labels${keyed(name)}`)]),
  );
}

function clientsOf(clients: readonly unknown[]): readonly ReportedClient[] {
  if (clients.length > MOST_CLIENTS) throw new WrongField('clients', `${MOST_CLIENTS} clients at most`);
  let pools = 0;
  return clients.map((value, index) => {
    const field = `clients[${index}]`;
    const client = fieldsAt(value, field);
    const own = Object.entries(fieldsAt(client['pools'], `${field}.pools`));
    pools += own.length;
    if (pools > MOST_POOLS) throw new WrongField('clients', `${MOST_POOLS} pools at most, of all clients together`);
    return {
      n: wholeAt(client['n'], `${field}.n`),
      appName: orAbsent(textAt, client['appName'], `${field}.appName`),
      options: optionsAt(client['options'] ?? {}, `${field}.options`),
      pools: own.map(([address, pool]) => poolOf(address, pool, `${field}.pools${keyed(address)}`)),
    };
  });
}

/** Those that are absent are null. */
export function optionsAt(value: unknown, field: string): ReportedClient['options'] {
  const fields = fieldsAt(value, field);
  const option = (name: string) => orAbsent(wholeAt, fields[name], `${field}.${name}`);
  return {
    maxPoolSize: option('maxPoolSize'),
    minPoolSize: option('minPoolSize'),
    maxIdleTimeMS: option('maxIdleTimeMS'),
  };
}

function poolOf(address: string, value: unknown, field: string): ReportedPool {
  const pool = fieldsAt(value, field);
  return {
    address: addressOf(address, field),
    now: countsAt(pool['now'], `${field}.now`),
    max: highestAt(pool['max'], `${field}.max`),
    total: totalsAt(pool['total'], `${field}.total`),
  };
}

function addressOf(address: string, field: string): string {
  const text = cleanText(address).trim().toLowerCase();
  if (text !== '') return text;
  throw new WrongField(field, 'a server address as its key, such as shard-00-00.example.net:27017');
}

/** Also of the view as JSON. */
export function countsAt(value: unknown, field: string): PoolCounts {
  const { pending, ...counts } = fieldsAt(value, field);
  return { ...highestAt(counts, field), pending: wholeAt(pending, `${field}.pending`) };
}

export function highestAt(value: unknown, field: string): ReportedPool['max'] {
  const fields = fieldsAt(value, field);
  return {
    open: wholeAt(fields['open'], `${field}.open`),
    inUse: wholeAt(fields['inUse'], `${field}.inUse`),
    waiting: wholeAt(fields['waiting'], `${field}.waiting`),
  };
}

export function totalsAt(value: unknown, field: string): PoolTotals {
  const fields = fieldsAt(value, field);
  const total = (name: keyof PoolTotals) => wholeAt(fields[name], `${field}.${name}`);
  return {
    created: total('created'),
    closed: total('closed'),
    checkouts: total('checkouts'),
    failed: total('failed'),
    timeouts: total('timeouts'),
    cleared: total('cleared'),
    waitMs: total('waitMs'),
  };
}

/** `["host:port"]` */
function keyed(name: string): string {
  return `[${JSON.stringify(cleanText(name))}]`;
}
