// The evidence of an alert: which node it concerns, who grew, what changed, who is shut out, and what helps.

/** One part of a source, or a source on a node, against its usual. Figures are active and dormant connections. */
export interface Grown {
  readonly kind: 'app' | 'address' | 'driver' | 'node';
  readonly name: string;
  readonly now: number;
  /** Null when it is unknown. */
  readonly usual: number | null;
  /** Above the usual; all of it when the usual is unknown. */
  readonly more: number;
}

/** A source that grew. On a node's alert its figures are those on the node, else those of the whole source. */
export interface Culprit {
  /** Id and name of the source. */
  readonly source: string;
  readonly name: string;
  readonly now: number;
  /** Null while it learns. */
  readonly usual: number | null;
  readonly more: number;
  /** Its parts that grew most: apps, then addresses, drivers, nodes; each kind with the largest first. */
  readonly grown: readonly Grown[];
  /** `MongoClient` instances in words, such as `40` or `at least 40`; null when they are unknown. */
  readonly clients: { readonly now: string; readonly usual: string | null } | null;
}

/** A source far below its usual while a node of the cluster is at its limit. */
export interface ShutOut {
  readonly source: string;
  readonly name: string;
  readonly now: number;
  readonly usual: number;
}

/** The node of a node's alert; for a source, the node with the most of its growth. */
export interface NodeImpact {
  readonly host: string;
  /** As people see it: the first label of the host where that is unique. */
  readonly short: string;
  /** `primary`, `secondary`, …; null when it is unknown. */
  readonly role: string | null;
  readonly current: number;
  readonly limit: number;
  /** When it was read or looked at, in milliseconds since 1970. */
  readonly at: number;
  /** Connections a minute, over the last minutes; null when it is unknown. Negative while they fall. */
  readonly perMinute: number | null;
  /** Refused connections of the present rush; null when none was refused within the last half hour. */
  readonly refused: { readonly count: number; readonly since: number; readonly last: number } | null;
}

export interface AlertEvidence {
  /** When culprits and shut-out sources were read, in milliseconds since 1970; null before a reading with sources. */
  readonly readAt: number | null;
  readonly node: NodeImpact | null;
  /** Largest growth first; of a source's alert, the source itself. */
  readonly culprits: readonly Culprit[];
  /** What changed within the last hour, as sentences: an election, a new driver version, new addresses. */
  readonly changed: readonly string[];
  /** Shut out now. */
  readonly shutOut: readonly ShutOut[];
  /** Shut out since the alert began, each with its lowest figure. */
  readonly hurt: readonly ShutOut[];
  /** Imperatives: what helps within five minutes, and what prevents it. */
  readonly doNow: readonly string[];
  readonly thenFix: readonly string[];
}
