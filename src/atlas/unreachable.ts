// Requests that got no answer: what kept them from it, by the error's code, in words with a remedy.

import type { Problem } from '../core/base/problem.ts';
import { UpstreamError } from '../errors.ts';

/** Codes of Node's TLS for a certificate that does not hold; trying again changes nothing about them. */
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const SENTENCES: Readonly<Record<string, (host: string) => string>> = {
  ENOTFOUND: (host) => `The name of ${host} could not be resolved.`,
  EAI_AGAIN: (host) => `The name of ${host} could not be resolved: the name server did not answer.`,
  ECONNREFUSED: (host) => `${host} refused the connection.`,
  ECONNRESET: (host) => `${host} closed the connection before it had answered.`,
  EPIPE: (host) => `${host} closed the connection before it had answered.`,
  UND_ERR_SOCKET: (host) => `${host} closed the connection before it had answered.`,
  ETIMEDOUT: (host) => `${host} could not be connected to in time.`,
  UND_ERR_CONNECT_TIMEOUT: (host) => `${host} could not be connected to in time.`,
  EHOSTUNREACH: (host) => `There is no route to ${host}.`,
  ENETUNREACH: (host) => `There is no route to ${host}.`,
};

/** Whether an error is that of a request without an answer; others are mistakes of ours and stay as they are. */
export function isUnanswered(error: unknown): boolean {
  return isTimeout(error) || codeOf(error) !== null;
}

/** Whether another try could not end otherwise. */
export function isPermanent(error: unknown): boolean {
  const code = codeOf(error);
  return code !== null && (CERTIFICATE_CODES.has(code) || isTls(code));
}

export function unreachableProblem(error: unknown, host: string): Problem {
  if (isTimeout(error)) return timeoutProblem(host, null);
  const code = codeOf(error);
  const remedy = `Check MONGODB_ATLAS_BASE_URL, and that this machine may reach ${host} (name server, firewall, proxy).`;
  if (code === null) return { code: 'atlas-unreachable', text: `The connection to ${host} failed.`, remedy };
  if (CERTIFICATE_CODES.has(code)) {
    return {
      code: 'atlas-certificate',
      text: `The certificate of ${host} cannot be trusted (${code}).`,
      remedy:
        'If a proxy of yours opens TLS, name its authority in NODE_EXTRA_CA_CERTS; otherwise check MONGODB_ATLAS_BASE_URL.',
    };
  }
  if (isTls(code)) return { code: 'atlas-tls', text: `${host} does not speak TLS as expected (${code}).`, remedy };
  const text = SENTENCES[code]?.(host) ?? `The connection to ${host} failed (${code}).`;
  return { code: 'atlas-unreachable', text, remedy };
}

/** `afterMs` is how long we waited in all; null where the bound was the caller's or that of one try. */
export function timeoutProblem(host: string, afterMs: number | null): Problem {
  const bound = afterMs === null ? 'in time' : `within ${Math.round(afterMs / 100) / 10} s`;
  return {
    code: 'atlas-timeout',
    text: `${host} did not answer ${bound}.`,
    remedy:
      'Try again; if it stays so, check the network between this machine and Atlas, and https://status.mongodb.com.',
  };
}

/** Signals that run out have a reason of this name; one that somebody aborts has not. */
export function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

function isTls(code: string): boolean {
  return code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_');
}

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || error instanceof UpstreamError) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}
