// Creates the collections and indexes at the first start, and records the owner of the database.

import { type Db, MongoServerError } from 'mongodb';
import { DAY } from '../../core/base/duration.ts';
import { GONE_AFTER_MS } from '../../core/pools/report.ts';
import { NoHistoryError, UpstreamError } from '../../errors.ts';
import type { Retention } from '../retention.ts';
import type { Connection } from './connection.ts';
import type { Collections } from './documents.ts';
import { type FailedCall, foreignProblem, newerProblem, readOnlyMemberProblem, standaloneProblem } from './problems.ts';

const VERSION = 1;
const OURS = 'atlas-conns';
const MOST_ATTEMPTS = 10;
const INDEX_NOT_FOUND = 27;
const NAMESPACE_EXISTS = 48;
const INDEX_OPTIONS_CONFLICT = 85;
/** The server's limit of `expireAfterSeconds`. */
const LONGEST_SECONDS = 2 ** 31 - 1;
/** Longer than a writer retries the same change. */
const CHANGES_KEPT = DAY;

interface Index {
  readonly key: Readonly<Record<string, 1 | -1>>;
  /** The server deletes documents this many milliseconds after the date in the key, even while no bot runs. */
  readonly expires?: number;
}

type Indexes = Readonly<Record<keyof Collections, readonly Index[]>>;

function indexesOf({ readings, hours }: Retention): Indexes {
  return {
    schema: [],
    changes: [{ key: { at: 1 }, expires: CHANGES_KEPT }],
    // Retention deletes these: the last claim of a cluster stays, whatever its age.
    claims: [{ key: { cluster: 1, slot: -1 } }, { key: { slot: 1 } }],
    clusters: [],
    heads: [],
    snapshots: [
      { key: { cluster: 1, at: 1, _id: 1 } },
      { key: { at: 1, _id: 1 } },
      { key: { at: 1 }, expires: readings },
    ],
    // Data without a rollup has no date, and stays.
    readings: [{ key: { cluster: 1, day: 1 } }, { key: { rolledUp: 1 }, expires: readings }],
    hours: [{ key: { day: 1 }, expires: hours }],
    nodes: [{ key: { unrolled: 1 } }, { key: { day: 1 }, expires: hours }],
    shown: [{ key: { until: 1 }, expires: 0 }],
    sources: [{ key: { cluster: 1 } }, { key: { lastSeen: 1 }, expires: hours }],
    checkpoints: [],
    pieces: [],
    // Open alerts and silences in force have no date, and stay.
    alerts: [{ key: { cluster: 1, ended: 1 } }, { key: { ended: 1 }, expires: hours }],
    silences: [{ key: { ended: 1 }, expires: hours }],
    // These live as long as their alerts; retention deletes them.
    groups: [],
    threads: [
      { key: { due: 1 } },
      { key: { 'refresh.severity': 1, 'refresh.since': 1 } },
      { key: { 'places.of': 1 } },
      { key: { idleSince: 1 } },
    ],
    pools: [{ key: { at: 1 }, expires: 2 * GONE_AFTER_MS }],
  };
}

function collectionsOf(db: Db): Collections {
  return {
    schema: db.collection('schema'),
    changes: db.collection('changes'),
    claims: db.collection('claims'),
    clusters: db.collection('clusters'),
    heads: db.collection('heads'),
    snapshots: db.collection('snapshots'),
    readings: db.collection('readings'),
    hours: db.collection('hours'),
    nodes: db.collection('nodes'),
    shown: db.collection('shown'),
    sources: db.collection('sources'),
    checkpoints: db.collection('checkpoints'),
    pieces: db.collection('pieces'),
    alerts: db.collection('alerts'),
    groups: db.collection('groups'),
    silences: db.collection('silences'),
    threads: db.collection('threads'),
    pools: db.collection('pools'),
  };
}

/** Rejects with UpstreamError if the server or database cannot be the store; then nothing was changed. */
export async function prepare(connection: Connection, keep: Retention): Promise<Collections> {
  const { db, call, asked } = connection;
  const collections = collectionsOf(db);
  const indexes = indexesOf(keep);
  await call(() => mustTakeTransactions(connection));
  const version = await call(() => versionOf(connection, { collections, names: Object.keys(indexes) }));
  mustBeKnown(asked, version);
  const made = new Set(await call(() => namesIn(db)));
  for (const [name, own] of Object.entries(indexes)) {
    if (!made.has(name)) await call(() => make(db, name));
    for (const index of own) await call(() => ensure(db, { name, ...index }));
  }
  return collections;
}

/** Changes nothing. Rejects with NoHistoryError before the first write, with UpstreamError if it cannot be read. */
export async function prepareToRead({ db, call, asked }: Connection): Promise<Collections> {
  const collections = collectionsOf(db);
  const known = await call(() => collections.schema.findOne({ _id: OURS }));
  if (known === null) {
    throw new NoHistoryError(
      `There is no history yet in the database ${asked.database} on ${asked.host}.`,
      '`atlas-conns serve` and `atlas-conns watch` write it, a reading at a time; or let ANALYSIS_URI name the database that they write to.',
    );
  }
  mustBeKnown(asked, known.version);
  return collections;
}

function mustBeKnown(asked: FailedCall, found: number): void {
  if (found > VERSION) throw new UpstreamError(newerProblem(asked, { found, known: VERSION }));
}

async function mustTakeTransactions({ db, asked, isDirect }: Connection): Promise<void> {
  const hello = await db.command({ hello: 1 });
  const isRouter = hello['msg'] === 'isdbgrid';
  if (hello['setName'] === undefined && !isRouter) throw new UpstreamError(standaloneProblem(asked));
  if (isDirect && hello['isWritablePrimary'] !== true) throw new UpstreamError(readOnlyMemberProblem(asked));
}

interface Known {
  readonly collections: Collections;
  readonly names: readonly string[];
}

/** Claims a database without our collections. In a foreign database, an expiry index would delete foreign documents. */
async function versionOf({ db, asked }: Connection, { collections: { schema }, names }: Known): Promise<number> {
  const known = await schema.findOne({ _id: OURS });
  if (known !== null) return known.version;
  const [foreign] = (await namesIn(db)).filter((name) => names.includes(name));
  // Another replica may have created them since.
  const since = await schema.findOne({ _id: OURS });
  if (since !== null) return since.version;
  if (foreign !== undefined && foreign !== 'schema') throw new UpstreamError(foreignProblem(asked, foreign));
  const update = { $setOnInsert: { version: VERSION } };
  const found = await schema.findOneAndUpdate({ _id: OURS }, update, {
    upsert: true,
    returnDocument: 'after',
  });
  return found?.version ?? VERSION;
}

async function namesIn(db: Db): Promise<readonly string[]> {
  const found = await db.listCollections({}, { nameOnly: true, authorizedCollections: true }).toArray();
  return found.map(({ name }) => name);
}

/** Before any transaction: creating them inside one would be a conflict between replicas. */
async function make(db: Db, name: string): Promise<void> {
  try {
    await db.createCollection(name);
  } catch (error) {
    if (!hasCode(error, NAMESPACE_EXISTS)) throw error;
  }
}

/** An index with a different expiry time is recreated, because readWrite does not permit collMod. */
async function ensure(db: Db, { name, key, expires }: Index & { readonly name: string }): Promise<void> {
  const options =
    expires === undefined ? {} : { expireAfterSeconds: Math.min(Math.ceil(expires / 1_000), LONGEST_SECONDS) };
  for (let attempt = 1; ; attempt++) {
    try {
      await db.collection(name).createIndex({ ...key }, options);
      return;
    } catch (error) {
      // Replicas with other settings may do the same: the last one to start wins.
      if (!hasCode(error, INDEX_OPTIONS_CONFLICT) || attempt === MOST_ATTEMPTS) throw error;
    }
    await db.command({ dropIndexes: name, index: key }).catch((error: unknown) => {
      if (!hasCode(error, INDEX_NOT_FOUND)) throw error;
    });
  }
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof MongoServerError && error.code === code;
}
