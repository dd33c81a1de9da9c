// A checkpoint: a cluster's state as JSON and back, piece by piece, so that nothing else waits for it.

import type { ClusterState } from '../../core/cluster-state.ts';
import type { Checkpoint, ClusterHead } from '../../core/store.ts';
import { breath } from '../wait.ts';
import { headOf } from './head.ts';

/** Another number: the state was made by another version of the rules, and is made anew from the readings. */
const FORMAT = 1;
/** A piece is 32 KB. */
const PIECES = 8;

export async function checkpointOf(state: ClusterState, version: number): Promise<Checkpoint> {
  const sources = await written(state.sources);
  const nodes = await written(state.nodes);
  return {
    at: state.at,
    head: JSON.stringify({ format: FORMAT, ...headOf(state, version) }),
    sources: sources.map(({ key, json }) => ({ id: key, json })),
    nodes: nodes.map(({ key, json }) => ({ host: key, json })),
  };
}

/** Null for one that another version of the rules wrote. */
export async function restored(checkpoint: Checkpoint): Promise<ClusterState | null> {
  const {
    format,
    version: _,
    rejected: __,
    ...head
  }: ClusterHead & { readonly format: number } = JSON.parse(checkpoint.head);
  if (format !== FORMAT) return null;
  const sources: ClusterState['sources'] = await read(checkpoint.sources.map(({ id, json }) => ({ key: id, json })));
  const nodes: ClusterState['nodes'] = await read(checkpoint.nodes.map(({ host, json }) => ({ key: host, json })));
  return { ...head, sources, nodes };
}

interface Piece {
  readonly key: string;
  readonly json: string;
}

async function written(pasts: Readonly<Record<string, object>>): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const [key, past] of Object.entries(pasts)) {
    if (pieces.length % PIECES === PIECES - 1) await breath();
    pieces.push({ key, json: JSON.stringify(past) });
  }
  return pieces;
}

async function read<Past>(pieces: readonly Piece[]): Promise<Readonly<Record<string, Past>>> {
  const pasts: [string, Past][] = [];
  for (const { key, json } of pieces) {
    if (pasts.length % PIECES === PIECES - 1) await breath();
    pasts.push([key, JSON.parse(json)]);
  }
  return Object.fromEntries(pasts);
}
