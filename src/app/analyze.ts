// Use case: read one cluster and what names its clients, side by side, and say who holds its connections.

import type { Label } from '../core/connections/access-list.ts';
import type { Redact } from '../core/connections/redaction.ts';
import { type ConnectionReport, reportInSteps } from '../core/connections/report.ts';
import type { WatchedCluster } from '../core/ports/clusters.ts';
import type { NamingSource } from './clusters/source-names.ts';
import { stepByStep } from './scheduler/timers.ts';

export interface AnalyzeInput {
  readonly cluster: WatchedCluster;
  readonly naming: NamingSource;
  readonly labels: readonly Label[];
  /** Whether the project has no other cluster; false unless told. */
  readonly isOnly?: boolean;
  /** Whether server threads are told by name. */
  readonly threads?: boolean;
  readonly signal: AbortSignal;
  readonly redact?: Redact | undefined;
  readonly now: () => Date;
}

/** Never rejects for what could not be read: that is in the report, named. */
export async function analyze(input: AnalyzeInput): Promise<ConnectionReport> {
  const { cluster, naming, labels, signal, redact } = input;
  const [reading, names] = await Promise.all([
    cluster.read({ threads: input.threads ?? false, signal }),
    naming.read(signal),
  ]);
  const isOnlyCluster = input.isOnly === true;
  return stepByStep(reportInSteps({ reading, ...names, labels, isOnlyCluster, redact, now: input.now() }));
}
