// Describes zod's issues: the setting's name, its value, and the expected value.

import type { z } from 'zod';
import type { Problem } from '../core/base/problem.ts';
import { isConnectionString } from '../core/base/redact.ts';
import { SECRET_KEYS } from './variables.ts';

type Issue = z.core.$ZodIssue;
export type Path = readonly PropertyKey[];

export interface NamedProblem {
  /** The top level key of the file, e.g. `projects`. */
  readonly part: string;
  readonly setting: string;
  /** The setting is missing. */
  readonly missing: boolean;
  readonly problem: Problem;
}

/** Problems of a file, one for each fault. `data` is what was validated. */
export function problemsOf(input: {
  readonly issues: readonly Issue[];
  readonly data: unknown;
  readonly file: string;
}): readonly NamedProblem[] {
  return input.issues.flatMap(leaves).map((issue) => {
    const setting = settingName(issue.path);
    const found = valueAt(input.data, issue.path);
    const text =
      issue.code === 'unrecognized_keys'
        ? `${setting} in ${input.file} is not a setting.`
        : `${setting === '' ? input.file : `${setting} in ${input.file}`} is ${shown(issue.path, found)}.`;
    return {
      part: String(issue.path[0] ?? ''),
      setting,
      missing: found === undefined,
      problem: {
        code: 'setting',
        text,
        remedy: found === undefined ? 'This setting is required.' : expectation(issue),
      },
    };
  });
}

/** `projects[0].clientId` for `['projects', 0, 'clientId']`. */
export function settingName(path: Path): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return steps.join('').replace(/^\./, '');
}

/** One issue per unknown key. For a union, the issues of the intended alternative. */
function leaves(issue: Issue): readonly Issue[] {
  if (issue.code === 'unrecognized_keys') {
    const remedies = issue.message.split('\n');
    return issue.keys.map((key, index) => ({
      ...issue,
      keys: [key],
      path: [...issue.path, key],
      message: remedies[index] ?? '',
    }));
  }
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.find((found) =>
    found.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  return meant === undefined
    ? [issue]
    : meant.flatMap((inner) => leaves({ ...inner, path: [...issue.path, ...inner.path] }));
}

function expectation(issue: Issue): string {
  if (issue.code !== 'invalid_type' || !issue.message.startsWith('Invalid input')) return issue.message;
  const kinds: Readonly<Record<string, string>> = { array: 'a list', object: 'keys with values', string: 'text' };
  return `Expected ${kinds[issue.expected] ?? issue.expected}.`;
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([key]) => key === String(step))?.[1];
  }
  return value;
}

function shown(path: Path, value: unknown): string {
  if (value === undefined) return 'missing';
  const key = String(path.at(-1));
  if (key === 'uri' && typeof value === 'string') return 'not a usable connection string';
  if (SECRET_KEYS.includes(key)) return 'invalid';
  if (typeof value === 'string' && isConnectionString(value)) return 'a connection string';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a group of keys' : JSON.stringify(value);
}

/** Collected while reading: problems prevent the start, notices do not. */
export interface Remarks {
  readonly problems: Problem[];
  readonly notices: string[];
}
