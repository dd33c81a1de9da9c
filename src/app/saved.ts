// The use case of `report --from`: saved readings and access lists instead of the world.

import { readSavedAccessList, type SavedPage } from '../atlas/saved-access-list.ts';
import type { SavedReportRequest, World } from '../cli/commands.ts';
import { readSaved } from '../cluster/saved-dump.ts';
import type { Problem } from '../core/base/problem.ts';
import { ACCESS_LIST_MISSING, type Label } from '../core/connections/access-list.ts';
import { type ConnectionReport, reportInSteps } from '../core/connections/report.ts';
import type { NodeRead } from '../core/node.ts';
import { UserError } from '../errors.ts';
import { piecesOf, readText } from '../files.ts';
import { stepByStep } from './scheduler/timers.ts';

/** Of the text of dumps, and of an access list: more than any server or project can have. */
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
  // One after another: side by side they would need the memory of all.
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
  return stepByStep(reportInSteps({ reading, accessList, networks: null, labels, redact, problems, now }));
}

const NO_LIST: Problem = {
  code: ACCESS_LIST_MISSING,
  text: 'No access list was given, so addresses are named by labels alone.',
  remedy: 'Add --access-list FILE with what `atlas accessLists list --limit 500 -o json` prints.',
};
