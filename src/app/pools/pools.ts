// The daemon: takes reports of the applications' pools from the start, before Slack and the store are ready.

import { redactedPoolReport, wantedPace } from '../../core/pools/intake.ts';
import type { PoolLooks, PoolService } from '../../core/ports/pools.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { startPoolsServer } from '../../http/pools-server.ts';
import { createPoolRecords } from '../../store/pool-records.ts';
import { createPoolLooks } from './looks.ts';
import { createReplicatedRecords } from './replicated-records.ts';
import { createPoolService, type PoolServiceInput } from './service.ts';

interface DaemonInput extends Pick<PoolServiceInput, 'clusters' | 'reports' | 'monitor' | 'now'> {
  readonly settings: { readonly host: string; readonly port: number | null; readonly tokens: readonly string[] };
  readonly redact?: ((value: string) => string) | undefined;
  readonly log: Log;
}

export interface Pools {
  readonly service: PoolService;
  /** For the rule about the pools of apps. */
  readonly looks: PoolLooks;
  readonly port: number;
  /** Answers of the listener so far, by status. */
  answers(): ReadonlyMap<number, number>;
  /** With the store open, replicas share their reports. An embedded store is of one bot alone. */
  share(store: Pick<Store, 'pools'>): void;
  /** Before the store closes: writes what is waiting. */
  close(): Promise<void>;
}

/** Null if no port is set. Rejects if the port is not available: see `startListener`. */
export async function openPools(input: DaemonInput): Promise<Pools | null> {
  const { settings, log, now, redact = (value: string) => value } = input;
  const { host, port, tokens } = settings;
  if (port === null) return null;
  const records = createReplicatedRecords({ memory: createPoolRecords({ now }), now, log });
  const service = createPoolService({ ...input, records });
  const ended = new AbortController();
  const looks = createPoolLooks({ records, now, signal: ended.signal });
  const answers = new Map<number, number>();
  const server = await startPoolsServer({
    ...{ host, port, tokens, log, now },
    put: (report) => records.put(redactedPoolReport(report, redact)),
    pace: ({ everyMs }) => wantedPace(everyMs, records.size()),
    view: service.view,
    onAnswer: (status) => answers.set(status, (answers.get(status) ?? 0) + 1),
  });
  return {
    service,
    looks,
    port: server.port,
    answers: () => answers,
    share({ pools }) {
      if (pools !== undefined) records.share(pools);
    },
    async close() {
      ended.abort();
      await server.close();
      await records.close();
    },
  };
}
