// A diagnosis: the likely reason why a source holds so many connections, and what would change it.

export type DiagnosisId =
  | 'client-per-request'
  | 'client-leak'
  | 'pool-too-large'
  | 'no-idle-limit'
  | 'min-pool'
  | 'pool-exhausted'
  | 'churn'
  | 'election-storm'
  | 'functions'
  | 'fork'
  | 'idle-host'
  | 'unnamed';

export interface Diagnosis {
  readonly id: DiagnosisId;
  /** Id and name of the source. */
  readonly source: string;
  readonly name: string;
  /** A few words, such as `One MongoClient for each request`. */
  readonly title: string;
  /** What we see, then what is expected of these clients: sentences with figures. Never empty. */
  readonly evidence: readonly string[];
  /** Connections on the busiest node, an estimate. Null where nothing can be said. */
  readonly wouldFree: WouldFree | null;
  /** What to change, with the option that fits this driver and version: imperative sentences. */
  readonly advice: string;
  /** The option of a connection string, such as `maxPoolSize=12`; null where none helps. */
  readonly option: string | null;
  readonly severity: 'warning' | 'info';
  /** `fits`: the figures match in all that was seen. `likely`: they would be explained by it. */
  readonly confidence: 'fits' | 'likely';
}

export interface WouldFree {
  /** `host:port` of the busiest node. */
  readonly node: string;
  readonly connections: number;
}

/** A connection costs the server about this much memory. An estimate: up to 1 MB of stack. */
export const MEGABYTES_EACH = 1;

/** The expected-against-seen table of a source. */
export interface ExpectedAndSeen {
  /** Of the source; null when they are unknown. */
  readonly clients: number | null;
  readonly clientsAtLeast?: true;
  readonly nodes: readonly NodeExpectation[];
  /** Over all nodes; null when the clients are unknown. */
  readonly expected: number | null;
  readonly seen: number;
  /** What the difference likely means: one sentence. */
  readonly meaning: string;
}

export interface NodeExpectation {
  readonly host: string;
  readonly monitors: { readonly expected: number | null; readonly seen: number };
  readonly pooled: number;
  /** Null when the clients are unknown. */
  readonly pooledPerClient: number | null;
}

/** The answer to `why`. */
export interface Why {
  /** The diagnoses of the source, or of the whole cluster by what would be freed, the most first. Empty: nothing unusual. */
  readonly diagnoses: readonly Diagnosis[];
  /** Of the source; null for a whole cluster. */
  readonly expected: ExpectedAndSeen | null;
  /** What the reading and the history could not tell: sentences. */
  readonly limits: readonly string[];
}
