// A saved reading: `$currentOp` documents in a file, in the formats that people use.

import type { Problem } from '../core/base/problem.ts';
import { isSystemUser } from '../core/connections/internal.ts';
import type { NodeRead } from '../core/connections/reading.ts';
import { UserError } from '../errors.ts';
import {
  type Connections,
  type DocumentTally,
  decodeConnection,
  decodeHost,
  isCurrentOp,
  isCut,
  isOfShard,
  isRefusal,
  tallyDocuments,
} from './current-op.ts';
import { type DocumentPlace, documentsIn } from './saved-documents.ts';

export interface SavedFile {
  /** The file's name in messages. */
  readonly name: string;
  /** Its text, in pieces. */
  readonly pieces: AsyncIterable<string> | Iterable<string>;
  /** The node that was read; it overrides the host in the documents. */
  readonly host?: string;
}

export interface SavedNodes {
  /** One reading per node, in the order of the file. */
  readonly nodes: readonly NodeRead[];
  /** Why the figures are incomplete, or are not those of clients. */
  readonly problems: readonly Problem[];
}

const COMMAND =
  'mongosh "<connection string of one node>" --quiet --eval \'EJSON.stringify(db.getSiblingDB("admin").aggregate(' +
  "[{$currentOp: {allUsers: true, idleConnections: true, localOps: true}}]).toArray())' > dump.json";
const EXPECTED = `Expected $currentOp documents as JSON, Extended JSON or a shell prints them. This writes them: ${COMMAND}`;

/** @throws UserError for a file in another format */
export async function readSaved(file: SavedFile): Promise<SavedNodes> {
  const { name } = file;
  const tallies = new Map<string, DocumentTally>();
  if (file.host !== undefined) tallies.set(file.host, tallyDocuments());
  const connections = new Map<string, Set<number>>();
  let repeated: { readonly host: string; readonly place: DocumentPlace } | null = null;
  let ofShards = 0;
  const wrong = ({ line, column }: DocumentPlace, what: string) =>
    new UserError(`${name}, line ${line}, column ${column}: ${what}.`, EXPECTED);
  const documents = documentsIn({
    wrong,
    onDocument(document, place) {
      if (isRefusal(document)) throw wrong(place, 'this is a server error, not a result');
      if (!isCurrentOp(document)) throw wrong(place, 'this is not a $currentOp document');
      const host = file.host ?? decodeHost(document);
      if (host === null) throw unplaced(name, place);
      const tally = tallies.get(host) ?? tallyDocuments();
      tallies.set(host, tally);
      tally.add(document);
      const id = decodeConnection(document);
      if (id !== null) {
        const node = decodeHost(document) ?? host;
        const known = connections.get(node) ?? new Set();
        connections.set(node, known);
        if (known.has(id)) repeated ??= { host: node, place };
        known.add(id);
      }
      if (isOfShard(document)) ofShards++;
      if (isCut(document)) documents.cut(place);
    },
  });
  let isEmpty = true;
  for await (const piece of file.pieces) {
    isEmpty &&= !/\S/.test(piece);
    documents.feed(piece);
  }
  if (isEmpty) throw new UserError(`${name} is empty.`, EXPECTED);
  const { count, cutAt } = documents.end();
  if (count === 0) throw new UserError(`${name} contains no $currentOp documents.`, EXPECTED);
  return {
    nodes: [...tallies].map(([host, tally]) => nodeOf(host, tally.connections())),
    problems: [
      ...(cutAt === null ? [] : [cut(name, cutAt)]),
      ...(repeated === null ? [] : [readTwice(name, repeated)]),
      ...(ofShards === 0 ? [] : [throughMongos(name)]),
    ],
  };
}

function nodeOf(host: string, { groups, threads }: Connections): NodeRead {
  return {
    kind: 'read',
    host,
    role: 'other',
    version: null,
    current: null,
    available: null,
    limit: null,
    totalCreated: null,
    rejected: null,
    groups,
    threads,
    // If the server reports the user of one idle connection, it does so for all. Those without a user are monitors.
    idleUsersTold: groups.some(
      (group) => group.activity === 'idle' && group.user !== null && !isSystemUser(group.user),
    ),
  };
}

function unplaced(name: string, { line, column }: DocumentPlace): UserError {
  const text = `${name}, line ${line}, column ${column}: the document does not say which node it is from.`;
  return new UserError(text, `Name the node: --from HOST=${name}`);
}

function cut(name: string, { line, column }: DocumentPlace): Problem {
  return {
    code: 'saved-dump-cut',
    text: `${name} is incomplete: its output is shortened at line ${line}, column ${column}.`,
    remedy: `Print all of it: ${COMMAND}`,
  };
}

function readTwice(name: string, of: { readonly host: string; readonly place: DocumentPlace }): Problem {
  const { host, place } = of;
  return {
    code: 'saved-twice',
    text: `${name}, line ${place.line}, column ${place.column}: a connection of ${host} is in the file for the second time. The file holds several readings of that node, and the figures add them up.`,
    remedy: 'Keep one reading of each node in the file.',
  };
}

function throughMongos(name: string): Problem {
  return {
    code: 'saved-through-mongos',
    text: `${name} was read through a mongos without localOps: its addresses are those of the mongos, not of clients.`,
    remedy: `Read every mongos with localOps: true: ${COMMAND}`,
  };
}
