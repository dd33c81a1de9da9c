// The words of arguments and options: clusters, sources, dimensions, durations, files.

import { InvalidArgumentError, Option } from 'commander';
import type { SavedReading } from '../app/commands/types.ts';
import { parseDuration } from '../core/base/duration.ts';
import { nearest } from '../core/base/fuzzy-match.ts';
import { tooLong } from '../core/commands/tokens.ts';
import { DIMENSIONS, type Dimension } from '../core/connections/group-by.ts';
import { LONGEST_WINDOW, SHORTEST_WINDOW } from '../core/snapshots/time-window.ts';
import { UserError } from '../errors.ts';

/** A typed cluster or source. File names have no such limit. */
export function typedName(name: string): string {
  const long = tooLong('name', name);
  if (long !== null) throw new UserError(long.text, long.remedy);
  return name;
}

export const CLUSTER = 'a configured cluster (default: the only one, or the one set as default)';

export interface WithCluster {
  readonly cluster?: string;
}

export function clusterOption(): Option {
  return new Option('--cluster <name>', 'the same as the argument').argParser(typedName);
}

/**
 * The cluster by its place or by its option; null for neither.
 * @throws UserError if they name two
 */
export function oneCluster(word: string | undefined, { cluster: option }: WithCluster): string | null {
  if (word === undefined || option === undefined || word.toLowerCase() === option.toLowerCase())
    return word ?? option ?? null;
  throw new UserError(`"${word}" and --cluster ${option} name two clusters.`, 'Name one of them.');
}

/** `history prod "Billing API"`, `history "Billing API" --cluster prod`, and a word that may be either. */
export function historyOf(first: string | undefined, second: string | undefined, options: WithCluster) {
  if (second !== undefined) return { cluster: oneCluster(first, options), source: second, word: null };
  const { cluster = null } = options;
  if (cluster === null) return { cluster, source: null, word: first ?? null };
  const isCluster = first?.toLowerCase() === cluster.toLowerCase();
  return { cluster, source: isCluster ? null : (first ?? null), word: null };
}

/** Milliseconds. */
export function window(text: string): number {
  const found = parseDuration(text);
  if (found !== null && found >= SHORTEST_WINDOW && found <= LONGEST_WINDOW) return found;
  throw new InvalidArgumentError('Expected a duration from 1h to 400d, such as 24h or 7d.');
}

export function dimension(word: string): Dimension {
  const known = DIMENSIONS.find((name) => name === word.toLowerCase());
  if (known !== undefined) return known;
  const near = nearest(word, DIMENSIONS);
  const hint = near === null ? '' : ` Did you mean ${near}?`;
  throw new InvalidArgumentError(`Expected one of ${DIMENSIONS.join(', ')}.${hint}`);
}

/** `HOST=FILE`, or only `FILE`. A path with = needs a directory in front, e.g. `./a=b.json`. */
export function savedReading(value: string): SavedReading {
  const named = /^(?<host>[^=/\\]+)=(?<path>.+)$/.exec(value)?.groups;
  return { host: named?.['host'] ?? null, path: named?.['path'] ?? value };
}
