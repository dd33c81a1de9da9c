// What the watch is given: the desk that reads, the store that remembers, the rules, and the world around it.

import type { Alert } from '../../core/alerting/alert.ts';
import type { RoutingSettings } from '../../core/alerting/routing.ts';
import type { Packing, Wait } from '../../core/base/clock.ts';
import type { NodeHeadroom, NodeUnread } from '../../core/connections/reading.ts';
import type { Notification } from '../../core/detection/findings.ts';
import type { RuleBook } from '../../core/detection/rules.ts';
import type { Schedules } from '../../core/ports/monitor.ts';
import type { ReportService } from '../../core/ports/reports.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Log, Observer } from '../../core/ports/telemetry.ts';

/** @internal */
export interface MonitorReports extends Pick<ReportService, 'clusters' | 'report'> {
  headroom(cluster: string, signal: AbortSignal): Promise<readonly (NodeHeadroom | NodeUnread)[]>;
}

/** What one decision has to say, once it is written. */
export interface DecisionResult {
  readonly notifications: readonly Notification[];
  /** Open, or ended within a day, as they are after it. */
  readonly alerts: readonly Alert[];
}

export interface MonitorInput {
  readonly reports: MonitorReports;
  readonly store: Store;
  readonly book: RuleBook;
  readonly routing: RoutingSettings;
  readonly schedules: Schedules;
  /** An IANA name; null for the machine's own. */
  readonly timeZone: string | null;
  /** Tells replicas apart. */
  readonly instance: string;
  readonly now: () => Date;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly log: Log;
  /** Ends everything when the bot stops. */
  readonly signal: AbortSignal;
  /** Something may wait in the outbox. */
  readonly onDecided: () => void;
  /** For a face that needs no outbox. */
  readonly onNotifications?: (result: DecisionResult) => void;
  /** Counts what happens, for whoever measures it. */
  readonly observer?: Pick<Observer, 'watched' | 'claim'>;
  /** Says something past the store; resolves to whether it arrived. */
  readonly direct: (text: string) => Promise<boolean>;
  /** An empty store in memory, for alerts while the store is away for long; absent for a face that has no outbox. */
  readonly openStandIn?: () => Promise<Store>;
  readonly wait: Wait;
  /** Of what waits in memory for the store. */
  readonly packing: Packing;
}
