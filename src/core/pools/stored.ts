// A report as a store keeps it, and back. One of another version has other fields, and is refused.

import { countsAt, highestAt, optionsAt, totalsAt } from './decode.ts';
import { fieldsAt, flagAt, listAt, nameAt, orAbsent, textAt, unlessWrong, WrongField, wholeAt } from './fields.ts';
import type { PoolReport, ReportedClient, ReportedPool, ReportingProcess, ReportTotals } from './report.ts';

/** Null for a report of another version. */
export function storedReport(data: unknown): PoolReport | null {
  return unlessWrong(() => {
    const fields = fieldsAt(data, '');
    return {
      seq: wholeAt(fields['seq'], 'seq'),
      everyMs: wholeAt(fields['everyMs'], 'everyMs', 1),
      process: processAt(fields['process'], 'process', millisecondsAt),
      clients: listAt(fields['clients'], 'clients').map(clientOf),
      left: wholeAt(fields['left'], 'left'),
      bye: flagAt(fields['bye'], 'bye'),
    };
  });
}

/** Null for totals of another version. */
export function storedTotals(data: unknown): ReportTotals | null {
  return unlessWrong(() => {
    const { isPartial, pools } = fieldsAt(data, '');
    const own = Object.entries(fieldsAt(pools, 'pools')).map(([key, value]) => {
      const total = fieldsAt(value, key);
      const [checkouts, failed] = [wholeAt(total['checkouts'], 'checkouts'), wholeAt(total['failed'], 'failed')];
      return [key, { checkouts, failed, waitMs: wholeAt(total['waitMs'], 'waitMs') }] as const;
    });
    return { isPartial: flagAt(isPartial, 'isPartial'), pools: Object.fromEntries(own) };
  });
}

/** A process as it was kept or shown: its texts were cleaned before. @param startedAt reads the time */
export function processAt(
  value: unknown,
  field: string,
  startedAt: (value: unknown, field: string) => number,
): ReportingProcess {
  const fields = fieldsAt(value, field);
  const driver = fieldsAt(fields['driver'], `${field}.driver`);
  const labels = Object.entries(fieldsAt(fields['labels'], `${field}.labels`));
  return {
    id: nameAt(fields['id'], `${field}.id`),
    pid: wholeAt(fields['pid'], `${field}.pid`),
    host: textAt(fields['host'], `${field}.host`),
    app: textAt(fields['app'], `${field}.app`),
    startedAt: startedAt(fields['startedAt'], `${field}.startedAt`),
    driver: {
      name: textAt(driver['name'], `${field}.driver.name`),
      version: textAt(driver['version'], `${field}.driver.version`),
    },
    labels: Object.fromEntries(labels.map(([name, text]) => [name, textAt(text, `${field}.labels`)])),
  };
}

function millisecondsAt(value: unknown, field: string): number {
  if (typeof value === 'number') return value;
  throw new WrongField(field, 'milliseconds since 1970');
}

function clientOf(value: unknown): ReportedClient {
  const client = fieldsAt(value, 'clients');
  return {
    ...clientAt(client, 'clients'),
    pools: listAt(client['pools'], 'pools').map((pool) => poolAt(pool, 'pools')),
  };
}

/** A client without its pools. */
export function clientAt(value: unknown, field: string): Omit<ReportedClient, 'pools'> {
  const client = fieldsAt(value, field);
  return {
    n: wholeAt(client['n'], `${field}.n`),
    appName: orAbsent(textAt, client['appName'], `${field}.appName`),
    options: optionsAt(client['options'], `${field}.options`),
  };
}

export function poolAt(value: unknown, field: string): ReportedPool {
  const pool = fieldsAt(value, field);
  return {
    address: textAt(pool['address'], `${field}.address`),
    now: countsAt(pool['now'], `${field}.now`),
    max: highestAt(pool['max'], `${field}.max`),
    total: totalsAt(pool['total'], `${field}.total`),
  };
}
