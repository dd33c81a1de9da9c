// Succession: an entry of the access list was renamed or narrowed, and the same clients are a source under a new id.

import type { Snapshot } from './snapshot.ts';
import { newPast, type SourcePast } from './source-past.ts';

type Pasts = Readonly<Record<string, SourcePast>>;

/** Gives every newcomer that took over the clients of another its history. Says so in `succeeded`. */
export function successionOf(
  pasts: Pasts,
  snapshot: Snapshot,
): { readonly pasts: Pasts; readonly succeeded: readonly string[] } {
  const newcomers = snapshot.sources.filter((source) => pasts[source.id] === undefined);
  if (newcomers.length === 0) return { pasts, succeeded: [] };
  const now = new Map(snapshot.sources.map((source) => [source.id, source.active + source.dormant]));
  const losers = Object.entries(pasts).filter(
    ([id, past]) => past.lastPooled > 0 && (now.get(id) ?? 0) <= past.lastPooled / 2,
  );
  const found = { ...pasts };
  const succeeded: string[] = [];
  for (const source of newcomers) {
    const shares = (known: readonly string[], held: readonly { readonly name: string | null }[]) => {
      const names = held.slice(0, 5).flatMap(({ name }) => (name === null ? [] : [name]));
      return names.length > 0 && names.filter((name) => known.includes(name)).length >= names.length / 2;
    };
    const heir =
      losers.find(([, past]) => shares(past.hosts, source.hosts)) ??
      losers.find(([, past]) => source.hosts.length === 0 && shares(past.apps, source.apps));
    if (heir === undefined) {
      found[source.id] = newPast(source, snapshot.at);
      continue;
    }
    const [id, past] = heir;
    found[source.id] = { ...past, name: source.name, firstSeen: snapshot.at, inherits: id };
    succeeded.push(`${source.id} took over the clients of ${id} and goes on with its history`);
  }
  return { pasts: found, succeeded };
}
