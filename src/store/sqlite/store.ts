// The embedded store: one SQLite file in the data directory, in its own thread.

import { join } from 'node:path';
import { setImmediate as breath } from 'node:timers/promises';
import type { Checkpoint, Store } from '../../core/ports/store.ts';
import type { Snapshot } from '../../core/snapshots/snapshot.ts';
import type { Retention } from '../retention.ts';
import { PAGE, type Piece, type PieceKind } from './checkpoints.ts';
import type { Cursor, ReadingsPage } from './readings.ts';
import { startThread, type Thread } from './worker-client.ts';

export interface SqliteInput {
  /** Created if missing; `:memory:` for a store that ends with the process. */
  readonly directory: string;
  readonly keep: Retention;
  readonly now: () => Date;
  /** Reads while another bot writes, and creates nothing. */
  readonly readOnly?: boolean;
}

const FILE = 'atlas-conns.sqlite';
const MEMORY = ':memory:';

/**
 * @throws UpstreamError if the file cannot be used: damaged, from a later version, not permitted, disk full, or open in
 * another bot; NoHistoryError if there is no store to read
 */
export async function openSqliteStore({ directory, keep, now, readOnly = false }: SqliteInput): Promise<Store> {
  const file = fileOf(directory);
  const thread = await startThread({ file, readOnly, now: now().getTime() });
  return {
    ...kept(thread),
    ...outbox(thread),
    about: { kind: 'sqlite', where: file },
    tidy: async (at) => {
      // In steps, so that other calls run in between.
      while (await thread.call('tidyStep', { now: at, keep }));
    },
    close: () => thread.close(),
  };
}

/** Path of the store in a directory. */
export function fileOf(directory: string): string {
  return directory === MEMORY ? MEMORY : join(directory, FILE);
}

type Kept = Omit<Store, 'about' | 'tidy' | 'close' | keyof ReturnType<typeof outbox>>;

function kept(thread: Thread): Kept {
  return {
    claim: (claim) => thread.call('claim', claim),
    lastClaim: (cluster) => thread.call('lastClaim', cluster),
    write: (change) => thread.call('write', change),
    hasReading: (of) => thread.call('hasReading', of),
    head: (cluster) => thread.call('head', cluster),
    ...checkpointsOf(thread),
    snapshots: (range) => snapshots(thread, range),
    series: (request) => thread.call('series', request),
    sources: (cluster) => thread.call('sources', cluster),
    clusters: () => thread.call('clusters', undefined),
    alerts: (filter) => thread.call('alerts', filter),
    alert: (id) => thread.call('alert', id),
    group: (id) => thread.call('group', id),
    silences: () => thread.call('silences', undefined),
    keepShown: (reading) => thread.call('keepShown', reading),
    shown: (of) => thread.call('shown', of),
  };
}

function outbox(thread: Thread) {
  return {
    take: (input) => thread.call('take', input),
    sent: (taken, place) => thread.call('sent', { taken, place }),
    postponed: (taken, at) => thread.call('postponed', { taken, at }),
    doubted: (taken, at) => thread.call('doubted', { taken, at }),
    dropped: (taken) => thread.call('dropped', taken),
    adopt: (deliveries) => thread.call('adopt', deliveries),
    place: (about) => thread.call('place', about),
    forget: (about) => thread.call('forget', about),
    waiting: () => thread.call('waiting', undefined),
  } satisfies Partial<Store>;
}

async function* snapshots(
  thread: Thread,
  { cluster, after, until }: Parameters<Store['snapshots']>[0],
): AsyncIterable<Snapshot> {
  // Every cluster of a row sorts above 0 and below this.
  let cursor: Cursor | null = { at: after, cluster: Number.MAX_SAFE_INTEGER, slot: 0 };
  while (cursor !== null) {
    const page: ReadingsPage = await thread.call('snapshotPage', { cluster, after: cursor, until });
    for (const text of page.texts) yield JSON.parse(text);
    cursor = page.end;
  }
}

// Transfers checkpoints to and from the thread in pieces, so that the bot continues meanwhile, at any size.

function checkpointsOf(thread: Thread): Pick<Store, 'checkpoint' | 'saveCheckpoint'> {
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
        // If another checkpoint replaced it meanwhile, some of its pages are missing.
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
