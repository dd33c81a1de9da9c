// A rule as one entry: its settings, how it evaluates a source, a node, the cluster or an app, and its words.

import { MINUTE } from '../base/duration.ts';
import { count } from '../base/format.ts';
import type { WallMoment } from '../base/time-zone.ts';
import type { Usual } from '../baseline/baseline.ts';
import type { NodeHistory } from '../baseline/node-history.ts';
import type { Compared, SourceHistory } from '../baseline/source-history.ts';
import type { Elected } from '../diagnosis/past.ts';
import type { AlertEvidence } from '../evidence/evidence.ts';
import type { ExhaustionContext } from '../evidence/pools.ts';
import type { AppLook } from '../pools/look.ts';
import type { Snapshot, SnapshotNode, SnapshotSource } from '../snapshots/snapshot.ts';

export type Severity = 'warning' | 'critical';
/** One value against the threshold of its rule; `unknown` neither fires nor resolves an alert. */
export type ThresholdLevel = 'above' | 'between' | 'below' | 'unknown';

/** Of the last `of` readings, `needed` must be above. */
export interface Readings {
  readonly needed: number;
  readonly of: number;
}

/** The type of a setting; the configuration has a schema for each kind. `ratio` is above 1, `share` is 0 to 1. */
export type SettingKind = 'positive' | 'ratio' | 'share' | 'readings' | 'severity';

export interface Rule<Settings> {
  /** The kind of each setting, in the order of the documentation. */
  readonly settings: { readonly [Name in keyof Settings]: SettingKind };
  readonly defaults: Settings;
  /** The rule is off until it is set. */
  readonly isOffByDefault?: true;
  /** Adjusts settings that depend on the ones that were set. */
  readonly adjust?: (next: Settings, set: Partial<Settings>) => Settings;
  /** The first setting that contradicts the others, or null. */
  readonly contradiction?: (set: Partial<Settings>, now: Settings) => Contradiction | null;
  readonly source?: (settings: Settings, input: SourceRuleInput) => SourceFinding | null;
  readonly node?: (settings: Settings, input: NodeRuleInput) => RuleEvaluation | null;
  readonly cluster?: (settings: Settings, snapshot: Snapshot) => RuleEvaluation;
  /** Of an app, by what its processes report. Evaluated every minute, and with no reading. */
  readonly pool?: (settings: Settings, input: PoolRuleInput) => PoolFinding;
  /**
   * It compares a source with its usual. While it fires, the source learns no usual, unless a person accepts the level.
   */
  readonly isAcceptable?: true;
  /** Evaluated every minute too, between readings. */
  readonly isNodeCheck?: true;
  /** The connections that `value` counts; missing when it counts something else. */
  readonly figure?: 'dormant' | 'pooled';
  /** The value is 0 or 1, so a peak means nothing. */
  readonly hasNoPeak?: true;
  readonly words: {
    /** `Billing API was above its usual for 1 h 12 min` */
    readonly was: string;
    /** `7 sources above their usual` */
    readonly several: string;
    /** `Billing API: back to usual since 10:05` */
    readonly calm: string;
    /** With its unit: `2.5 × its usual and 30 more dormant connections`. */
    readonly threshold: (settings: Settings) => string;
    /** For the README: when the rule fires by default. */
    readonly firesWhen: string;
  };
}

export interface Contradiction {
  readonly setting: string;
  /** `is 3, not below 2.5` */
  readonly found: string;
  readonly remedy: string;
}

/** The result of one rule for one source, node or cluster in one reading. */
export interface RuleEvaluation {
  readonly level: ThresholdLevel;
  /** Weight for the slow line: 0 below it, 1 on it, more above. */
  readonly slow: number;
  readonly value: number;
  readonly usual: number | null;
  readonly severity: Severity;
  readonly readings: Readings;
  readonly slowReadings: Readings | null;
  /** Why the alert must not start now although enough readings are above; null if it may start. */
  readonly suppressedBy: string | null;
  /** Twice the value last told is no news. */
  readonly isCounter?: true;
  /** Why the alert ends whatever the value is; null when only the value decides. */
  readonly ending: string | null;
  /** `440 dormant connections, usually 93` */
  readonly what: string;
  /** `6.8 × its usual for Saturday 10:00`; null when `what` says it. */
  readonly against: string | null;
  /** For people: value, usual, ratio and minimum. */
  readonly reason: string;
  /** Which apps and hosts grew, an election, what to try: sentences. */
  readonly notes: readonly string[];
  /** The app that grew most, if it is known. */
  readonly app: string | null;
}

/** A finding with nothing but its level. */
export const PLAIN = {
  slow: 0,
  usual: null,
  slowReadings: null,
  suppressedBy: null,
  ending: null,
  against: null,
  notes: [],
  app: null,
} as const satisfies Partial<RuleEvaluation>;

export interface SourceFinding extends RuleEvaluation {
  /** The slow means of apps and hosts learn less from an unusual reading. */
  readonly isUnusual?: boolean;
  readonly habits?: Partial<SourceHistory['habits']>;
  /** The level has lasted so long that it is the usual from now on; `ending` says so. */
  readonly isUsualNow?: boolean;
}

export interface SourceRuleInput {
  readonly source: SnapshotSource;
  readonly past: SourceHistory;
  readonly snapshot: Snapshot;
  readonly compared: Compared;
  /** Of this source at this time of the week; null while it learns. */
  readonly usual: { readonly [Figure in 'dormant' | 'pooled' | 'clients']: Usual | null };
  readonly wall: { readonly weekday: string; readonly time: string };
  /** Since when the cluster is monitored. */
  readonly watchedSince: number;
  /** The usual time between readings. */
  readonly interval: number | null;
  readonly elected: Elected | null;
  /** The time of the reading and the offset of local time. */
  readonly moment: WallMoment;
  /** Since when a rule's alert of this source fires; null while it does not. */
  readonly firingSince: (rule: string) => number | null;
}

export interface NodeRuleInput {
  readonly node: SnapshotNode;
  readonly past: NodeHistory | null;
  readonly at: number;
  /** New connections a second: now and usually; null when the rate is unknown. */
  readonly rate: number | null;
  readonly usualRate: number | null;
  /** A sentence about the largest sources on the node; empty for none. */
  readonly holders: readonly string[];
  readonly elected: Elected | null;
  /** No node was read, so the cluster's own alert reports it. */
  readonly isClusterUnread: boolean;
}

export interface PoolRuleInput {
  readonly app: AppLook;
  readonly context: ExhaustionContext;
}

export interface PoolFinding extends RuleEvaluation {
  /** Left out where nothing waits. */
  readonly evidence?: AlertEvidence;
}

export const ONCE: Readings = { needed: 1, of: 1 };

/** The reading cannot be compared: it neither fires nor resolves the alert. */
export function unknown(reason: string): RuleEvaluation {
  return { ...PLAIN, level: 'unknown', value: 0, severity: 'warning', readings: ONCE, what: reason, reason };
}

const USUAL_INTERVAL = 5 * MINUTE;
const MOST_READINGS = 60;

/** The number of readings that fill the same time as at five minutes. At least five, because fewer are noise. */
export function readingsInTime({ needed, of }: Readings, interval: number | null): Readings {
  const within = Math.min(
    MOST_READINGS,
    Math.max(Math.min(of, 5), Math.round((of * USUAL_INTERVAL) / (interval ?? USUAL_INTERVAL))),
  );
  return { needed: Math.max(1, Math.round((needed / of) * within)), of: within };
}

/** `2 of 3 readings` */
export function readingsText({ needed, of }: Readings): string {
  return `${needed} of ${of} readings`;
}

/** `2.5 × its usual and 30 more dormant connections` */
export function risingText(what: string) {
  return ({ ratio, minimum }: { readonly ratio: number; readonly minimum: number }): string =>
    `${ratio} × its usual and ${count(minimum)} more ${what}`;
}
