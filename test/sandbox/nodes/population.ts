// Scripted connections of a node: counts at once, documents only when somebody asks for them.

import type { Document } from 'bson';
import type { Shape } from './document.ts';

export interface Population {
  /** No more than there was room for. */
  readonly connections: number;
  /** Of these, with an operation, streaming heartbeats included. */
  readonly active: number;
  readonly heartbeats: number;
  /** Since the node started, without the real connections. */
  readonly totalCreated: number;
  /** Since the node started, because there was no room. */
  readonly refused: number;
  /** One document a connection, in a stable order; `$currentOp` only reads them. */
  documents(shape: Shape): readonly Document[];
  /** Documents of type `idleSession`: with a client, and no connections. */
  idleSessions?(shape: Shape): readonly Document[];
}

export const NOBODY: Population = {
  connections: 0,
  active: 0,
  heartbeats: 0,
  totalCreated: 0,
  refused: 0,
  documents: () => [],
};

/** A population that stays as it is: the documents that `list` makes. */
export function fixedPopulation(list: (shape: Shape) => readonly Document[]): Population {
  const at = new Date(0);
  const documents = list({ version: '8.0', host: 'counted:27017', at });
  const active = documents.filter((document) => document['active'] === true);
  return {
    connections: documents.length,
    active: active.length,
    heartbeats: active.filter((document) => document['command']?.topologyVersion !== undefined).length,
    totalCreated: documents.length,
    refused: 0,
    documents: list,
  };
}
