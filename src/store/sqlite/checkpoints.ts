// A cluster's state without its head, saved for the next start: compressed, in pieces.

import { packing } from '../packing.ts';
import type { Database } from './database.ts';
import { countIn, intactIn, textIn, unpackedIn } from './rows.ts';

export type PieceKind = 'source' | 'node';

export interface Piece {
  readonly kind: PieceKind;
  readonly key: string;
  /** JSON in UTF-8: transferred to the thread, not copied. */
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
  /** Of the head that was read: a piece of another checkpoint is ignored. */
  readonly at: number;
  readonly kind: PieceKind;
  readonly from: number;
}

/** A few megabytes of text at most, so that the reader is not blocked. */
export const PAGE = 64;

/** In order, from a position on. Fewer than a page at the end. */
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
  /** The head of a possibly newer checkpoint that cannot be used. */
  readonly replaces: string | null;
}

/** The newest stays: a slower replica does not overwrite it. */
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
