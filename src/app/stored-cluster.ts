// "Which cluster?" of a history: the one that is meant among those that the store has readings of.

import { nearest } from '../core/base/fuzzy-match.ts';
import type { Store } from '../core/ports/store.ts';
import { UserError } from '../errors.ts';

/**
 * @param wanted as typed; null for the default, or the only one
 * @throws UserError where it has no history, or one of several has to be chosen
 */
export async function storedCluster(
  store: Store,
  wanted: string | null,
  defaultCluster: string | null = null,
): Promise<string> {
  const known = await store.clusters();
  if (known.length === 0) throw noHistory(store);
  const meant = wanted ?? defaultCluster;
  const only = known.length === 1 ? known[0] : undefined;
  const found = meant === null ? only : known.find((name) => name.toLowerCase() === meant.toLowerCase());
  if (found !== undefined) return found;
  const there = `There is a history of ${known.join(', ')}.`;
  if (meant === null) throw new UserError('Which cluster?', `${there} Name one with --cluster.`);
  const near = nearest(meant, known);
  const remedy = near === null ? there : `Did you mean ${near}? ${there}`;
  throw new UserError(`There is no history of a cluster "${meant}".`, remedy);
}

export function noHistory({ about }: Pick<Store, 'about'>): UserError {
  return new UserError(
    `There is no history in ${about.where} yet.`,
    '`atlas-conns serve` and `atlas-conns watch` write it, a reading at a time.',
  );
}
