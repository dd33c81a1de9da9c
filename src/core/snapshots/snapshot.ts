// A snapshot: one reading of a cluster as a line of the history, and its decoder.

import type { Redact } from '../connections/redaction.ts';
import { orNull } from '../connections/redaction.ts';
import type { Opened } from '../connections/source.ts';

export interface SnapshotNode {
  readonly host: string;
  /** Why the node was not read. Then all figures are null. */
  readonly problem: string | null;
  /** What to do about the problem; left out if the writer did not know it. */
  readonly remedy?: string;
  readonly role: string | null;
  readonly current: number | null;
  readonly limit: number | null;
  readonly totalCreated: number | null;
  /** Connections refused since the node started; null when the server does not report it. */
  readonly rejected: number | null;
}

/** Names the sum over all nodes of a cluster where a node's host is expected. */
export const ALL_NODES = '';

export interface ConnectionCount {
  readonly name: string | null;
  readonly active: number;
  readonly dormant: number;
}

/** What was usual for a source at a reading, over the nodes that were read. Rounded to whole connections. */
export interface UsualConnections {
  readonly dormant: number;
  readonly pooled: number;
}

export interface SnapshotSource {
  readonly id: string;
  readonly name: string;
  /** Null if the writer did not know it. */
  readonly class: string | null;
  readonly active: number;
  readonly dormant: number;
  readonly monitors: number | null;
  readonly clients: number | null;
  /** `clients` is a lower bound; left out when it is exact or unknown. */
  readonly clientsAtLeast?: true;
  /** `name` is the host; empty if the writer did not know it. */
  readonly nodes: readonly ConnectionCount[];
  readonly apps: readonly ConnectionCount[];
  /** `name` is the address. */
  readonly hosts: readonly ConnectionCount[];
  /** `name` is driver and version; left out if the writer did not know it. */
  readonly drivers?: readonly ConnectionCount[];
  /** Connections opened since an earlier reading and still open; left out when it is unknown. */
  readonly opened?: Opened;
  /** Left out before the reading is evaluated, and where it is unknown. No reader of a saved history uses it. */
  readonly usual?: UsualConnections;
}

/** Clients that one source took over from another since the previous reading, because the access list changed. */
export interface Move {
  /** Ids of sources. */
  readonly from: string;
  readonly to: string;
  /** Their connections in `from` in the previous reading. */
  readonly dormant: number;
  readonly pooled: number;
  /** Client addresses. */
  readonly hosts: number;
}

export interface Snapshot {
  readonly cluster: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly complete: boolean;
  /** Taken between the slots of the schedule, to show what happens. It decides nothing and teaches no usual. */
  readonly extra?: true;
  /** There are no sources because Atlas had not sent the access list yet. */
  readonly untold?: true;
  /** Why nothing was read, e.g. the cluster was not found. Then there are neither nodes nor sources. */
  readonly problem: string | null;
  /** What to do about the problem; left out if the writer did not know it. */
  readonly remedy?: string;
  readonly nodes: readonly SnapshotNode[];
  readonly sources: readonly SnapshotSource[];
  /** Left out if nothing moved or the writer did not know it. */
  readonly moves?: readonly Move[];
  /** Known sources that a complete reading did not find, and what was usual for them. In the store, not in an export. */
  readonly absent?: readonly { readonly id: string; readonly usual: UsualConnections }[];
}

type Fields = Readonly<Record<string, unknown>>;

/** `expected` names the expected value and its place. */
export type Decoded = { readonly snapshot: Snapshot } | { readonly expected: string };

export function decodeSnapshot(value: unknown): Decoded {
  const wrong: string[] = [];
  const snapshot = lineOf(value, (path, what) => void wrong.push(`${path}: ${what}`));
  const [first] = wrong;
  return first === undefined ? { snapshot } : { expected: first };
}

type Wrong = (path: string, what: string) => void;

function lineOf(value: unknown, wrong: Wrong): Snapshot {
  const fields = fieldsOf(value, 'line', wrong);
  const at = typeof fields['at'] === 'string' ? Date.parse(fields['at']) : Number.NaN;
  if (Number.isNaN(at)) wrong('at', 'a time such as 2026-11-21T10:00:00Z');
  if (typeof fields['complete'] !== 'boolean') wrong('complete', 'true or false');
  return {
    cluster: textOf(fields, 'cluster', wrong),
    at,
    complete: fields['complete'] === true,
    problem: textOrNull(fields['problem'], 'problem', wrong),
    ...remedyOf(fields, '', wrong),
    nodes: listOf(fields['nodes'], 'nodes', wrong).map((node, index) => nodeOf(node, `nodes[${index}]`, wrong)),
    sources: listOf(fields['sources'], 'sources', wrong).map((source, index) =>
      sourceOf(source, `sources[${index}]`, wrong),
    ),
    ...(fields['extra'] === true && { extra: true as const }),
    ...(fields['untold'] === true && { untold: true as const }),
    ...(fields['moves'] !== undefined && {
      moves: listOf(fields['moves'], 'moves', wrong).map((move, index) => moveOf(move, `moves[${index}]`, wrong)),
    }),
  };
}

function moveOf(value: unknown, path: string, wrong: Wrong): Move {
  const fields = fieldsOf(value, path, wrong);
  const figure = (key: string) => countOf(fields[key], `${path}.${key}`, wrong);
  return {
    from: keyOf(fields, 'from', wrong, path),
    to: keyOf(fields, 'to', wrong, path),
    dormant: figure('dormant'),
    pooled: figure('pooled'),
    hosts: figure('hosts'),
  };
}

function nodeOf(value: unknown, path: string, wrong: Wrong): SnapshotNode {
  const fields = fieldsOf(value, path, wrong);
  const maybe = (key: string) => countOrNull(fields[key], `${path}.${key}`, wrong);
  return {
    host: keyOf(fields, 'host', wrong, path),
    problem: textOrNull(fields['problem'], `${path}.problem`, wrong),
    ...remedyOf(fields, `${path}.`, wrong),
    role: typeof fields['role'] === 'string' ? fields['role'] : null,
    current: maybe('current'),
    limit: maybe('limit'),
    totalCreated: maybe('totalCreated'),
    rejected: maybe('rejected'),
  };
}

function sourceOf(value: unknown, path: string, wrong: Wrong): SnapshotSource {
  const fields = fieldsOf(value, path, wrong);
  const counts = (key: string, name: string) =>
    listOf(fields[key] ?? [], `${path}.${key}`, wrong).map((item, index) =>
      heldOf(item, { path: `${path}.${key}[${index}]`, name, wrong }),
    );
  return {
    id: keyOf(fields, 'id', wrong, path),
    name: textOf(fields, 'name', wrong, path),
    class: textOrNull(fields['class'], `${path}.class`, wrong),
    monitors: countOrNull(fields['monitors'], `${path}.monitors`, wrong),
    active: countOf(fields['active'], `${path}.active`, wrong),
    dormant: countOf(fields['dormant'], `${path}.dormant`, wrong),
    clients: countOrNull(fields['clients'], `${path}.clients`, wrong),
    ...(fields['clientsAtLeast'] === true && { clientsAtLeast: true as const }),
    nodes: counts('nodes', 'host'),
    apps: counts('apps', 'name'),
    hosts: counts('hosts', 'address'),
    ...(fields['drivers'] !== undefined && { drivers: counts('drivers', 'name') }),
    ...(fields['opened'] !== undefined && { opened: openedIn(fields['opened'], `${path}.opened`, wrong) }),
  };
}

function openedIn(value: unknown, path: string, wrong: Wrong): Opened {
  const { count, seconds } = fieldsOf(value, path, wrong);
  const isTime = typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0;
  if (!isTime) wrong(`${path}.seconds`, 'a number above 0');
  return { count: countOf(count, `${path}.count`, wrong), seconds: isTime ? seconds : 1 };
}

function heldOf(
  value: unknown,
  at: { readonly path: string; readonly name: string; readonly wrong: Wrong },
): ConnectionCount {
  const { path, wrong } = at;
  const fields = fieldsOf(value, path, wrong);
  const name = fields[at.name] ?? null;
  if (name !== null && typeof name !== 'string') wrong(`${path}.${at.name}`, 'text or null');
  return {
    name: typeof name === 'string' ? name : null,
    active: countOf(fields['active'], `${path}.active`, wrong),
    dormant: countOf(fields['dormant'], `${path}.dormant`, wrong),
  };
}

function fieldsOf(value: unknown, path: string, wrong: Wrong): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value));
  wrong(path, 'an object');
  return {};
}

function listOf(value: unknown, path: string, wrong: Wrong): readonly unknown[] {
  if (Array.isArray(value)) return value;
  wrong(path, 'a list');
  return [];
}

function textOf(fields: Fields, key: string, wrong: Wrong, path = ''): string {
  const value = fields[key];
  if (typeof value === 'string' && value !== '') return value;
  wrong(path === '' ? key : `${path}.${key}`, 'text');
  return '';
}

/** Keys of sources and nodes. A name such as `constructor` would be found without an entry: every object has it. */
function keyOf(fields: Fields, key: string, wrong: Wrong, path: string): string {
  const value = textOf(fields, key, wrong, path);
  if (value in {}) wrong(`${path}.${key}`, 'another name');
  return value;
}

function textOrNull(value: unknown, path: string, wrong: Wrong): string | null {
  return value === undefined || value === null ? null : textOf({ value }, 'value', (_, what) => wrong(path, what));
}

function remedyOf(fields: Fields, path: string, wrong: Wrong): { readonly remedy?: string } {
  const remedy = textOrNull(fields['remedy'], `${path}remedy`, wrong);
  return remedy === null ? {} : { remedy };
}

function countOf(value: unknown, path: string, wrong: Wrong): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  wrong(path, 'a whole number, 0 or more');
  return 0;
}

function countOrNull(value: unknown, path: string, wrong: Wrong): number | null {
  return value === undefined || value === null ? null : countOf(value, path, wrong);
}

/** For a saved history, from any writer. */
export function redactedSnapshot(snapshot: Snapshot, redact: Redact): Snapshot {
  const redacted = (rows: readonly ConnectionCount[]) =>
    rows.map((row) => ({ ...row, name: orNull(row.name, redact) }));
  return {
    ...snapshot,
    cluster: redact(snapshot.cluster),
    nodes: snapshot.nodes.map((node) => ({ ...node, host: redact(node.host) })),
    sources: snapshot.sources.map(({ drivers, ...source }) => ({
      ...source,
      id: redact(source.id),
      name: redact(source.name),
      nodes: redacted(source.nodes),
      apps: redacted(source.apps),
      hosts: redacted(source.hosts),
      ...(drivers && { drivers: redacted(drivers) }),
    })),
    ...(snapshot.moves && {
      moves: snapshot.moves.map((move) => ({ ...move, from: redact(move.from), to: redact(move.to) })),
    }),
  };
}
