// Checkpoints: texts combined into pieces far below the document limit, and replaced as a whole.

import type { Checkpoint, Store } from '../../core/ports/store.ts';
import { UpstreamError } from '../../errors.ts';
import type { Connection } from './connection.ts';
import type { Collections, PieceDocument } from './documents.ts';
import { packed, unpacked } from './packed.ts';
import { damagedProblem } from './problems.ts';

/** A document may have 16 MB; a smaller piece is a shorter step. */
const PIECE_BYTES = 2 ** 20;

export function checkpointsIn(
  connection: Connection,
  { checkpoints, pieces }: Collections,
): Pick<Store, 'checkpoint' | 'saveCheckpoint'> {
  const { transact, asked } = connection;
  return {
    async checkpoint(cluster) {
      // One transaction: both reads see the same state.
      const found = await transact(async ({ session }) => {
        const checkpoint = await checkpoints.findOne({ _id: cluster }, { session });
        const parts = await pieces.find({ _id: rangeOf(cluster) }, { session, sort: { _id: 1 } }).toArray();
        return checkpoint === null ? null : { checkpoint, parts };
      });
      if (found === null) return null;
      const { at, head } = found.checkpoint;
      try {
        const texts = await Promise.all(found.parts.map(async (part) => ({ of: part.of, texts: await textsOf(part) })));
        const all = (of: Text['of']) => texts.filter((part) => part.of === of).flatMap((part) => part.texts);
        return {
          at: at.getTime(),
          head,
          sources: all('source').map(({ id, json }) => ({ id, json })),
          nodes: all('node').map(({ id, json }) => ({ host: id, json })),
        };
      } catch (error) {
        throw new UpstreamError(damagedProblem(asked, `a checkpoint of ${cluster}`), { cause: error });
      }
    },
    async saveCheckpoint(cluster, { replaces = null, ...checkpoint }) {
      const parts = await piecesOf(cluster, checkpoint);
      const at = new Date(checkpoint.at);
      await transact(async ({ session }) => {
        const before = await checkpoints.findOne({ _id: cluster }, { session });
        if (before !== null && before.at > at && before.head !== replaces) return null;
        // First, so that a concurrent save by another replica conflicts here.
        await checkpoints.replaceOne({ _id: cluster }, { at, head: checkpoint.head }, { session, upsert: true });
        await pieces.deleteMany({ _id: rangeOf(cluster) }, { session });
        if (parts.length > 0) await pieces.insertMany(parts, { session });
        return true;
      });
    },
  };
}

interface Text {
  readonly of: 'source' | 'node';
  readonly id: string;
  readonly json: string;
}

function rangeOf(cluster: string) {
  return { $gte: { cluster, index: 0 }, $lte: { cluster, index: 2 ** 31 } };
}

async function piecesOf(cluster: string, { sources, nodes }: Checkpoint): Promise<PieceDocument[]> {
  const texts: Text[] = [
    ...sources.map(({ id, json }) => ({ of: 'source', id, json }) as const),
    ...nodes.map(({ host, json }) => ({ of: 'node', id: host, json }) as const),
  ];
  const documents: PieceDocument[] = [];
  // One by one, so that other work runs in between.
  for (const pile of piled(texts)) documents.push(await documentOf(pile, { cluster, index: documents.length }));
  return documents;
}

interface Pile {
  readonly of: Text['of'];
  readonly pile: { readonly id: string; readonly bytes: Buffer }[];
}

async function documentOf({ of, pile }: Pile, _id: PieceDocument['_id']): Promise<PieceDocument> {
  const bytes = await packed(Buffer.concat(pile.map((text) => text.bytes)));
  return {
    ...{ _id, cluster: _id.cluster, of, packed: bytes },
    ids: pile.map(({ id }) => id),
    lengths: pile.map((text) => text.bytes.length),
  };
}

/** In order. Each piece has one kind and stays below the limit, except for a single larger text. */
function* piled(texts: readonly Text[]): Generator<Pile> {
  let pile: Pile['pile'] = [];
  let size = 0;
  for (const [index, { of, id, json }] of texts.entries()) {
    const bytes = Buffer.from(json);
    pile.push({ id, bytes });
    size += bytes.length;
    const next = texts[index + 1];
    if (next?.of === of && size + next.json.length <= PIECE_BYTES) continue;
    yield { of, pile };
    pile = [];
    size = 0;
  }
}

async function textsOf({ ids, lengths, packed: content }: PieceDocument) {
  const bytes = await unpacked(content);
  let begin = 0;
  return ids.map((id, index) => {
    const end = begin + (lengths[index] ?? 0);
    const json = bytes.toString('utf8', begin, end);
    begin = end;
    return { id, json };
  });
}
