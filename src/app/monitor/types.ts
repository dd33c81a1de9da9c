// What the monitor depends on: the report service, the store, the rules, and the environment.

import type { Alert } from '../../core/alerting/alert.ts';
import type { RoutingSettings } from '../../core/alerting/routing.ts';
import type { Packing, Wait } from '../../core/base/clock.ts';
import type { NodeHeadroom, NodeUnread } from '../../core/connections/reading.ts';
import type { Notification } from '../../core/detection/findings.ts';
import type { RuleBook } from '../../core/detection/rules.ts';
import type { Schedules } from '../../core/ports/monitor.ts';
import type { PoolLooks } from '../../core/ports/pools.ts';
import type { ReportService } from '../../core/ports/reports.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Log, Observer } from '../../core/ports/telemetry.ts';

/** @internal */
export interface MonitorReports extends Pick<ReportService, 'clusters' | 'report'> {
  headroom(cluster: string, signal: AbortSignal): Promise<readonly (NodeHeadroom | NodeUnread)[]>;
}

/** The messages of one decision, sent after it is written. */
export interface DecisionResult {
  readonly notifications: readonly Notification[];
  /** Open, or resolved within a day; their state after the decision. */
  readonly alerts: readonly Alert[];
}

export interface MonitorInput {
  readonly reports: MonitorReports;
  readonly store: Store;
  /** What applications report of their pools; left out where no reports are taken. */
  readonly pools?: PoolLooks;
  readonly book: RuleBook;
  readonly routing: RoutingSettings;
  readonly schedules: Schedules;
  /** An IANA name; null for the machine's own time zone. */
  readonly timeZone: string | null;
  /** Identifies this replica. */
  readonly instance: string;
  readonly now: () => Date;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly log: Log;
  /** Ends everything when the bot stops. */
  readonly signal: AbortSignal;
  /** Takes an extra reading of every cluster as soon as it is watched. */
  readonly readsAtStart?: true;
  /** A delivery may be waiting in the outbox. */
  readonly onDecided: () => void;
  /** Receives notifications if there is no outbox. */
  readonly onNotifications?: (result: DecisionResult) => void;
  /** Receives events for metrics. */
  readonly observer?: Pick<Observer, 'watched' | 'claim'>;
  /** Posts a message without the store; resolves to whether it arrived. */
  readonly direct: (text: string) => Promise<boolean>;
  /** Creates an empty store in memory, for alerts during a long outage. Absent without an outbox. */
  readonly openStandIn?: () => Promise<Store>;
  readonly wait: Wait;
  /** Size limit of the readings that wait for the store. */
  readonly packing: Packing;
}
