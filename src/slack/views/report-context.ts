// What a report view shows beside the report itself.

import type { Alert } from '../../core/alerting/alert.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { BaselineComparison, History } from '../../core/ports/monitor.ts';

export interface ReportContext {
  /** By id of the source. */
  readonly usual: ReadonlyMap<string, BaselineComparison>;
  /** Open ones of the cluster. */
  readonly alerts: readonly Alert[];
  /** In force and about the cluster. */
  readonly silences: readonly Silence[];
  /** Of the source that is looked at; null where none is, or none was ever seen. */
  readonly history: History | null;
  /** Why all this is missing; null where it is not. */
  readonly problem: Problem | null;
}
