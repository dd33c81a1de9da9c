// A client whose events a test sends itself, for what real drivers do rarely; and its reports in this process.

import { EventEmitter } from 'node:events';
import { onTestFinished } from 'vitest';
import { type ReporterOptions, reportPools, type StopReporting } from '../../src/reporter/reporter.ts';
import { until } from '../sandbox/mongod/until.ts';
import { type DaemonStandIn, type PoolReport, startDaemon, TOKEN } from './daemon.ts';

export class FakeClient extends EventEmitter {
  readonly options: object;

  constructor(options: object = { appName: 'fake' }) {
    super();
    this.options = options;
  }

  /** Connections of a pool that are ready. */
  ready(address: string, ...connectionIds: readonly number[]): void {
    for (const connectionId of connectionIds) {
      this.emit('connectionCreated', { address, connectionId });
      this.emit('connectionReady', { address, connectionId });
    }
  }
}

export async function newDaemon(): Promise<DaemonStandIn> {
  const daemon = await startDaemon();
  onTestFinished(() => daemon.close());
  return daemon;
}

export function reportTo(daemon: DaemonStandIn, client: FakeClient, options: ReporterOptions = {}): StopReporting {
  const stop = reportPools(client, { url: daemon.url, token: TOKEN, everyMs: 1_000, ...options });
  onTestFinished(stop);
  return stop;
}

/** The next report that was made after this moment. */
export async function nextReport(daemon: DaemonStandIn): Promise<PoolReport> {
  const count = daemon.reports.length;
  await until('a report arrives', async () => daemon.reports.length > count);
  const report = daemon.last();
  if (report === undefined) throw new Error('no report');
  return report;
}

/** What is told at once when the last client of a process stops. */
export async function farewell(daemon: DaemonStandIn, stop: StopReporting): Promise<PoolReport> {
  await stop();
  const report = daemon.last();
  if (report?.bye !== true) throw new Error('no farewell');
  return report;
}
