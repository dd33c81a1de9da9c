// Use case: can history and alerts be kept where the settings say, and is that a good place?

import type { Store } from '../core/store.ts';
import { explain, UpstreamError, UserError } from '../errors.ts';
import type { Finding } from './check.ts';

export interface CheckStoreInput {
  /** Opening checks version and integrity, and that it can be written. */
  readonly open: () => Promise<Store>;
  /** Beside a bot that has it open. */
  readonly openToRead: () => Promise<Store>;
  /** Where the store's own MongoDB listens, `host:port` each; empty for the embedded one. */
  readonly hosts: () => Promise<readonly string[]>;
  /** Nodes of the watched clusters, `host:port` each. */
  readonly watched: readonly string[];
}

/** Another bot has the embedded store open. */
const HELD = 'store-held';

export async function* checkStore(input: CheckStoreInput): AsyncGenerator<Finding> {
  try {
    const { store, isHeld } = await opened(input);
    const { kind, where } = store.about;
    const clusters = await store.clusters();
    const history = clusters.length === 0 ? 'no history yet' : `history of ${clusters.join(', ')}`;
    const writable = isHeld ? 'written by a bot that runs' : 'can be written';
    const what = `store: ${kind === 'sqlite' ? 'SQLite' : 'MongoDB'} ${where}, ${writable}, ${history}`;
    const shared = (await input.hosts()).filter((host) => input.watched.includes(host));
    yield shared.length === 0 ? { ok: true, what } : { ok: true, what, problem: livesInWatched(shared) };
  } catch (error) {
    if (!(error instanceof UpstreamError || error instanceof UserError)) throw error;
    yield { ok: false, what: 'store', problem: explain(error, '') };
  }
}

async function opened({
  open,
  openToRead,
}: CheckStoreInput): Promise<{ readonly store: Store; readonly isHeld: boolean }> {
  try {
    return { store: await open(), isHeld: false };
  } catch (error) {
    // That a bot has it is how it should be.
    if (!(error instanceof UpstreamError) || error.problem.code !== HELD) throw error;
    return { store: await openToRead(), isHeld: true };
  }
}

function livesInWatched(shared: readonly string[]) {
  return {
    code: 'store-in-watched-cluster',
    text: `History and alerts live in a cluster that is watched (${shared.join(', ')}): they are gone when it is full.`,
    remedy: 'Set ANALYSIS_URI to another cluster, or leave it out: the embedded store needs none.',
  };
}
