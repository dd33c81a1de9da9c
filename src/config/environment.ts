// The environment of the process, extended by a `.env` file in the working directory.

import { parseEnv } from 'node:util';
import { ConfigError, UserError } from '../errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
export type ReadFile = (path: string) => Promise<string>;

/**
 * @returns the environment with the additions of `.env`. A variable that is already set wins; an empty value counts as
 * unset.
 * @throws ConfigError if a `.env` exists but cannot be read
 */
export async function withDotEnv(given: Environment, readFile: ReadFile): Promise<Environment> {
  const written = parseEnv(await dotEnv(readFile));
  const set = Object.entries(given).filter(([, value]) => value !== undefined && value.trim() !== '');
  return { ...written, ...Object.fromEntries(set) };
}

async function dotEnv(readFile: ReadFile): Promise<string> {
  try {
    return await readFile('.env');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return '';
    const text = saidOf(error)?.message ?? `The file .env of the working directory cannot be read (${code}).`;
    throw new ConfigError([{ code: 'setting', text, remedy: 'Make it readable for this user, or move it away.' }]);
  }
}

/** The system's code of a failed file operation, e.g. `ENOENT`. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  return 'code' in error && typeof error.code === 'string' ? error.code : codeOf(error.cause);
}

/** A fault that the file reader itself found, e.g. that the path is a directory. */
export function saidOf(error: unknown): UserError | null {
  return error instanceof UserError && error.cause === undefined ? error : null;
}
