// A connection string on its way to the driver: understood or refused in a sentence, without what is not installed here.

import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import { MongoClient, type MongoOptions } from 'mongodb';
import { optionsNamedIn } from '../core/connection-options.ts';
import { type ConnectionString, printConnectionString, readConnectionString } from '../core/connection-string.ts';
import { listed } from '../core/figures.ts';
import { UserError } from '../errors.ts';

export interface Given {
  readonly uri: string;
  /** Where it stands, e.g. `MONGODB_URI` or `projects[0].clusters[1].uri`. */
  readonly setting: string;
}

export interface Understood {
  readonly string: ConnectionString;
  /** The string for the driver: with nothing in it but what a connection needs. */
  readonly uri: string;
  /** What the driver makes of it. */
  readonly parsed: Pick<MongoOptions, 'hosts' | 'srvHost' | 'directConnection' | 'credentials'>;
  /** What was left out or put right, each in a line for people. */
  readonly remarks: readonly string[];
}

/** Connects to nothing. Throws UserError for a string that cannot be used; no part of it is repeated but option names. */
export function understand({ uri, setting }: Given): Understood {
  const { string, findings } = readConnectionString(uri);
  if (string === null) {
    const errors = findings.filter(({ severity }) => severity === 'error');
    const texts = errors.map(({ text }) => text).join(' ');
    throw new UserError(`${setting} is no usable connection string. ${texts}`, errors.map(({ fix }) => fix).join(' '));
  }
  const { options, missing } = withInstalled(string.options);
  const usable = { ...string, options };
  const printed = printConnectionString(usable);
  const remarks = findings.map(({ text, fix }) => `${setting}: ${text} ${fix}`);
  if (missing.length > 0) {
    const which = listed(missing.map((name) => name));
    remarks.push(`${setting}: The compression ${which} is not installed and is left out. ${installing(missing)}`);
  }
  try {
    return { string: usable, uri: printed, parsed: new MongoClient(printed).options, remarks };
  } catch (error) {
    // Without the error: its message may repeat a value.
    throw refused(error, setting);
  }
}

/** How to add optional packages of the driver. */
export function installing(packages: readonly string[]): string {
  const command = `npm install ${packages.join(' ')}`;
  return `Run \`${command}\` beside atlas-conns; in a container, in an image built on ours, in /app.`;
}

function refused(error: unknown, setting: string): UserError {
  const message = error instanceof Error ? error.message : '';
  const names = optionsNamedIn(message);
  const kind = error instanceof Error ? error.name : 'unknown reason';
  const text =
    names.length === 0
      ? `${setting} is no usable connection string: the MongoDB driver refuses it (${kind}).`
      : `${setting} is no usable connection string: the MongoDB driver refuses ${listed(names)} (${kind}).`;
  return new UserError(
    text,
    'Check the options: https://www.mongodb.com/docs/manual/reference/connection-string-options/',
  );
}

/** Packages that the driver loads for itself are looked for from where it is. */
const driver = createRequire(import.meta.resolve('mongodb'));

function isInstalled(name: string): boolean {
  try {
    driver(name);
    return true;
  } catch {
    return false;
  }
}

/** The driver has zlib in itself, zstd where Node.js has it, and snappy from a package. */
const CAN_COMPRESS: Readonly<Record<string, () => boolean>> = {
  zlib: () => true,
  zstd: () => typeof zlib.zstdCompress === 'function' || isInstalled('@mongodb-js/zstd'),
  snappy: () => isInstalled('snappy'),
};

function withInstalled(given: ConnectionString['options']): {
  readonly options: ConnectionString['options'];
  readonly missing: readonly string[];
} {
  const written = given.get('compressors')?.split(',') ?? [];
  const missing = written.filter((name) => CAN_COMPRESS[name]?.() !== true);
  if (missing.length === 0) return { options: given, missing };
  const options = new Map(given);
  const left = written.filter((name) => !missing.includes(name));
  if (left.length === 0) options.delete('compressors');
  else options.set('compressors', left.join(','));
  return { options, missing };
}
