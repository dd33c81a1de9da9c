// Converts errors of the driver and of nodes to problems: by class, code and label, never by message.

import {
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';
import { type Problem, SHARED_TIER } from '../core/base/problem.ts';
import { causesOf, driverProblem } from '../driver/problem.ts';

/** The user and server of a failed reading. Never contains a password. */
export interface FailedRead {
  /** `host:port` of a node, or the SRV name of a cluster. */
  readonly host: string;
  /** Null without authentication. */
  readonly user: string | null;
  readonly usesTls?: boolean;
}

/** M0 and Flex refuse `$currentOp`, but their totals are readable. */
export function isSharedTier(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === ATLAS_ERROR;
}

/** A working connection was lost; timeouts and failed handshakes do not count. */
export function isConnectionGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isCut(error)) return true;
  return error instanceof MongoNetworkError && !isTimeout(error) && !error.hasErrorLabel('HandshakeError');
}

function isCut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}

function isTimeout(error: unknown): boolean {
  return error instanceof MongoNetworkTimeoutError || error instanceof MongoOperationTimeoutError;
}

export function sharedTierProblem({ host }: FailedRead): Problem {
  return {
    code: SHARED_TIER,
    text: `${host} refuses $currentOp, as M0 and Flex clusters do: only its totals can be read.`,
    remedy: 'Only dedicated clusters (M10 and above) show who holds the connections.',
  };
}

export function nodeProblem(error: unknown, failed: FailedRead): Problem {
  const ownFault = driverProblem(error, failed);
  if (ownFault !== null) return ownFault;
  for (const cause of causesOf(error)) {
    const problem = ofServer(cause, failed) ?? ofSystem(cause, failed);
    if (problem !== null) return problem;
  }
  for (const cause of causesOf(error)) {
    const problem = ofDriver(cause, failed);
    if (problem !== null) return problem;
  }
  if (causesOf(error).some(isCut)) return closedLater(failed);
  const kind = error instanceof Error ? error.name : typeof error;
  return {
    code: 'node-unreadable',
    text: `${failed.host} could not be read (${kind}).`,
    remedy: 'Try again. If it persists, report this kind of error.',
  };
}

function timeoutProblem({ host }: FailedRead): Problem {
  return {
    code: 'timeout',
    text: `${host} did not answer in time.`,
    remedy: `Check that it can be reached from here, and that the address of this machine is on the project's IP access list (Atlas: Network Access). A node under heavy load may only be slow.`,
  };
}

const ATLAS_ERROR = 8000;
const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;
const MAX_TIME_EXPIRED = 50;

function ofServer(error: unknown, failed: FailedRead): Problem | null {
  if (!(error instanceof MongoServerError)) return null;
  if (error.code === UNAUTHORIZED) return missingRole(failed);
  if (error.code === AUTHENTICATION_FAILED) return wrongPassword(failed);
  if (error.code === MAX_TIME_EXPIRED) return timeoutProblem(failed);
  // Atlas uses its own code for a wrong password, too.
  if (error.code === ATLAS_ERROR) return wrongPassword(failed);
  const codeName: unknown = error.codeName;
  return {
    code: 'node-refused',
    text: `${failed.host} answered with error ${error.code}${typeof codeName === 'string' ? ` (${codeName})` : ''}.`,
    remedy: `Try again. If it persists, look for error ${error.code} in its log.`,
  };
}

function wrongPassword({ host, user }: FailedRead): Problem {
  return {
    code: 'authentication-failed',
    text: `${host} rejects ${user === null ? 'the login' : `the user ${user}`}: unknown user or wrong password.`,
    remedy: 'Check MONGODB_USERNAME and MONGODB_PASSWORD, or the connection string (Atlas: Database Access).',
  };
}

function missingRole({ host, user }: FailedRead): Problem {
  if (user === null) {
    return {
      code: 'authentication-required',
      text: `${host} requires authentication, but the connection string names no user.`,
      remedy: 'Put a database user with the role clusterMonitor into the connection string.',
    };
  }
  const name = user.replace(/['\\]/g, '\\$&');
  const grant = `db.getSiblingDB('admin').grantRolesToUser('${name}', [{ role: 'clusterMonitor', db: 'admin' }])`;
  return {
    code: 'missing-privilege',
    text: `The user ${user} may not list the connections of ${host}: the role clusterMonitor is missing.`,
    remedy: `Atlas: Database Access → Edit user → add built-in role clusterMonitor. Elsewhere: ${grant}`,
  };
}

function ofSystem(error: unknown, { host }: FailedRead): Problem | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const { code } = error;
  if (typeof code !== 'string') return null;
  // A name server may refuse or be slow, as a node may. The failed system call shows which one it was.
  if ('syscall' in error && RESOLVING.test(String(error.syscall))) return dns(host, code);
  // A Unix socket without its file has no listener.
  if (code === 'ECONNREFUSED' || code === 'ENOENT') {
    return {
      code: 'refused',
      text: `${host} refuses connections: nothing listens there.`,
      remedy: 'Check that the node is up and that its port is right.',
    };
  }
  if (code === 'EACCES' && host.startsWith('/')) {
    return {
      code: 'socket-denied',
      text: `The Unix socket ${host} cannot be opened by the user of this process (EACCES).`,
      remedy: 'Give that user the right to write to it (mongod: net.unixDomainSocket.filePermissions).',
    };
  }
  if (DNS.has(code)) return dns(host, code);
  if (code === 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR' || UNREACHABLE.has(code)) return notReachable(host, code);
  return code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || CERTIFICATE.test(code) ? tls(host, code) : null;
}

const RESOLVING = /^(getaddrinfo|query)/;
const DNS = new Set(['ENOTFOUND', 'ENODATA', 'EAI_AGAIN']);
const UNREACHABLE = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ETIMEDOUT']);
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|^EPROTO$/;

function dns(host: string, code: string): Problem {
  return {
    code: 'dns',
    text: `${host} does not resolve (${code}): no name server knows the name.`,
    remedy: 'Check the name in the connection string; a private name resolves only inside its network.',
  };
}

/** Atlas ends the TLS handshake with an internal-error alert for an address that is not on the list. */
function notReachable(host: string, code: string): Problem {
  return {
    code: 'not-reachable',
    text: `${host} cannot be reached from here (${code}).`,
    remedy: `Check that the address of this machine is on the project's IP access list. Atlas: Network Access → Add IP address.`,
  };
}

function tls(host: string, code: string): Problem {
  return {
    code: 'tls',
    text: `No secure connection to ${host} could be made (${code}).`,
    remedy: 'Check the TLS options of the connection string: Atlas requires TLS; another server may have its own CA.',
  };
}

function ofDriver(error: unknown, failed: FailedRead): Problem | null {
  if (isTimeout(error)) return timeoutProblem(failed);
  if (error instanceof DOMException && error.name === 'TimeoutError') return timeoutProblem(failed);
  if (error instanceof MongoNetworkError) {
    // The driver labels failures before the first answer: during the TLS handshake, or on an open socket.
    const isHandshake = error.hasErrorLabel('HandshakeError');
    if (isHandshake && failed.usesTls !== true) return closedAtOnce(failed);
    return isHandshake || error.hasErrorLabel('SystemOverloadedError') ? closedBeforeTls(failed) : closedLater(failed);
  }
  return error instanceof MongoServerSelectionError ? timeoutProblem(failed) : null;
}

function closedAtOnce({ host }: FailedRead): Problem {
  return {
    code: 'connection-limit',
    text: `${host} accepted the connection and closed it at once, as a node at its connection limit does.`,
    remedy:
      'Check its connections in Atlas (Metrics). If it has room, it may require TLS: add tls=true to the connection ' +
      'string, as Atlas requires.',
  };
}

/** Happens only with TLS: without it there is no step between connecting and the first message. */
function closedBeforeTls({ host }: FailedRead): Problem {
  return {
    code: 'closed-before-tls',
    text: `${host} accepted the connection and closed it before TLS was agreed: it does not use TLS, or is at its connection limit.`,
    remedy:
      'An Atlas node uses TLS: check its connections (Metrics). Another server may not: then add tls=false to ' +
      'the connection string.',
  };
}

function closedLater({ host }: FailedRead): Problem {
  return {
    code: 'connection-lost',
    text: `${host} closed the connection during the reading.`,
    remedy: 'Try again: it may have restarted. If it persists, the log of the node says why.',
  };
}
