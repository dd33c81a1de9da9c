// Use case: evaluates the lines of a saved history one by one, as the bot would have done.

import { readSavedAccessList, type SavedPage } from '../../atlas/saved-access-list.ts';
import { readSaved } from '../../cluster/saved-dump.ts';
import type { Problem } from '../../core/base/problem.ts';
import { ACCESS_LIST_MISSING, type Label } from '../../core/connections/access-list.ts';
import type { NodeRead } from '../../core/connections/reading.ts';
import type { Redact } from '../../core/connections/redaction.ts';
import { type ConnectionReport, reportInChunks } from '../../core/connections/report.ts';
import type { ClusterState } from '../../core/detection/cluster-state.ts';
import { evaluate, type ReplayedReading } from '../../core/detection/evaluate.ts';
import type { RuleBook } from '../../core/detection/rules.ts';
import { decodeSnapshot, redactedSnapshot, type Snapshot } from '../../core/snapshots/snapshot.ts';
import { UserError } from '../../errors.ts';
import { piecesOf, readText } from '../../files.ts';
import { runInChunks } from '../scheduler/timers.ts';
import type { SavedReportRequest, World } from './types.ts';

/**
 * Keeps only one line and one state per cluster, for any length. Extra readings decided nothing, so they are left out.
 * Throws UserError at a line that is not a snapshot.
 */
export async function* replay(history: {
  /** The name of the file in problems. */
  readonly name: string;
  readonly lines: AsyncIterable<string>;
  readonly book: RuleBook;
  readonly redact?: Redact | undefined;
}): AsyncIterable<ReplayedReading> {
  const states = new Map<string, ClusterState>();
  let number = 0;
  for await (const line of history.lines) {
    number++;
    if (line.trim() === '') continue;
    const read = snapshotOf(line, `${history.name}, line ${number}`);
    if (read.extra === true) continue;
    const snapshot = history.redact === undefined ? read : redactedSnapshot(read, history.redact);
    const before = states.get(snapshot.cluster) ?? null;
    const { state, ...judged } = evaluate(before, snapshot, history.book);
    states.set(snapshot.cluster, state);
    // The old name of a source that was renamed appears once more, when its alert resolves.
    const known = Object.entries({ ...before?.sources, ...state.sources });
    const names = new Map(known.map(([id, { name }]) => [id, name]));
    yield { ...judged, at: new Date(snapshot.at).toISOString(), cluster: snapshot.cluster, names };
  }
  if (states.size === 0) throw new UserError(`${history.name} contains no snapshots.`, EXPECTED);
}

const EXPECTED =
  'Expected one snapshot a line, as JSON, e.g. {"cluster":"prod","at":"2026-11-21T10:00:00Z","complete":true,"nodes":[…],"sources":[…]}.';

function snapshotOf(line: string, where: string): Snapshot {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new UserError(`${where} is not JSON.`, EXPECTED, { cause });
  }
  const decoded = decodeSnapshot(value);
  if ('snapshot' in decoded) return decoded.snapshot;
  throw new UserError(`${where} is not a snapshot.`, `Expected for ${decoded.expected}.`);
}

// Use case of `report --from`: uses saved readings and access lists instead of live ones.

/** Size limit of dumps and access lists: more than any server or project has. */
const DUMP_LIMIT = 2 ** 30;
const LIST_LIMIT = 2 ** 28;

export async function savedReport(
  request: SavedReportRequest,
  world: Pick<World, 'now' | 'redact'> & { readonly labels: readonly Label[] },
): Promise<ConnectionReport> {
  const now = world.now();
  const { signal } = request;
  const nodes: NodeRead[] = [];
  const problems: Problem[] = [];
  // One after another: in parallel, all would be in memory at once.
  for (const { host, path } of request.readings) {
    const pieces = piecesOf(path, { signal, limit: DUMP_LIMIT });
    const saved = await readSaved({ name: path, pieces, ...(host === null ? {} : { host }) });
    for (const node of saved.nodes) nodes.push(node);
    problems.push(...saved.problems);
  }
  const pages: SavedPage[] = [];
  for (const path of request.accessLists)
    pages.push({ path, text: await readText(path, { signal, limit: LIST_LIMIT }) });
  const hosts = new Set<string>();
  for (const { host } of nodes) {
    if (hosts.has(host)) {
      const remedy = 'Give one file a node, or say whose it is: --from HOST=FILE.';
      throw new UserError(`Two of the files are readings of ${host}.`, remedy);
    }
    hosts.add(host);
  }
  const accessList = pages.length === 0 ? null : readSavedAccessList(pages, now);
  problems.push(...(accessList === null ? [NO_LIST] : accessList.problems));
  const reading = { cluster: 'saved', at: now.toISOString(), tookMs: 0, nodes, leftOut: [], problems: [] };
  const { labels, redact } = world;
  return runInChunks(reportInChunks({ reading, accessList, networks: null, labels, redact, problems, now }));
}

const NO_LIST: Problem = {
  code: ACCESS_LIST_MISSING,
  text: 'No access list was given, so only labels name addresses.',
  remedy: 'Add --access-list FILE with what `atlas accessLists list --limit 500 -o json` prints.',
};
