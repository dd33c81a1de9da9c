// Use case: try every credential, privilege and node, one line each, as soon as it is known.

import type { NodeReading } from '../core/node.ts';
import type { AtlasProject } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import { explain, UpstreamError, UserError } from '../errors.ts';
import type { Fleet } from './fleet.ts';

export interface Finding {
  readonly ok: boolean;
  /** What was tried, e.g. `Atlas project 64b0…: access list, 41 entries`. */
  readonly what: string;
  readonly problem?: Problem;
}

export interface CheckInput {
  readonly fleet: Fleet;
  readonly projects: readonly { readonly id: string; readonly atlas: AtlasProject }[];
  readonly signal: AbortSignal;
}

export interface Checked {
  /** Names of the clusters that are read. */
  readonly clusters: readonly string[];
  /** Their nodes, `host:port` each, read or not. */
  readonly hosts: readonly string[];
}

export async function* check({ fleet, projects, signal }: CheckInput): AsyncGenerator<Finding, Checked> {
  for (const { id, atlas } of projects) yield* checkProject(id, atlas, signal);
  // Asked again where it was refused above: clusters with a connection string of their own are checked all the same.
  const { names, left, problems } = await fleet.list(signal);
  for (const problem of problems) yield { ok: false, what: 'Atlas: the clusters of a project', problem };
  for (const { name, reason } of left) yield { ok: true, what: `${name}: left out, ${reason}` };
  const hosts: string[] = [];
  for (const name of names) hosts.push(...(yield* checkCluster(name, fleet, signal)));
  if (names.length === 0) yield { ok: false, what: 'clusters', problem: NO_CLUSTER };
  return { clusters: names, hosts };
}

const NO_CLUSTER: Problem = {
  code: 'no-cluster',
  text: 'There is no cluster to read.',
  remedy: 'Set MONGODB_URI, or MONGODB_USERNAME and MONGODB_PASSWORD to read the clusters of the project.',
};

async function* checkProject(id: string, atlas: AtlasProject, signal: AbortSignal): AsyncGenerator<Finding> {
  const title = `Atlas project ${id}`;
  const list = yield* attempt(`${title}: access list`, async () => {
    const { entries, problems } = await atlas.accessList(signal);
    return { told: `${entries.length} entries`, problems };
  });
  // Whoever is refused the access list is refused the rest, for the same reason.
  if (!list.answered) return;
  yield* attempt(`${title}: networks`, async () => {
    const { peers, containers, problems } = await atlas.networks(signal);
    return { told: `${containers.length} of Atlas, ${peers.length} peered`, problems };
  });
  yield* attempt(`${title}: processes`, async () => {
    return { told: `${(await atlas.processes(signal)).length}`, problems: [] };
  });
}

/** @returns its nodes */
async function* checkCluster(
  name: string,
  fleet: Fleet,
  signal: AbortSignal,
): AsyncGenerator<Finding, readonly string[]> {
  try {
    const { cluster } = await fleet.open(name, signal);
    const reading = await cluster.read({ signal });
    for (const problem of reading.problems) yield { ok: false, what: name, problem };
    for (const node of reading.nodes) yield nodeFinding(name, node);
    for (const { host, reason } of reading.leftOut) yield { ok: true, what: `${name}, ${host}: left out, ${reason}` };
    return [...reading.nodes, ...reading.leftOut].map(({ host }) => host);
  } catch (error) {
    yield { ok: false, what: name, problem: expected(error) };
    return [];
  }
}

function nodeFinding(cluster: string, node: NodeReading): Finding {
  const what = `${cluster}, ${node.host}`;
  if (node.kind === 'unread') return { ok: false, what, problem: node.problem };
  const limit = node.limit === null ? '' : `, ${node.current} of ${node.limit} connections`;
  // Nothing is missing where nothing can be granted.
  const only = node.kind === 'totals' ? ', totals only: M0 and Flex clusters refuse $currentOp' : '';
  return { ok: true, what: `${what}: ${node.role}${limit}${only}` };
}

async function* attempt(
  what: string,
  tried: () => Promise<{ readonly told: string; readonly problems: readonly Problem[] }>,
): AsyncGenerator<Finding, { readonly answered: boolean }> {
  try {
    const { told, problems } = await tried();
    if (problems.length === 0) yield { ok: true, what: `${what}, ${told}` };
    for (const problem of problems) yield { ok: false, what, problem };
    return { answered: true };
  } catch (error) {
    yield { ok: false, what, problem: expected(error) };
    return { answered: false };
  }
}

/** What Atlas or a node refuses is a finding; our own faults stay errors. */
function expected(error: unknown): Problem {
  if (error instanceof UpstreamError || error instanceof UserError) return explain(error, '');
  throw error;
}
