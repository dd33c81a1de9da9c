// Why the driver cannot connect at all: a package, a file or credentials are missing. Used for nodes and the store.

import {
  MongoAWSError,
  MongoAzureError,
  MongoKerberosError,
  MongoMissingDependencyError,
  MongoOIDCError,
  MongoServerSelectionError,
} from 'mongodb';
import type { Problem } from '../core/base/problem.ts';
import { packageProblem } from './packages.ts';

/** From the outside in: inner errors are closer to the cause. */
export function causesOf(error: unknown): readonly unknown[] {
  const found: unknown[] = [];
  for (let next = error; next instanceof Error && !found.includes(next); next = inner(next)) found.push(next);
  return found;
}

function inner(error: Error): unknown {
  if (error instanceof MongoServerSelectionError) {
    const errors = [...(error.reason?.servers.values() ?? [])].map((server) => server.error);
    return errors.find((one) => one !== null) ?? error.cause;
  }
  return error.cause;
}

/** Null for any other error. */
export function driverProblem(error: unknown, { host }: { readonly host: string }): Problem | null {
  const causes = causesOf(error);
  const missing = causes.find((cause) => cause instanceof MongoMissingDependencyError);
  if (missing instanceof MongoMissingDependencyError) return packageProblem(missing.dependencyName, host);
  const file = causes.map(unreadFile).find((one) => one !== null);
  if (file !== undefined) {
    return {
      code: 'file-unread',
      text: `${host} cannot be read: the file ${file.path} is needed to log in and cannot be read (${file.code}).`,
      remedy: 'Make it readable for this process, or choose another authMechanism.',
    };
  }
  const mechanism = CREDENTIALS.find(([kind]) => causes.some((cause) => cause instanceof kind))?.[1];
  if (mechanism === undefined) return null;
  return {
    code: 'credentials-missing',
    text: `${host} cannot be read: the environment gives no credentials for authMechanism=${mechanism}.`,
    remedy: 'Give this process the credentials of its platform, or choose another authMechanism.',
  };
}

const CREDENTIALS = [
  [MongoAWSError, 'MONGODB-AWS'],
  [MongoAzureError, 'MONGODB-OIDC'],
  [MongoOIDCError, 'MONGODB-OIDC'],
  [MongoKerberosError, 'GSSAPI'],
] as const;

function unreadFile(error: unknown): { readonly path: string; readonly code: string } | null {
  if (!(error instanceof Error) || !('path' in error) || !('syscall' in error) || !('code' in error)) return null;
  const isFile = error.syscall === 'open' || error.syscall === 'read';
  return isFile && typeof error.path === 'string' ? { path: error.path, code: String(error.code) } : null;
}
