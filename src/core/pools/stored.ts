// A report as a store keeps it, and back. One of another version has other fields, and is refused.

import { countsAt, highestAt, totalsAt } from './decode.ts';
import { fieldsAt, flagAt, listAt, nameAt, orAbsent, textAt, WrongField, wholeAt } from './fields.ts';
import type { PoolReport, ReportedClient, ReportedPool, ReportingProcess, ReportTotals } from './report.ts';

/** Null for a report of another version. */
export function storedReport(data: unknown): PoolReport | null {
  return unlessWrong(() => {
    const fields = fieldsAt(data, '');
    return {
      seq: wholeAt(fields['seq'], 'seq'),
      everyMs: wholeAt(fields['everyMs'], 'everyMs', 1),
      process: processOf(fields['process']),
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

function unlessWrong<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof WrongField) return null;
    throw error;
  }
}

function processOf(value: unknown): ReportingProcess {
  const process = fieldsAt(value, 'process');
  const driver = fieldsAt(process['driver'], 'driver');
  const { startedAt } = process;
  if (typeof startedAt !== 'number') throw new WrongField('startedAt', 'milliseconds since 1970');
  const labels = Object.entries(fieldsAt(process['labels'], 'labels'));
  return {
    id: nameAt(process['id'], 'id'),
    pid: wholeAt(process['pid'], 'pid'),
    host: textAt(process['host'], 'host'),
    app: textAt(process['app'], 'app'),
    startedAt,
    driver: { name: textAt(driver['name'], 'name'), version: textAt(driver['version'], 'version') },
    labels: Object.fromEntries(labels.map(([name, text]) => [name, textAt(text, 'labels')])),
  };
}

function clientOf(value: unknown): ReportedClient {
  const client = fieldsAt(value, 'clients');
  const options = fieldsAt(client['options'], 'options');
  return {
    n: wholeAt(client['n'], 'n'),
    appName: orAbsent(textAt, client['appName'], 'appName'),
    options: {
      maxPoolSize: orAbsent(wholeAt, options['maxPoolSize'], 'maxPoolSize'),
      minPoolSize: orAbsent(wholeAt, options['minPoolSize'], 'minPoolSize'),
      maxIdleTimeMS: orAbsent(wholeAt, options['maxIdleTimeMS'], 'maxIdleTimeMS'),
    },
    pools: listAt(client['pools'], 'pools').map(poolOf),
  };
}

function poolOf(value: unknown): ReportedPool {
  const pool = fieldsAt(value, 'pools');
  return {
    address: textAt(pool['address'], 'address'),
    now: countsAt(pool['now'], 'now'),
    max: highestAt(pool['max'], 'max'),
    total: totalsAt(pool['total'], 'total'),
  };
}
