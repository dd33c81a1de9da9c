// The `$currentOp` stage: its options, its privileges, and which documents it yields.

import type { Document } from 'bson';
import { type CommandError, commandError } from './command-error.ts';
import type { NodeRole } from './topology.ts';
import { type ServerVersion, VERSIONS } from './version.ts';

export interface CurrentOpOptions {
  readonly allUsers: boolean;
  readonly idleConnections: boolean;
  readonly idleSessions: boolean;
  readonly localOps: boolean;
}

const FLAGS = ['allUsers', 'idleConnections', 'idleCursors', 'idleSessions', 'localOps', 'truncateOps', 'backtrace'];

/** Whether a pipeline begins with the stage, and its options as they were sent. */
export function currentOpStage(pipeline: unknown): Document | null {
  const first: unknown = Array.isArray(pipeline) ? pipeline[0] : undefined;
  if (typeof first !== 'object' || first === null) return null;
  const options: unknown = Reflect.get(first, '$currentOp');
  return typeof options === 'object' && options !== null ? options : null;
}

export function parseOptions(stage: Document, version: ServerVersion): CurrentOpOptions | CommandError {
  const known = VERSIONS[version].targetAllNodes ? [...FLAGS, 'targetAllNodes'] : FLAGS;
  for (const [name, value] of Object.entries(stage)) {
    if (!known.includes(name)) {
      return commandError(9, 'FailedToParse', `Unrecognized option '${name}' in $currentOp stage.`);
    }
    if (typeof value !== 'boolean') {
      const text = `The '${name}' parameter of the $currentOp stage must be a boolean value, but found: ${typeof value}`;
      return commandError(9, 'FailedToParse', text);
    }
  }
  return {
    allUsers: stage['allUsers'] === true,
    idleConnections: stage['idleConnections'] === true,
    idleSessions: stage['idleSessions'] !== false,
    localOps: stage['localOps'] === true,
  };
}

/** A mongos wants the privilege even for one's own operations, unless they are its own. */
export function needsInprog(options: CurrentOpOptions, role: NodeRole): boolean {
  return options.allUsers || (role === 'mongos' && !options.localOps);
}

export interface Reader {
  /** Null where authentication is off: everybody then sees everything. */
  readonly user: string | null;
  readonly role: NodeRole;
  readonly host: string;
}

/** Which of a node's documents the stage yields, and in what shape. */
export function yielded(
  documents: readonly Document[],
  options: CurrentOpOptions,
  reader: Reader,
): readonly Document[] {
  const seen = documents.filter(
    (document) =>
      (options.idleConnections || document['active'] === true || document['type'] === 'idleSession') &&
      (options.idleSessions || document['type'] !== 'idleSession') &&
      (options.allUsers || reader.user === null || isOf(document, reader.user)),
  );
  return reader.role === 'mongos' && !options.localOps ? seen.map((document) => ofShard(document, reader.host)) : seen;
}

function isOf(document: Document, user: string): boolean {
  const users: readonly Document[] = document['effectiveUsers'] ?? [];
  return users.some((effective) => effective['user'] === user);
}

/** Without `localOps` a mongos tells its shards' operations, whose client is the mongos itself. */
function ofShard({ client, opid, ...rest }: Document, mongos: string): Document {
  return {
    shard: 'shard-0',
    ...rest,
    ...(opid === undefined ? {} : { opid: `shard-0:${opid}` }),
    ...(client === undefined ? {} : { client_s: mongos }),
  };
}
