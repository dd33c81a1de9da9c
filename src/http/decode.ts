// What another process of this tool answered, from text to what was meant.

import type { Check } from './answer.ts';

export interface HealthReport {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly clusters: readonly { readonly cluster: string; readonly says: string }[];
  /** What is worth knowing and fails nothing. */
  readonly remarks: readonly string[];
}

/** Null where it is no answer of this tool. */
export function decodeHealth(body: string): HealthReport | null {
  const { ok, checks, clusters = [], remarks = [] } = record(parsed(body));
  if (typeof ok !== 'boolean' || !Array.isArray(checks) || !Array.isArray(clusters) || !Array.isArray(remarks))
    return null;
  return {
    ok,
    checks: checks
      .map(record)
      .map((check) => ({ name: text(check['name']), ok: check['ok'] === true, says: text(check['says']) })),
    clusters: clusters.map(record).map(({ cluster, says }) => ({ cluster: text(cluster), says: text(says) })),
    remarks: remarks.map(text).filter((remark) => remark !== ''),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
