// How long history is kept: a setting of both kinds of store.

/** Both in milliseconds. */
export interface Keep {
  /** Raw readings; older ones become hourly rollups. */
  readonly readings: number;
  /** Hourly rollups, ended alerts and silences, and where messages stand. */
  readonly hours: number;
}
