// Converts a cluster's state to JSON and back, in pieces, so that other work can run in between.

import type { Baseline } from '../../core/baseline/baseline.ts';
import type { NodeHistory } from '../../core/baseline/node-history.ts';
import type { SourceHistory } from '../../core/baseline/source-history.ts';
import type { ClusterState } from '../../core/detection/cluster-state.ts';
import type { Checkpoint, ClusterHead } from '../../core/ports/store.ts';
import { breath } from '../scheduler/timers.ts';

/** A different number means that another version of the rules made the state. It is then rebuilt from the readings. */
const FORMAT = 2;
/** One piece is 64 KB. */
const PIECES = 4;

export async function checkpointOf(state: ClusterState, version: number): Promise<Checkpoint> {
  const sources = await written(state.sources, storedSource);
  const nodes = await written(state.nodes, ({ churn, ...node }) => ({ ...node, churn: storedBaseline(churn) }));
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
  const sources = await read(
    checkpoint.sources.map(({ id, json }) => ({ key: id, json })),
    sourceFrom,
  );
  const nodes = await read(
    checkpoint.nodes.map(({ host, json }) => ({ key: host, json })),
    ({ churn, ...node }: StoredNode): NodeHistory => ({ ...node, churn: baselineFrom(churn) }),
  );
  return { ...head, sources, nodes };
}

/** A baseline in JSON: the slots of a day in base64, half precision, little endian. */
interface StoredBaseline extends Omit<Baseline, 'memory'> {
  readonly memory: readonly { readonly number: number; readonly slots: string }[];
}

function storedBaseline({ memory, ...baseline }: Baseline): StoredBaseline {
  const stored = ({ buffer, byteOffset, byteLength }: Float16Array) =>
    Buffer.from(buffer, byteOffset, byteLength).toString('base64');
  return { ...baseline, memory: memory.map(({ number, slots }) => ({ number, slots: stored(slots) })) };
}

function baselineFrom({ memory, ...stored }: StoredBaseline): Baseline {
  const slots = (text: string) => new Float16Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
  return { ...stored, memory: memory.map((day) => ({ number: day.number, slots: slots(day.slots) })) };
}

interface StoredNode extends Omit<NodeHistory, 'churn'> {
  readonly churn: StoredBaseline;
}

interface StoredSource extends Omit<SourceHistory, 'dormant' | 'pooled' | 'clients'> {
  readonly dormant: StoredBaseline;
  readonly pooled: StoredBaseline;
  readonly clients: StoredBaseline | null;
}

function storedSource({ dormant, pooled, clients, ...source }: SourceHistory): StoredSource {
  return {
    ...source,
    dormant: storedBaseline(dormant),
    pooled: storedBaseline(pooled),
    clients: clients === null ? null : storedBaseline(clients),
  };
}

function sourceFrom({ dormant, pooled, clients, ...source }: StoredSource): SourceHistory {
  return {
    ...source,
    dormant: baselineFrom(dormant),
    pooled: baselineFrom(pooled),
    clients: clients === null ? null : baselineFrom(clients),
  };
}

interface Piece {
  readonly key: string;
  readonly json: string;
}

async function written<Past>(
  pasts: Readonly<Record<string, Past>>,
  stored: (past: Past) => object,
): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const [key, past] of Object.entries(pasts)) {
    if (pieces.length % PIECES === PIECES - 1) await breath();
    pieces.push({ key, json: JSON.stringify(stored(past)) });
  }
  return pieces;
}

async function read<Stored, Past>(
  pieces: readonly Piece[],
  from: (stored: Stored) => Past,
): Promise<Readonly<Record<string, Past>>> {
  const pasts: [string, Past][] = [];
  for (const { key, json } of pieces) {
    if (pasts.length % PIECES === PIECES - 1) await breath();
    pasts.push([key, from(JSON.parse(json))]);
  }
  return Object.fromEntries(pasts);
}

// The head of a cluster's state: written with every decision, extracted from the state and merged back.

export function headOf({ sources: _, nodes, ...state }: ClusterState, version: number): ClusterHead {
  const rejections = Object.entries(nodes).flatMap(([host, { rejected, rejectedAt }]) =>
    rejected === null ? [] : [[host, { count: rejected, at: rejectedAt }] as const],
  );
  return { ...state, version, rejected: Object.fromEntries(rejections) };
}

/** Combines the history of a state with a head that may be newer. The head has later decisions and messages. */
export function underHead(
  { sources, nodes }: Pick<ClusterState, 'sources' | 'nodes'>,
  { version: _, rejected, ...head }: ClusterHead,
): ClusterState {
  const looked = Object.entries(nodes).map(([host, past]) => {
    const last = rejected[host];
    return [host, last === undefined ? past : { ...past, rejected: last.count, rejectedAt: last.at }] as const;
  });
  return { ...head, sources, nodes: Object.fromEntries(looked) };
}
