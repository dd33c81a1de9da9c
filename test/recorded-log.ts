// The real log, its lines kept as they are read by whoever looks for something in them.

import { createLog, type ProcessLog } from '../src/log.ts';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

const LEVELS: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' };

/** Adds every line to `lines`. */
export function recordedLog(lines: LogLine[]): Promise<ProcessLog> {
  const write = (line: string) => {
    const { level, msg: message, time: _, ...fields } = JSON.parse(line);
    lines.push({ ...fields, level: LEVELS[level] ?? String(level), message });
  };
  return createLog({ level: 'debug', pretty: false, now: () => new Date(), write });
}

export const silentLog = (): Promise<ProcessLog> =>
  createLog({ level: 'silent', pretty: false, now: () => new Date(), write: () => undefined });
