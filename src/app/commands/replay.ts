// The use case replay: the lines of a saved history, judged one after the other, as the bot would have judged them.

import { type Redact, redactedSnapshot } from '../../core/connections/redaction.ts';
import type { ClusterState } from '../../core/detection/cluster-state.ts';
import { judge } from '../../core/detection/evaluate.ts';
import type { RuleBook } from '../../core/detection/rules.ts';
import type { ReplayedReading } from '../../core/replay.ts';
import { decodeSnapshot, type Snapshot } from '../../core/snapshots/snapshot.ts';
import { UserError } from '../../errors.ts';

/** Holds one line and one state a cluster, whatever the length. Throws UserError at a line that is no snapshot. */
export async function* replay(history: {
  /** What the file is called in problems. */
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
    const snapshot = history.redact === undefined ? read : redactedSnapshot(read, history.redact);
    const before = states.get(snapshot.cluster) ?? null;
    const { state, ...judged } = judge(before, snapshot, history.book);
    states.set(snapshot.cluster, state);
    // What a source was called before it went on as another is said once more, when its alert ends.
    const known = Object.entries({ ...before?.sources, ...state.sources });
    const names = new Map(known.map(([id, { name }]) => [id, name]));
    yield { ...judged, at: new Date(snapshot.at).toISOString(), cluster: snapshot.cluster, names };
  }
  if (states.size === 0) throw new UserError(`${history.name} holds no snapshots.`, EXPECTED);
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
  throw new UserError(`${where} is no snapshot.`, `Expected for ${decoded.expected}.`);
}
