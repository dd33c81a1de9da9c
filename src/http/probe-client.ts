// Requests the health of a running bot, for the image's HEALTHCHECK and for operators.

import { fieldsOf, jsonIn, textOf } from '../core/base/json.ts';
import { ConfigError, UpstreamError } from '../errors.ts';
import { exchange, urlOf } from './exchange.ts';
import type { Check } from './server.ts';

export interface AskInput {
  /** Health settings of the bot; null without a port. */
  readonly settings: { readonly host: string; readonly port: number } | null;
  readonly path: '/livez' | '/readyz';
  readonly signal: AbortSignal;
}

const DEADLINE_MS = 5_000;
const LARGEST_BODY = 1024 * 1024;

/** Rejects with ConfigError without a port, with UpstreamError if no bot answers. */
export async function askHealth({ settings, path, signal }: AskInput): Promise<HealthReport> {
  if (settings === null)
    throw new ConfigError([
      { code: 'setting', text: 'HEALTH_PORT is missing.', remedy: 'Set it to the HEALTH_PORT of serve.' },
    ]);
  const { host, port } = settings;
  const within = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  const url = new URL(path, urlOf(settings));
  const { body } = await exchange({ url, most: LARGEST_BODY, signal: within }).catch((cause: unknown) => {
    signal.throwIfAborted();
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    const why = within.aborted ? `nothing within ${DEADLINE_MS / 1000} s` : code;
    throw unreachable(`No bot answers on ${host} port ${port} (${why}).`, cause);
  });
  const report = decodeHealth(body);
  if (report === null) throw unreachable(`The answer on ${host} port ${port} is not from atlas-conns.`);
  return report;
}

function unreachable(text: string, cause?: unknown): UpstreamError {
  const remedy = 'Check that "atlas-conns serve" runs here, with the same HEALTH_HOST and HEALTH_PORT.';
  return new UpstreamError({ code: 'health-unreachable', text, remedy }, { cause });
}

// Decodes the answer of another process of this tool.

export interface HealthReport {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly clusters: readonly { readonly cluster: string; readonly says: string }[];
  /** Warnings that fail no check. */
  readonly remarks: readonly string[];
}

/** Null for an answer of another program. */
function decodeHealth(body: string): HealthReport | null {
  const { ok, checks, clusters = [], remarks = [] } = fieldsOf(jsonIn(body));
  if (typeof ok !== 'boolean' || !Array.isArray(checks) || !Array.isArray(clusters) || !Array.isArray(remarks))
    return null;
  const text = (value: unknown) => textOf(value) ?? '';
  return {
    ok,
    checks: checks
      .map(fieldsOf)
      .map((check) => ({ name: text(check['name']), ok: check['ok'] === true, says: text(check['says']) })),
    clusters: clusters.map(fieldsOf).map(({ cluster, says }) => ({ cluster: text(cluster), says: text(says) })),
    remarks: remarks.flatMap((remark) => textOf(remark) ?? []),
  };
}
