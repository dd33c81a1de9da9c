// What is read from files instead of from the world: saved readings, access lists, histories and rules.

import { readSavedAccessList } from '../atlas/saved-access-list.ts';
import type { SavedReportRequest, World } from '../cli/commands.ts';
import { readSaved } from '../cluster/saved.ts';
import { ACCESS_LIST_MISSING, type Label } from '../core/access-list.ts';
import type { Problem } from '../core/problem.ts';
import { buildReport, type ConnectionReport } from '../core/report.ts';
import { UserError } from '../errors.ts';

export async function savedReport(
  request: SavedReportRequest,
  world: World & { readonly labels: readonly Label[] },
): Promise<ConnectionReport> {
  const now = world.now();
  const files = await Promise.all(
    request.readings.map(async ({ host, path }) => {
      const text = await readFileOrSay(path, world);
      return readSaved({ name: path, text, ...(host === null ? {} : { host }) });
    }),
  );
  const pages = await Promise.all(
    request.accessLists.map(async (path) => ({ path, text: await readFileOrSay(path, world) })),
  );
  const nodes = files.flat();
  const twice = nodes.find(({ host }, at) => nodes.findIndex((node) => node.host === host) !== at);
  if (twice) {
    const remedy = 'Give one file a node, or say whose it is: --from HOST=FILE.';
    throw new UserError(`Two of the files are readings of ${twice.host}.`, remedy);
  }
  const accessList = pages.length === 0 ? null : readSavedAccessList(pages, now);
  const problems = accessList === null ? [NO_LIST] : accessList.problems;
  const reading = { cluster: 'saved', at: now.toISOString(), tookMs: 0, nodes, leftOut: [], problems: [] };
  const { labels, redact } = world;
  return buildReport({ reading, accessList, networks: null, labels, redact, problems, now });
}

const NO_LIST: Problem = {
  code: ACCESS_LIST_MISSING,
  text: 'No access list was given, so addresses are named by labels alone.',
  remedy: 'Add --access-list FILE with what `atlas accessLists list --limit 500 -o json` prints.',
};

/** @throws UserError that names the file */
export async function readFileOrSay(path: string, { readFile }: Pick<World, 'readFile'>): Promise<string> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw unreadableFile(path, cause);
  }
}

/** A history may be larger than memory: line by line. */
export async function* linesOf(path: string, signal: AbortSignal): AsyncIterable<string> {
  const { createReadStream } = await import('node:fs');
  const { createInterface } = await import('node:readline');
  const file = createReadStream(path, { encoding: 'utf8', signal });
  // An error of the file ends the lines without a word: it is kept, and told then.
  let failure: unknown = null;
  file.once('error', (error) => {
    failure = error;
  });
  try {
    yield* createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    failure ??= error;
  } finally {
    file.destroy();
  }
  signal.throwIfAborted();
  if (failure !== null) throw unreadableFile(path, failure);
}

function unreadableFile(path: string, cause: unknown): UserError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  if (code === 'ENOENT') return new UserError(`There is no file ${path}.`, 'Check its name.', { cause });
  const remedy = 'Check that it is a file that you may read.';
  return new UserError(`${path} cannot be read (${String(code)}).`, remedy, { cause });
}
