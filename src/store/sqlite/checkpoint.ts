// All of a cluster's state but its head, kept for the next start: compressed, piece by piece.

import type { Checkpoint } from '../../core/store.ts';
import type { Database } from './database.ts';
import { countIn, packed, textIn, unpackedIn } from './decode.ts';

export function checkpoint(database: Database, cluster: string): Checkpoint | null {
  const row = database.get('SELECT at, head FROM checkpoint WHERE cluster = :cluster', { cluster });
  if (row === null) return null;
  const pieces = (kind: string) =>
    database
      .all('SELECT key, body FROM checkpoint_piece WHERE cluster = :cluster AND kind = :kind ORDER BY position', {
        cluster,
        kind,
      })
      .map((piece) => ({ key: textIn(piece, 'key'), json: unpackedIn(piece, 'body') }));
  return {
    at: countIn(row, 'at'),
    head: unpackedIn(row, 'head'),
    sources: pieces('source').map(({ key, json }) => ({ id: key, json })),
    nodes: pieces('node').map(({ key, json }) => ({ host: key, json })),
  };
}

/** The newest stays: of two replicas the slower one takes nothing back. */
export function saveCheckpoint(
  database: Database,
  { cluster, checkpoint }: { readonly cluster: string; readonly checkpoint: Checkpoint },
): void {
  const { at } = checkpoint;
  const head = packed(checkpoint.head);
  const pieces = [
    ...checkpoint.sources.map(({ id, json }, position) => ({ kind: 'source', position, key: id, body: packed(json) })),
    ...checkpoint.nodes.map(({ host, json }, position) => ({ kind: 'node', position, key: host, body: packed(json) })),
  ];
  database.together(() => {
    if (database.get('SELECT 1 FROM checkpoint WHERE cluster = :cluster AND at > :at', { cluster, at }) !== null)
      return;
    database.run('DELETE FROM checkpoint WHERE cluster = :cluster', { cluster });
    database.run('INSERT INTO checkpoint VALUES (:cluster, :at, :head)', { cluster, at, head });
    for (const piece of pieces)
      database.run('INSERT INTO checkpoint_piece VALUES (:cluster, :kind, :position, :key, :body)', {
        cluster,
        ...piece,
      });
  });
}
