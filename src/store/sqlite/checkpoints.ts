// All of a cluster's state but its head, kept for the next start: compressed, piece by piece.

import { packing } from '../packing.ts';
import type { Database } from './database.ts';
import { countIn, intactIn, textIn, unpackedIn } from './rows.ts';

export type PieceKind = 'source' | 'node';

export interface Piece {
  readonly kind: PieceKind;
  readonly key: string;
  /** JSON in UTF-8: handed over to the thread, not copied. */
  readonly body: Uint8Array;
}

export interface CheckpointHead {
  readonly at: number;
  readonly head: string;
}

export function checkpointHead(database: Database, cluster: string): CheckpointHead | null {
  const row = database.get('SELECT at, head FROM checkpoint WHERE cluster = :cluster', { cluster });
  return row === null ? null : { at: countIn(row, 'at'), head: intactIn(row, 'head', checkpointOf(cluster)) };
}

export interface CheckpointPage {
  readonly cluster: string;
  /** Of the head that was read: a piece of another checkpoint is none. */
  readonly at: number;
  readonly kind: PieceKind;
  readonly from: number;
}

/** A few megabytes of text at most: whoever takes it is not kept from other work. */
export const PAGE = 64;

/** In their order, from a position on; fewer than a page where there are no more. */
export function checkpointPage(
  database: Database,
  { cluster, at, kind, from }: CheckpointPage,
): readonly { readonly key: string; readonly json: string }[] {
  return database
    .all(
      `SELECT key, body FROM checkpoint_piece JOIN checkpoint USING (cluster)
        WHERE cluster = :cluster AND at = :at AND kind = :kind AND position >= :from ORDER BY position LIMIT ${PAGE}`,
      { cluster, at, kind, from },
    )
    .map((piece) => ({ key: textIn(piece, 'key'), json: intactIn(piece, 'body', checkpointOf(cluster)) }));
}

function checkpointOf(cluster: string): string {
  return `a checkpoint of ${cluster}`;
}

interface Saved extends CheckpointHead {
  readonly cluster: string;
  readonly pieces: readonly Piece[];
  /** The head of one that may be newer, and is of no use. */
  readonly replaces: string | null;
}

/** The newest stays: of two replicas the slower one takes nothing back. */
export function saveCheckpoint(database: Database, given: Saved): void {
  const { cluster, at, replaces } = given;
  const head = packing.pack(given.head);
  const pieces = given.pieces.map(({ body, ...piece }) => ({ ...piece, body: packing.pack(body) }));
  database.together(() => {
    const newer = database.get('SELECT head FROM checkpoint WHERE cluster = :cluster AND at > :at', { cluster, at });
    if (newer !== null && (replaces === null || unpackedIn(newer, 'head') !== replaces)) return;
    database.run('DELETE FROM checkpoint WHERE cluster = :cluster', { cluster });
    database.run('INSERT INTO checkpoint VALUES (:cluster, :at, :head)', { cluster, at, head });
    const positions = { source: 0, node: 0 };
    for (const { kind, ...piece } of pieces) {
      const position = positions[kind]++;
      database.run('INSERT INTO checkpoint_piece VALUES (:cluster, :kind, :position, :key, :body)', {
        ...{ cluster, kind, position },
        ...piece,
      });
    }
  });
}
