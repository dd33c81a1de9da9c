// The store that several replicas share: ordinary collections in one database of a MongoDB replica set.

import type { Store } from '../../core/ports/store.ts';
import type { Retention } from '../retention.ts';
import { recordsIn } from './alerts.ts';
import { checkpointsIn } from './checkpoints.ts';
import { connect } from './connection.ts';
import { historyIn, seriesIn } from './history.ts';
import { outboxIn } from './outbox.ts';
import { poolsIn } from './pools.ts';
import { tidyIn } from './retention.ts';
import { prepare, prepareToRead } from './schema.ts';
import { claimsIn, shownIn, writerIn } from './write.ts';

export interface MongoStoreOptions {
  /** Also names the database; default `analysis`. */
  readonly uri: string;
  /** The setting of the connection string; default ANALYSIS_URI. */
  readonly setting?: string;
  readonly keep: Retention;
  readonly now: () => Date;
  /** Reads while another bot writes. Creates and changes nothing; the role `read` is enough. */
  readonly readOnly?: boolean;
}

/**
 * Every call of the store ends within 15 seconds, or rejects with UpstreamError. A rejected write may have been done;
 * writing the same change object again does not duplicate it. Rejects with UserError for an invalid connection string
 * or a missing history, with UpstreamError for all else.
 */
export async function openMongoStore({ keep, now, readOnly = false, ...place }: MongoStoreOptions): Promise<Store> {
  const connection = connect(place, { role: readOnly ? 'read' : 'readWrite' });
  try {
    const collections = readOnly ? await prepareToRead(connection) : await prepare(connection, keep);
    const { database, host } = connection.asked;
    return {
      about: { kind: 'mongodb', where: `${database} on ${host}` },
      ...claimsIn(connection, collections),
      ...writerIn(connection, collections, now),
      ...historyIn(connection, collections),
      ...checkpointsIn(connection, collections),
      ...seriesIn(connection, collections),
      ...recordsIn(connection, collections),
      ...shownIn(connection, collections),
      ...outboxIn(connection, collections),
      pools: poolsIn(connection, collections),
      ...tidyIn(connection, collections, keep),
      close: connection.close,
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
