// Errors of the driver and of nodes as problems: by class, code and label, never by message.

import {
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';
import type { Problem } from '../core/base/problem.ts';
import { causesOf, driverProblem } from '../driver/problem.ts';

/** What was asked of whom. No password comes near it. */
export interface FailedRead {
  /** `host:port` of a node, or the SRV name of a cluster. */
  readonly host: string;
  /** Null where nobody authenticates. */
  readonly user: string | null;
}

/** True for what ends the reading of this node for a while, but not its totals: M0 and Flex refuse `$currentOp`. */
export function isSharedTier(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === ATLAS_ERROR;
}

/** True where a connection that had worked is no more; a node that is silent or lets nobody in is another matter. */
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
    code: 'shared-tier',
    text: `${host} refuses $currentOp, as M0 and Flex clusters do: only its totals can be read.`,
    remedy: 'Who holds the connections can be told of dedicated clusters, M10 and above.',
  };
}

export function nodeProblem(error: unknown, asked: FailedRead): Problem {
  const ownFault = driverProblem(error, asked);
  if (ownFault !== null) return ownFault;
  for (const cause of causesOf(error)) {
    const problem = ofServer(cause, asked) ?? ofSystem(cause, asked);
    if (problem !== null) return problem;
  }
  for (const cause of causesOf(error)) {
    const problem = ofDriver(cause, asked);
    if (problem !== null) return problem;
  }
  if (causesOf(error).some(isCut)) return closedLater(asked);
  const kind = error instanceof Error ? error.name : typeof error;
  return {
    code: 'node-unreadable',
    text: `${asked.host} could not be read (${kind}).`,
    remedy: 'Read again; if it stays, tell us what kind of error it is.',
  };
}

function timeoutProblem({ host }: FailedRead): Problem {
  return {
    code: 'timeout',
    text: `${host} did not answer in time.`,
    remedy: `Check that it can be reached from here and that our address is on the project's IP access list (Atlas: Network Access); a node under heavy load may only be slow.`,
  };
}

const ATLAS_ERROR = 8000;
const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;
const MAX_TIME_EXPIRED = 50;

function ofServer(error: unknown, asked: FailedRead): Problem | null {
  if (!(error instanceof MongoServerError)) return null;
  if (error.code === UNAUTHORIZED) return missingRole(asked);
  if (error.code === AUTHENTICATION_FAILED) return wrongPassword(asked);
  if (error.code === MAX_TIME_EXPIRED) return timeoutProblem(asked);
  // Atlas answers a wrong password with its own code, too.
  if (error.code === ATLAS_ERROR) return wrongPassword(asked);
  const codeName: unknown = error.codeName;
  return {
    code: 'node-refused',
    text: `${asked.host} answered with error ${error.code}${typeof codeName === 'string' ? ` (${codeName})` : ''}.`,
    remedy: `Read again; if it stays, its log says what error ${error.code} is about.`,
  };
}

function wrongPassword({ host, user }: FailedRead): Problem {
  return {
    code: 'authentication-failed',
    text: `${host} does not let ${user === null ? 'us' : `the user ${user}`} in: unknown user or wrong password.`,
    remedy: 'Check MONGODB_USERNAME and MONGODB_PASSWORD, or the connection string (Atlas: Database Access).',
  };
}

function missingRole({ host, user }: FailedRead): Problem {
  if (user === null) {
    return {
      code: 'authentication-required',
      text: `${host} wants to know who asks, and the connection string names no user.`,
      remedy: 'Put a database user with the role clusterMonitor into the connection string.',
    };
  }
  const name = user.replace(/['\\]/g, '\\$&');
  const grant = `db.getSiblingDB('admin').grantRolesToUser('${name}', [{ role: 'clusterMonitor', db: 'admin' }])`;
  return {
    code: 'missing-privilege',
    text: `${host} does not let the user ${user} see who is connected: the role clusterMonitor is missing.`,
    remedy: `Atlas: Database Access → Edit user → add built-in role clusterMonitor. Elsewhere: ${grant}`,
  };
}

function ofSystem(error: unknown, { host }: FailedRead): Problem | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const { code } = error;
  if (typeof code !== 'string') return null;
  // A name server that refuses or is slow is no node that does: the failed call tells them apart.
  if ('syscall' in error && RESOLVING.test(String(error.syscall))) return dns(host, code);
  // Without its file nothing listens at a Unix socket.
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
      text: `The Unix socket ${host} may not be opened by the user of this process (EACCES).`,
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
    text: `The name ${host} does not resolve (${code}).`,
    remedy: 'Check the name in the connection string; a private name resolves only inside its network.',
  };
}

/** Atlas ends the TLS handshake with an internal-error alert for an address that is not on the list. */
function notReachable(host: string, code: string): Problem {
  return {
    code: 'not-reachable',
    text: `${host} cannot be reached from here (${code}).`,
    remedy: `Check that our address is on the project's IP access list. Atlas: Network Access → Add IP address.`,
  };
}

function tls(host: string, code: string): Problem {
  return {
    code: 'tls',
    text: `No secure connection to ${host} could be made (${code}).`,
    remedy: 'Check the TLS options of the connection string: Atlas requires TLS; another server may have its own CA.',
  };
}

function ofDriver(error: unknown, asked: FailedRead): Problem | null {
  if (isTimeout(error)) return timeoutProblem(asked);
  if (error instanceof DOMException && error.name === 'TimeoutError') return timeoutProblem(asked);
  if (error instanceof MongoNetworkError) {
    // The driver's labels for what ends before the first answer: on the way to a secure socket, or on an open one.
    if (error.hasErrorLabel('HandshakeError')) return closedAtOnce(asked);
    return error.hasErrorLabel('SystemOverloadedError') ? closedBeforeTls(asked) : closedLater(asked);
  }
  return error instanceof MongoServerSelectionError ? timeoutProblem(asked) : null;
}

function closedAtOnce({ host }: FailedRead): Problem {
  return {
    code: 'connection-limit',
    text: `${host} took our connection and closed it before a word, as a node at its connection limit does.`,
    remedy:
      'Look at its connections in Atlas (Metrics). If it has room, it may want TLS: add tls=true to the connection ' +
      'string, as Atlas requires.',
  };
}

/** Without TLS there is nothing between a connection and the first word: who comes here asked for TLS. */
function closedBeforeTls({ host }: FailedRead): Problem {
  return {
    code: 'closed-before-tls',
    text: `${host} took our connection and closed it before TLS was agreed on: it speaks no TLS, or is at its connection limit.`,
    remedy:
      'An Atlas node speaks TLS: look at its connections (Metrics). Another server may not: then write tls=false into ' +
      'the connection string.',
  };
}

function closedLater({ host }: FailedRead): Problem {
  return {
    code: 'connection-lost',
    text: `${host} closed the connection while it was read.`,
    remedy: 'Read again: it may have restarted. If it stays, the log of the node says why.',
  };
}
