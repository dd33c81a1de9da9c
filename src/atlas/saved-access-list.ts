// The access list from files: pages as the Admin API and `atlas accessLists list -o json` print them, or bare arrays.

import type { AccessList } from '../core/access-list.ts';
import type { Problem } from '../core/problem.ts';
import { UserError } from '../errors.ts';
import { decodeAccessListEntry, decodeEach, decodePage } from './decode.ts';

export interface SavedPage {
  readonly path: string;
  readonly text: string;
}

/**
 * All pages as one list. An entry that is not understood is a problem, and makes the list incomplete.
 * @throws UserError when a file is neither a page nor an array of entries
 */
export function readSavedAccessList(pages: readonly SavedPage[], readAt: Date): AccessList {
  const decoded = pages.map((page) => decodeEach(itemsOf(page), decodeAccessListEntry));
  const problems: readonly Problem[] = decoded.flatMap((page) => page.problems);
  return {
    entries: decoded.flatMap((page) => page.values),
    complete: problems.length === 0,
    readAt: readAt.toISOString(),
    problems,
  };
}

const EXPECTED = 'Expected what `atlas accessLists list -o json` prints: { "results": [ … ] }, or an array of entries.';

function itemsOf({ path, text }: SavedPage): readonly unknown[] {
  const value = parsed(path, text);
  if (Array.isArray(value)) return value;
  const isPage = typeof value === 'object' && value !== null && 'results' in value && Array.isArray(value.results);
  if (!isPage) throw new UserError(`${path} is no access list.`, EXPECTED);
  return decodePage(value, path).items;
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // V8 says at which position; nothing of it is secret.
    const where = cause instanceof Error ? cause.message : 'not readable';
    throw new UserError(`${path} is no JSON: ${where}.`, EXPECTED, { cause });
  }
}
