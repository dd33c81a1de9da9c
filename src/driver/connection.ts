// Prepares a connection string for the driver, or rejects it. Compressors that are not installed are removed.

import { MongoClient, type MongoOptions } from 'mongodb';
import { joinWords } from '../core/base/format.ts';
import type { Problem } from '../core/base/problem.ts';
import {
  type ConnectionString,
  optionsNamedIn,
  printConnectionString,
  readConnectionString,
} from '../core/lint/connection-string.ts';
import { UserError } from '../errors.ts';
import { canCompress, installing, proxyProblem } from './packages.ts';
import { tlsProblem } from './tls-files.ts';

export interface Given {
  readonly uri: string;
  /** The setting, e.g. `MONGODB_URI` or `projects[0].clusters[1].uri`. */
  readonly setting: string;
}

export interface Understood {
  readonly string: ConnectionString;
  /** The string for the driver, with only what a connection needs. */
  readonly uri: string;
  /** The driver's parsed options. */
  readonly parsed: Pick<MongoOptions, 'hosts' | 'srvHost' | 'directConnection' | 'credentials'>;
  /** What was removed or corrected, one line each. */
  readonly remarks: readonly string[];
  /**
   * Faults on this side that prevent a connection: a missing package, or an unusable TLS file. With a date,
   * certificates not valid at that time count, although a server may accept them.
   */
  ownFault(at: Date | null): Promise<Problem | null>;
}

/** Does not connect. Throws UserError for an unusable string; the error contains nothing of it except option names. */
export function understand({ uri, setting }: Given): Understood {
  const { string, findings } = readConnectionString(uri);
  if (string === null) {
    const errors = findings.filter(({ severity }) => severity === 'error');
    const texts = errors.map(({ text }) => text).join(' ');
    throw new UserError(
      `${setting} is not a usable connection string. ${texts}`,
      errors.map(({ fix }) => fix).join(' '),
    );
  }
  const { options, missing } = withInstalled(string.options);
  const usable = { ...string, options };
  const printed = printConnectionString(usable);
  const remarks = findings.map(({ text, fix }) => `${setting}: ${text} ${fix}`);
  if (missing.length > 0) {
    remarks.push(
      `${setting}: The compression ${joinWords(missing)} is not installed and is left out. ${installing(missing)}`,
    );
  }
  const ownFault = async (at: Date | null) =>
    (options.has('proxyHost') ? proxyProblem(string.hosts.join(', ')) : null) ?? tlsProblem({ string, setting, at });
  try {
    return { string: usable, uri: printed, parsed: new MongoClient(printed).options, remarks, ownFault };
  } catch (error) {
    // Without the cause: its message may contain a value.
    throw refused(error, setting);
  }
}

function refused(error: unknown, setting: string): UserError {
  const message = error instanceof Error ? error.message : '';
  const names = optionsNamedIn(message);
  const kind = error instanceof Error ? error.name : 'unknown reason';
  const text =
    names.length === 0
      ? `${setting} is not a usable connection string: the MongoDB driver rejects it (${kind}).`
      : `${setting} is not a usable connection string: the MongoDB driver rejects ${joinWords(names)} (${kind}).`;
  return new UserError(
    text,
    'Check the options: https://www.mongodb.com/docs/manual/reference/connection-string-options/',
  );
}

function withInstalled(given: ConnectionString['options']): {
  readonly options: ConnectionString['options'];
  readonly missing: readonly string[];
} {
  const written = given.get('compressors')?.split(',') ?? [];
  const missing = written.filter((name) => !canCompress(name));
  if (missing.length === 0) return { options: given, missing };
  const options = new Map(given);
  const left = written.filter((name) => !missing.includes(name));
  if (left.length === 0) options.delete('compressors');
  else options.set('compressors', left.join(','));
  return { options, missing };
}
