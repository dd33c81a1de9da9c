// Checkpoints on their way to the thread and back: in pieces, so that the bot goes on meanwhile, however large they are.

import { setImmediate as breath } from 'node:timers/promises';
import type { Checkpoint, Store } from '../../core/ports/store.ts';
import { PAGE, type Piece, type PieceKind } from './checkpoints.ts';
import type { Thread } from './worker-client.ts';

export function checkpointsOf(thread: Thread): Pick<Store, 'checkpoint' | 'saveCheckpoint'> {
  const all = async (of: { readonly cluster: string; readonly at: number; readonly kind: PieceKind }) => {
    const found: { readonly key: string; readonly json: string }[] = [];
    for (;;) {
      const page = await thread.call('checkpointPage', { ...of, from: found.length });
      found.push(...page);
      if (page.length < PAGE) return found;
    }
  };
  return {
    async checkpoint(cluster) {
      for (;;) {
        const head = await thread.call('checkpointHead', cluster);
        if (head === null) return null;
        const { at } = head;
        const sources = await all({ cluster, at, kind: 'source' });
        const nodes = await all({ cluster, at, kind: 'node' });
        // Where another took its place meanwhile, pages of it are missing.
        if ((await thread.call('checkpointHead', cluster))?.at !== at) continue;
        return {
          ...head,
          sources: sources.map(({ key, json }) => ({ id: key, json })),
          nodes: nodes.map(({ key, json }) => ({ host: key, json })),
        };
      }
    },
    async saveCheckpoint(cluster, checkpoint) {
      const { at, head, replaces = null } = checkpoint;
      const pieces = await piecesOf(checkpoint);
      const buffers = pieces.map(({ body }) => body.buffer);
      await thread.call('saveCheckpoint', { cluster, at, head, pieces, replaces }, buffers);
    },
  };
}

interface Bytes extends Piece {
  readonly body: Uint8Array<ArrayBuffer>;
}

async function piecesOf({ sources, nodes }: Checkpoint): Promise<readonly Bytes[]> {
  const encoder = new TextEncoder();
  const texts = [
    ...sources.map(({ id, json }) => ({ kind: 'source', key: id, json }) as const),
    ...nodes.map(({ host, json }) => ({ kind: 'node', key: host, json }) as const),
  ];
  const pieces: Bytes[] = [];
  for (const { kind, key, json } of texts) {
    if (pieces.length % PAGE === PAGE - 1) await breath();
    pieces.push({ kind, key, body: encoder.encode(json) });
  }
  return pieces;
}
