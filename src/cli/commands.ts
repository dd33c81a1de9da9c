// What the terminal asks for, and what the use cases are given of the world. Types only.

import type { Problem } from '../core/problem.ts';
import type { ReplayedReading } from '../core/replay.ts';
import type { ConnectionReport } from '../core/report.ts';

export interface ReportRequest {
  /** As typed; null for the default cluster. */
  readonly cluster: string | null;
  /** Also list server threads by name. */
  readonly threads: boolean;
  readonly signal: AbortSignal;
}

/** A saved `$currentOp` result; `host` where the command line says which node it came from. */
export interface SavedReading {
  readonly host: string | null;
  readonly path: string;
}

export interface SavedReportRequest {
  readonly readings: readonly SavedReading[];
  /** Paths, one page of the access list each. */
  readonly accessLists: readonly string[];
  readonly threads: boolean;
  readonly signal: AbortSignal;
}

export interface CheckLine {
  readonly ok: boolean;
  /** What was tried, e.g. `Atlas project 64b0…: access list`. */
  readonly what: string;
  /** Why it is not ok, and what grants it. */
  readonly problem?: Problem;
}

export interface ReplayRequest {
  /** Snapshots, one JSON object a line, oldest first. */
  readonly path: string;
  /** A YAML file with the mapping `rules`; null for the defaults. */
  readonly rulesPath: string | null;
  readonly signal: AbortSignal;
}

/** The use cases. They reject with ConfigError, UserError or UpstreamError, and when the signal aborts. */
export interface Commands {
  report(request: ReportRequest): Promise<ConnectionReport>;
  savedReport(request: SavedReportRequest): Promise<ConnectionReport>;
  /** What the alerts would have said about a saved history, reading by reading. */
  replay(request: ReplayRequest): AsyncIterable<ReplayedReading>;
  check(request: { readonly signal: AbortSignal }): AsyncIterable<CheckLine>;
  /** The bot: resolves when the signal has stopped it, rejects with UpstreamError when it cannot go on. */
  serve(request: { readonly signal: AbortSignal }): Promise<void>;
}

/** The log as the use cases know it: fixed sentences, data in fields. */
export interface WorldLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** From now on these values appear in nothing that leaves the process. */
  hide(secrets: readonly string[]): void;
}

/** All that is not decided by the arguments of a command. */
export interface World {
  /** Of this package. */
  readonly version: string;
  /** `.env` included. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  /** 0 ≤ n < 1. */
  readonly random: () => number;
  /** Rejects as node:fs does. */
  readonly readFile: (path: string) => Promise<string>;
  /** Says what is being done, on a terminal only; null takes it away. */
  readonly progress: (text: string | null) => void;
  readonly log: WorldLog;
}
