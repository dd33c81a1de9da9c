// Describes refusals of Atlas by the error's code and status: what happened, to what, and what to do.

import { isIP } from 'node:net';
import type { Problem } from '../core/base/problem.ts';
import { UpstreamError } from '../errors.ts';
import type { Refusal } from './decode.ts';

/** The request and its credentials: every sentence names both. */
interface FailedRequest {
  readonly host: string;
  readonly caller: Caller;
  /** E.g. `the IP access list of project 64b0…`. */
  readonly what: string;
}

/** The credentials without their secret. */
export interface Caller {
  readonly kind: 'service-account' | 'api-key';
  /** The client id or the public key. */
  readonly id: string;
}

/** How the last attempt was refused. */
export interface Refused {
  readonly failed: FailedRequest;
  readonly status: number;
  readonly refusal: Refusal;
  readonly retryAfterSeconds: number | null;
  readonly tries: number;
}

/** Atlas resolves this version, for each resource, to its newest one that is not later. */
export const API_VERSION = '2025-03-12';

export function refusalProblem(refused: Refused): Problem {
  const { isOfAtlas, errorCode } = refused.refusal;
  const describe = BY_ERROR_CODE.get(errorCode ?? '') ?? byStatus(refused.status);
  // An answer that is not from Atlas says nothing about credentials, roles and versions.
  return (!isOfAtlas && OF_ATLAS_ALONE.has(describe) ? strangerRefused : describe)(refused);
}

type Describe = (refused: Refused) => Problem;

const BY_ERROR_CODE: ReadonlyMap<string, Describe> = new Map(
  Object.entries<Describe>({
    invalid_client: credentialsRefused,
    USER_UNAUTHORIZED: roleMissing,
    IP_ADDRESS_NOT_ON_ACCESS_LIST: addressRefused,
    GROUP_NOT_FOUND: ({ failed }) => ({
      code: 'atlas-project-unknown',
      text: `Atlas does not know this project: ${failed.what} cannot be read.`,
      remedy: 'Set MONGODB_ATLAS_PROJECT_ID to the 24 hex digits that Atlas shows under Project Settings.',
    }),
    CLUSTER_NOT_FOUND: ({ failed, refusal }) => ({
      code: 'atlas-cluster-unknown',
      text: `Atlas knows no cluster ${refusal.parameters[0] ?? 'of this name'}: ${failed.what} cannot be read.`,
      remedy: 'Write the name as Atlas shows it under Clusters; upper and lower case count.',
    }),
    VERSION_GONE: versionGone,
    INVALID_VERSION_DATE: versionRefused,
  }),
);

function byStatus(status: number): Describe {
  if (status === 401) return credentialsRefused;
  if (status === 406) return versionRefused;
  if (status === 410) return versionGone;
  if (status === 429) return rateLimited;
  if (status >= 500) return serverFailed;
  if (status >= 300 && status < 400) return redirected;
  return status === 404 ? notFound : otherwiseRefused;
}

function credentialsRefused({ failed }: Refused): Problem {
  const { caller } = failed;
  const [secret, settings] =
    caller.kind === 'service-account'
      ? ['client id or client secret', 'MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET']
      : ['public or private key', 'MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY'];
  return {
    code: 'atlas-credentials-refused',
    text: `Atlas refuses ${nameOf(caller)}: its ${secret} is wrong, expired or deleted.`,
    remedy: `Check ${settings}, or create a new one in Atlas under ${screenOf(caller)}.`,
  };
}

function roleMissing({ failed }: Refused): Problem {
  return {
    code: 'atlas-role-missing',
    text: `Atlas does not let ${nameOf(failed.caller)} read ${failed.what}: it lacks the role or belongs to another organization.`,
    remedy: `Give it the role Project Read Only (GROUP_READ_ONLY) in this project, in Atlas under ${screenOf(failed.caller)}.`,
  };
}

function addressRefused({ failed, refusal }: Refused): Problem {
  const address = refusal.parameters.find((parameter) => isIP(parameter) > 0) ?? 'the address of this machine';
  return {
    code: 'atlas-address-refused',
    text: `Atlas refuses requests from ${address}: it is not on the API access list of ${nameOf(failed.caller)}.`,
    remedy:
      `Add ${address} in Atlas under ${screenOf(failed.caller)}, ${failed.caller.id}, API Access List ` +
      "(which is not the project's IP access list).",
  };
}

function versionGone({ failed }: Refused): Problem {
  return {
    code: 'atlas-version-gone',
    text: `Atlas has withdrawn version ${API_VERSION} of its API for ${failed.what}.`,
    remedy: 'Update atlas-conns.',
  };
}

function versionRefused({ failed, status }: Refused): Problem {
  return {
    code: 'atlas-version-refused',
    text: `${failed.host} does not offer ${failed.what} in version ${API_VERSION} of the Admin API (${status}).`,
    remedy:
      'Check that MONGODB_ATLAS_BASE_URL is Atlas, or a proxy that passes the Accept header on; else update atlas-conns.',
  };
}

function rateLimited({ failed, retryAfterSeconds, tries }: Refused): Problem {
  const asks = retryAfterSeconds === null ? '' : ` and asks to wait ${retryAfterSeconds} s`;
  return {
    code: 'atlas-rate-limited',
    text: `Atlas rate-limits requests for ${failed.what} (${timesOf(tries)})${asks}.`,
    remedy: 'Wait a minute and try again, or read less often; other tools on the same project share its limit.',
  };
}

function serverFailed({ failed, tries, ...refused }: Refused): Problem {
  return {
    code: 'atlas-server-error',
    text: `Atlas failed to return ${failed.what}: ${statusOf(refused)}, ${timesOf(tries)}.`,
    remedy: 'Try again in a few minutes; https://status.mongodb.com shows the state of Atlas.',
  };
}

function redirected({ failed, status }: Refused): Problem {
  return {
    code: 'atlas-redirected',
    text: `${failed.host} answered with a redirect (${status}) instead of ${failed.what}.`,
    remedy: 'Check MONGODB_ATLAS_BASE_URL: Atlas does not redirect, a proxy or a login page does.',
  };
}

function notFound({ failed, ...refused }: Refused): Problem {
  return {
    code: 'atlas-not-found',
    text: `${failed.host} does not have ${failed.what} (${statusOf(refused)}).`,
    remedy: 'Check MONGODB_ATLAS_BASE_URL: it is the address of Atlas without /api.',
  };
}

function otherwiseRefused({ failed, ...refused }: Refused): Problem {
  return {
    code: 'atlas-refused',
    text: `Atlas refused to return ${failed.what} (${statusOf(refused)}).`,
    remedy: `Check in Atlas what ${nameOf(failed.caller)} may do under ${screenOf(failed.caller)}; else update atlas-conns.`,
  };
}

const OF_ATLAS_ALONE: ReadonlySet<Describe> = new Set([credentialsRefused, versionGone, otherwiseRefused]);

function strangerRefused({ failed, status }: Refused): Problem {
  return {
    code: 'atlas-answer-not-json',
    text: `${failed.host} refused to return ${failed.what} (${status}), in a form that Atlas does not use.`,
    remedy: PERHAPS_A_PROXY,
  };
}

/** For answers that are not from Atlas. */
export const PERHAPS_A_PROXY =
  'Check MONGODB_ATLAS_BASE_URL: a proxy or a login page may be between this machine and Atlas.';

export function nameOf(caller: Caller): string {
  return caller.kind === 'service-account' ? `service account ${caller.id}` : `API key ${caller.id}`;
}

function screenOf(caller: Caller): string {
  return `Identity & Access, Applications, ${caller.kind === 'service-account' ? 'Service Accounts' : 'API Keys'}`;
}

function statusOf({ status, refusal }: { readonly status: number; readonly refusal: Refusal }): string {
  return refusal.errorCode === null ? String(status) : `${status} ${refusal.errorCode}`;
}

function timesOf(tries: number): string {
  return tries === 1 ? 'tried once' : `tried ${tries} times`;
}

// Requests without an answer: the reason by the error's code, with a remedy.

/** Node's TLS codes for an invalid certificate: another attempt would not help. */
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

/** Whether a request got no answer; other errors are our bugs. */
export function isUnanswered(error: unknown): boolean {
  return isTimeout(error) || codeOf(error) !== null;
}

/** Whether another attempt would fail the same way. */
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
        'If your proxy intercepts TLS, set NODE_EXTRA_CA_CERTS to its CA certificate; otherwise check MONGODB_ATLAS_BASE_URL.',
    };
  }
  if (isTls(code)) return { code: 'atlas-tls', text: `${host} does not speak TLS as expected (${code}).`, remedy };
  const text = SENTENCES[code]?.(host) ?? `The connection to ${host} failed (${code}).`;
  return { code: 'atlas-unreachable', text, remedy };
}

/** `afterMs` is the whole wait; null if the limit of the caller or of one attempt applied. */
export function timeoutProblem(host: string, afterMs: number | null): Problem {
  const bound = afterMs === null ? 'in time' : `within ${Math.round(afterMs / 100) / 10} s`;
  return {
    code: 'atlas-timeout',
    text: `${host} did not answer ${bound}.`,
    remedy:
      'Try again. If it persists, check the network between this machine and Atlas, and https://status.mongodb.com.',
  };
}

/** The reason of a timed-out signal has this name; an aborted one does not. */
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
