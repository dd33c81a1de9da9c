// Answers of Atlas that are refusals: what happened, to what, and what to do, by the error's code and status.

import { isIP } from 'node:net';
import type { Problem } from '../core/base/problem.ts';
import { UpstreamError } from '../errors.ts';
import type { Refusal } from './decode.ts';

/** Who asked for what: every sentence names both. */
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

/** How the last of the tries was refused. */
export interface Refused {
  readonly asked: FailedRequest;
  readonly status: number;
  readonly refusal: Refusal;
  readonly retryAfterSeconds: number | null;
  readonly tries: number;
}

/** The one version that we speak. Atlas resolves it to the newest of each resource that is not later. */
export const API_VERSION = '2025-03-12';

export function refusalProblem(refused: Refused): Problem {
  const { isOfAtlas, errorCode } = refused.refusal;
  const describe = BY_ERROR_CODE.get(errorCode ?? '') ?? byStatus(refused.status);
  // What is not of Atlas says nothing of its credentials, roles and versions.
  return (!isOfAtlas && OF_ATLAS_ALONE.has(describe) ? strangerRefused : describe)(refused);
}

type Describe = (refused: Refused) => Problem;

const BY_ERROR_CODE: ReadonlyMap<string, Describe> = new Map(
  Object.entries<Describe>({
    invalid_client: credentialsRefused,
    USER_UNAUTHORIZED: roleMissing,
    IP_ADDRESS_NOT_ON_ACCESS_LIST: addressRefused,
    GROUP_NOT_FOUND: ({ asked }) => ({
      code: 'atlas-project-unknown',
      text: `Atlas knows no such project: it cannot give ${asked.what}.`,
      remedy: 'Set MONGODB_ATLAS_PROJECT_ID to the 24 hex digits that Atlas shows under Project Settings.',
    }),
    CLUSTER_NOT_FOUND: ({ asked, refusal }) => ({
      code: 'atlas-cluster-unknown',
      text: `Atlas knows no cluster ${refusal.parameters[0] ?? 'of this name'}: it cannot give ${asked.what}.`,
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

function credentialsRefused({ asked }: Refused): Problem {
  const { caller } = asked;
  const [secret, settings] =
    caller.kind === 'service-account'
      ? ['client id or client secret', 'MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET']
      : ['public or private key', 'MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY'];
  return {
    code: 'atlas-credentials-refused',
    text: `Atlas refuses ${nameOf(caller)}: its ${secret} is wrong, expired or deleted.`,
    remedy: `Check ${settings}; a new one is made in Atlas under ${screenOf(caller)}.`,
  };
}

function roleMissing({ asked }: Refused): Problem {
  return {
    code: 'atlas-role-missing',
    text: `Atlas does not let ${nameOf(asked.caller)} read ${asked.what}: it lacks the role, or is of another organization.`,
    remedy: `Give it the role Project Read Only (GROUP_READ_ONLY) in this project, in Atlas under ${screenOf(asked.caller)}.`,
  };
}

function addressRefused({ asked, refusal }: Refused): Problem {
  const address = refusal.parameters.find((parameter) => isIP(parameter) > 0) ?? 'the address of this machine';
  return {
    code: 'atlas-address-refused',
    text: `Atlas refuses requests from ${address}: it is not on the API access list of ${nameOf(asked.caller)}.`,
    remedy:
      `Add ${address} in Atlas under ${screenOf(asked.caller)}, ${asked.caller.id}, API Access List ` +
      "(which is not the project's IP access list).",
  };
}

function versionGone({ asked }: Refused): Problem {
  return {
    code: 'atlas-version-gone',
    text: `Atlas has withdrawn version ${API_VERSION} of its API for ${asked.what}.`,
    remedy: 'Update atlas-conns.',
  };
}

function versionRefused({ asked, status }: Refused): Problem {
  return {
    code: 'atlas-version-refused',
    text: `${asked.host} does not offer ${asked.what} in version ${API_VERSION} of the Admin API (${status}).`,
    remedy:
      'Check that MONGODB_ATLAS_BASE_URL is Atlas, or a proxy that passes the Accept header on; else update atlas-conns.',
  };
}

function rateLimited({ asked, retryAfterSeconds, tries }: Refused): Problem {
  const asks = retryAfterSeconds === null ? '' : ` and asks for ${retryAfterSeconds} s of patience`;
  return {
    code: 'atlas-rate-limited',
    text: `Atlas limits how often ${asked.what} may be read (${timesOf(tries)})${asks}.`,
    remedy: 'Wait a minute and try again, or read less often; other tools on the same project share its allowance.',
  };
}

function serverFailed({ asked, tries, ...refused }: Refused): Problem {
  return {
    code: 'atlas-server-error',
    text: `Atlas failed to give ${asked.what}: ${statusOf(refused)}, ${timesOf(tries)}.`,
    remedy: 'Try again in a few minutes; https://status.mongodb.com tells how Atlas is.',
  };
}

function redirected({ asked, status }: Refused): Problem {
  return {
    code: 'atlas-redirected',
    text: `${asked.host} answered with a redirect (${status}) instead of ${asked.what}.`,
    remedy: 'Check MONGODB_ATLAS_BASE_URL: Atlas does not redirect, a proxy or a login page does.',
  };
}

function notFound({ asked, ...refused }: Refused): Problem {
  return {
    code: 'atlas-not-found',
    text: `${asked.host} does not have ${asked.what} (${statusOf(refused)}).`,
    remedy: 'Check MONGODB_ATLAS_BASE_URL: it is the address of Atlas without /api.',
  };
}

function otherwiseRefused({ asked, ...refused }: Refused): Problem {
  return {
    code: 'atlas-refused',
    text: `Atlas refused to give ${asked.what} (${statusOf(refused)}).`,
    remedy: `Check in Atlas what ${nameOf(asked.caller)} may do under ${screenOf(asked.caller)}; else update atlas-conns.`,
  };
}

const OF_ATLAS_ALONE: ReadonlySet<Describe> = new Set([credentialsRefused, versionGone, otherwiseRefused]);

function strangerRefused({ asked, status }: Refused): Problem {
  return {
    code: 'atlas-answer-not-json',
    text: `${asked.host} refused to give ${asked.what} (${status}), in a form that Atlas does not use.`,
    remedy: PERHAPS_A_PROXY,
  };
}

/** For answers that are not of Atlas. */
export const PERHAPS_A_PROXY =
  'Check MONGODB_ATLAS_BASE_URL: a proxy or a login page may stand between this machine and Atlas.';

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

// Requests that got no answer: what kept them from it, by the error's code, in words with a remedy.

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
