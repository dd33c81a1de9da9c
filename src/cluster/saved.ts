// A saved reading: `$currentOp` documents in a file, in the shapes that people have at hand.

import { BSON } from 'mongodb';
import { isSystemUser } from '../core/insiders.ts';
import type { NodeRead } from '../core/node.ts';
import { UserError } from '../errors.ts';
import { decodeDocuments, decodeHost, isCurrentOp } from './decode.ts';

export interface SavedFile {
  /** The file's name, for what is said of it. */
  readonly name: string;
  readonly text: string;
  /** The node it was read from, in place of what its documents say. */
  readonly host?: string;
}

const EXPECTED =
  'Expected $currentOp documents as a JSON array, as { "inprog": [ … ] }, or one document a line, in Extended JSON. ' +
  'In mongosh, EJSON.stringify(db.getSiblingDB("admin").aggregate([{ $currentOp: { allUsers: true, idleConnections: ' +
  'true } }]).toArray()) writes them.';

/** One reading a node, in the order in which the file names them. Throws UserError for a file that is none of these. */
export function readSaved(file: SavedFile): readonly NodeRead[] {
  const byHost = new Map<string, unknown[]>();
  if (file.host !== undefined) byHost.set(file.host, []);
  for (const { document, where } of documentsOf(file)) {
    if (!isCurrentOp(document)) throw new UserError(`${file.name}: ${where} is no $currentOp document.`, EXPECTED);
    const host = file.host ?? decodeHost(document);
    if (host === null) throw unplaced(file, where);
    byHost.set(host, [...(byHost.get(host) ?? []), document]);
  }
  if (byHost.size === 0) throw new UserError(`${file.name} holds no $currentOp documents.`, EXPECTED);
  return [...byHost].map(([host, documents]) => nodeOf(host, documents));
}

function nodeOf(host: string, documents: readonly unknown[]): NodeRead {
  const { groups, threads } = decodeDocuments(documents);
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
    // A server that tells the user of one idle connection tells it of all: those without one are monitors.
    idleUsersTold: groups.some(
      (group) => group.activity === 'idle' && group.user !== null && !isSystemUser(group.user),
    ),
  };
}

function unplaced({ name }: SavedFile, where: string): UserError {
  return new UserError(`${name}: ${where} does not say which node it is from.`, `Name the node: --from HOST=${name}`);
}

interface Placed {
  readonly document: unknown;
  /** E.g. `line 3`, `item 3 of the array`. */
  readonly where: string;
}

function documentsOf(file: SavedFile): readonly Placed[] {
  const text = file.text.replace(/^\uFEFF/, '').trim();
  if (text === '') throw new UserError(`${file.name} is empty.`, EXPECTED);
  const whole = parse(text);
  if ('value' in whole) return itemsOf(whole.value);
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), where: `line ${index + 1}` }));
  const [first] = lines;
  if (first === undefined || !first.line.startsWith('{') || !('value' in parse(first.line))) {
    throw notJson(file, whole.error);
  }
  return lines
    .filter(({ line }) => line !== '')
    .map(({ line, where }) => {
      const parsed = parse(line);
      if ('value' in parsed) return { document: parsed.value, where };
      throw notJson({ ...file, name: `${file.name}, ${where}` }, parsed.error);
    });
}

function itemsOf(value: unknown): readonly Placed[] {
  if (Array.isArray(value))
    return value.map((document, index) => ({ document, where: `item ${index + 1} of the array` }));
  const inprog: unknown = typeof value === 'object' && value !== null && 'inprog' in value ? value.inprog : undefined;
  if (!Array.isArray(inprog)) return [{ document: value, where: 'line 1' }];
  return inprog.map((document, index) => ({ document, where: `item ${index + 1} of inprog` }));
}

/** JSON.parse names the line and position itself. */
function notJson({ name }: SavedFile, error: Error): UserError {
  return new UserError(`${name} is not JSON: ${error.message}.`, EXPECTED, { cause: error });
}

function parse(text: string): { readonly value: unknown } | { readonly error: Error } {
  try {
    return { value: BSON.EJSON.parse(text) };
  } catch (error) {
    if (error instanceof Error) return { error };
    throw error;
  }
}
