// The environment: what the process was given, completed by a `.env` file of the working directory.

import { parseEnv } from 'node:util';
import { ConfigError } from '../errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
export type ReadFile = (path: string) => Promise<string>;

/**
 * @returns the environment with what `.env` adds. What is set already stands; an empty value counts as unset.
 * @throws ConfigError when there is a `.env` that cannot be read
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
    const text = `The file .env of the working directory cannot be read (${code}).`;
    throw new ConfigError([{ code: 'setting', text, remedy: 'Make it readable for this user, or move it away.' }]);
  }
}

/** The system's code of a failed file operation, e.g. `ENOENT`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason';
}
