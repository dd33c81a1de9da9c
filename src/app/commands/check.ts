// Use case: tries every credential, privilege and node, and prints one line for each result at once.

import type { RoutingSettings } from '../../core/alerting/routing.ts';
import { wait } from '../../core/base/clock.ts';
import { count, counted } from '../../core/base/format.ts';
import { nearest } from '../../core/base/fuzzy-match.ts';
import { fits } from '../../core/base/glob.ts';
import type { Problem } from '../../core/base/problem.ts';
import { wallTimeAt, zoneName } from '../../core/base/time-zone.ts';
import { type UnreadCause, unreadByCause } from '../../core/connections/node-usage.ts';
import type { NodeReading } from '../../core/connections/reading.ts';
import type { RuleBook } from '../../core/detection/rules.ts';
import type { AtlasProject } from '../../core/ports/clusters.ts';
import type { Schedules } from '../../core/ports/monitor.ts';
import { ConfigError, explain, UpstreamError, UserError } from '../../errors.ts';
import { some } from '../clusters/discovery.ts';
import type { ClusterRegistry, RegisteredClusters } from '../clusters/registry.ts';
import { scheduleOf } from '../monitor/schedules.ts';
import { createScheduler, type Scheduler } from '../scheduler/scheduler.ts';
import type { CheckFinding } from './types.ts';

export interface CheckInput {
  readonly registry: ClusterRegistry;
  readonly projects: readonly { readonly id: string; readonly atlas: AtlasProject }[];
  /** The default cluster of the settings; null if they name none. */
  readonly defaultCluster: string | null;
  readonly signal: AbortSignal;
}

export interface Checked {
  /** Names of the clusters that are read. */
  readonly clusters: readonly string[];
  /** All cluster names, including excluded ones; null if not all could be listed. */
  readonly known: readonly string[] | null;
  /** Their nodes, `host:port` each, including unread ones. */
  readonly hosts: readonly string[];
}

export async function* check(input: CheckInput): AsyncGenerator<CheckFinding, Checked> {
  const { registry, projects, defaultCluster, signal } = input;
  for (const { id, atlas } of projects) yield* checkProject(id, atlas, signal);
  // Asked again after the refusal above: clusters with their own connection string are still checked.
  const list = await registry.list(signal);
  const { names, problems } = list;
  for (const problem of problems) yield { ok: false, what: 'Atlas: the clusters of a project', problem };
  yield* named(list);
  const hosts: string[] = [];
  for (const name of names) hosts.push(...(yield* checkCluster(name, registry, signal)));
  if (names.length === 0) yield { ok: false, isMissing: true, what: 'clusters', problem: noCluster(list) };
  const known = problems.length > 0 ? null : knownIn(list);
  if (known !== null && defaultCluster !== null) yield* checkDefault(defaultCluster, known);
  return { clusters: names, known, hosts };
}

/** Excluded clusters, and names that match no cluster. Clusters of a pattern may come and go. */
function* named({ left, unmatched }: RegisteredClusters): Generator<CheckFinding> {
  for (const { name, isPattern, problem } of unmatched)
    yield { ok: isPattern, isMissing: true, what: `clusters: ${name}`, problem };
  const isSaid = (name: string) => unmatched.some((one) => one.name === name);
  for (const { name, reason } of left) if (!isSaid(name)) yield { ok: true, what: `${name}: left out, ${reason}` };
}

function knownIn({ names, left, unmatched }: RegisteredClusters): readonly string[] {
  const isNone = (name: string) => unmatched.some((one) => one.name === name);
  return [...names, ...left.map(({ name }) => name).filter((name) => !isNone(name))];
}

function* checkDefault(name: string, known: readonly string[]): Generator<CheckFinding> {
  if (known.length === 0 || known.some((one) => one.toLowerCase() === name.toLowerCase())) return;
  const near = nearest(name, known);
  const text = `The settings call ${name} the default, and there is no such cluster: ${some(known)}.`;
  const remedy = near === null ? 'Set default to one of them.' : `Did you mean ${near}?`;
  yield { ok: true, what: `default: ${name}`, problem: { code: 'default-unmatched', text, remedy } };
}

/** Adds its remedy if no earlier line has one. */
function noCluster({ left, unmatched, problems }: RegisteredClusters): Problem {
  const text = 'There is no cluster to read.';
  const why = [
    ...(problems.length > 0 ? ['Atlas did not list the clusters of every project: see above.'] : []),
    ...(unmatched.length > 0 ? ['Names in the settings match no cluster: see above.'] : []),
    ...(left.length > unmatched.length ? ['Clusters that are left out are read when they can be.'] : []),
  ];
  return { code: 'no-cluster', text, remedy: why.length > 0 ? why.join(' ') : NOTHING_TO_READ };
}

const NOTHING_TO_READ = 'Name a project that has clusters, or set MONGODB_URI to the connection string of one.';

async function* checkProject(id: string, atlas: AtlasProject, signal: AbortSignal): AsyncGenerator<CheckFinding> {
  const title = `Atlas project ${id}`;
  const list = yield* attempt(`${title}: access list`, async () => {
    const { entries, problems } = await atlas.accessList(signal);
    return { summary: `${entries.length} entries`, problems };
  });
  // If Atlas refuses the access list, it refuses the rest for the same reason.
  if (!list.answered) return;
  yield* attempt(`${title}: networks`, async () => {
    const { peers, containers, problems } = await atlas.networks(signal);
    return { summary: `${containers.length} of Atlas, ${peers.length} peered`, problems };
  });
  yield* attempt(`${title}: processes`, async () => {
    return { summary: `${(await atlas.processes(signal)).length}`, problems: [] };
  });
}

/** @returns its nodes */
async function* checkCluster(
  name: string,
  registry: ClusterRegistry,
  signal: AbortSignal,
): AsyncGenerator<CheckFinding, readonly string[]> {
  try {
    const { cluster } = await registry.open(name, signal);
    for (const text of cluster.remarks ?? [])
      yield { ok: true, what: name, problem: { code: 'connection-string', text, remedy: '' } };
    const reading = await cluster.read({ signal });
    for (const problem of reading.problems) yield { ok: false, what: name, problem };
    for (const node of reading.nodes) if (node.kind !== 'unread') yield nodeFinding(name, node);
    for (const cause of unreadByCause(reading.nodes.filter((node) => node.kind === 'unread')))
      yield unreadFinding(name, cause);
    for (const { host, reason } of reading.leftOut) yield { ok: true, what: `${name}, ${host}: left out, ${reason}` };
    return [...reading.nodes, ...reading.leftOut].map(({ host }) => host);
  } catch (error) {
    yield { ok: false, what: name, problem: expected(error) };
    return [];
  }
}

function unreadFinding(cluster: string, { hosts, problem }: UnreadCause): CheckFinding {
  const many = hosts.length === 1 ? '' : `${counted(hosts.length, 'node')}: `;
  return { ok: false, what: `${cluster}, ${many}${hosts.join(', ')}`, problem };
}

function nodeFinding(cluster: string, node: Exclude<NodeReading, { readonly kind: 'unread' }>): CheckFinding {
  const what = `${cluster}, ${node.host}`;
  const { current, limit } = node;
  const used = current === null || limit === null ? '' : `, ${count(current)} of ${count(limit)} connections`;
  // No privilege is missing if none can be granted.
  const only = node.kind === 'totals' ? ', totals only: M0 and Flex clusters refuse $currentOp' : '';
  return { ok: true, what: `${what}: ${node.role}${used}${only}` };
}

async function* attempt(
  what: string,
  tried: () => Promise<{ readonly summary: string; readonly problems: readonly Problem[] }>,
): AsyncGenerator<CheckFinding, { readonly answered: boolean }> {
  try {
    const { summary, problems } = await tried();
    if (problems.length === 0) yield { ok: true, what: `${what}, ${summary}` };
    for (const problem of problems) yield { ok: false, what, problem };
    return { answered: true };
  } catch (error) {
    yield { ok: false, what, problem: expected(error) };
    return { answered: false };
  }
}

/** A refusal by Atlas or a node is a finding; our own faults stay errors. */
function expected(error: unknown): Problem {
  if (error instanceof UpstreamError || error instanceof UserError) return explain(error, '');
  throw error;
}

// Use case: shows the monitoring settings: active rules, schedules of each cluster, and receivers of alerts.

export interface CheckWatchInput {
  readonly book: RuleBook;
  readonly schedules: Schedules;
  /** An IANA name; null for the machine's own time zone. */
  readonly timeZone: string | null;
  /** Null if Slack is not configured, or its channels are checked. */
  readonly routing: RoutingSettings | null;
  /** The clusters that are read. */
  readonly clusters: readonly string[];
  /** All clusters, including excluded ones; null if unknown. */
  readonly known: readonly string[] | null;
  readonly now: () => Date;
}

export async function* checkWatch(input: CheckWatchInput): AsyncGenerator<CheckFinding> {
  const { schedules, routing, clusters } = input;
  yield rulesInForce(input.book);
  // Created only for validation and stopped; no schedule ever runs.
  const scheduler = createScheduler({ ...input, wait, log: { warn: () => {}, error: () => {} } });
  const unfit = unfitIn(schedules, input.known ?? []);
  const written = [schedules.default, ...schedules.clusters.map(({ schedule }) => schedule)];
  for (const schedule of new Set(written)) {
    const read = clusters.filter((name) => scheduleOf(name, schedules) === schedule);
    const finding = checkSchedule(scheduler, { schedule, clusters: read, timeZone: input.timeZone });
    // A setting that matches no cluster is reported below.
    const isForNobody = unfit.some((one) => one.schedule === schedule) && read.length === 0;
    if (!finding.ok || schedule === schedules.default || !isForNobody) yield finding;
  }
  await scheduler.stop();
  for (const one of unfit) yield unfitFinding(one, input.known ?? []);
  if (routing !== null && routing.channel === null)
    yield { ok: true, what: 'alerts in Slack', problem: NO_ALERT_CHANNEL };
}

/** What is missing before Slack can be checked. An unconfigured Slack is not an error. */
export function* checkSlackSettings(settings: {
  readonly isSet: boolean;
  readonly missing: readonly Problem[];
}): Generator<CheckFinding> {
  if (!settings.isSet) yield { ok: true, what: NOT_CONFIGURED };
  for (const problem of settings.missing) yield { ok: false, isMissing: true, what: 'Slack', problem };
}

const NOT_CONFIGURED =
  'Slack: not configured; `serve` would need SLACK_BOT_TOKEN, and SLACK_APP_TOKEN or both SLACK_SIGNING_SECRET and PORT';

export const NO_ALERT_CHANNEL: Problem = {
  code: 'no-alert-channel',
  text: 'No default channel is set: alerts without a channel from a route, label or override are not posted.',
  remedy: 'Set SLACK_ALERT_CHANNEL to the id of a channel.',
};

type ClusterSchedule = Schedules['clusters'][number];

/** Settings that match no cluster. None if no cluster is known. */
function unfitIn({ clusters }: Schedules, known: readonly string[]): readonly ClusterSchedule[] {
  return known.length === 0 ? [] : clusters.filter(({ cluster: glob }) => !known.some((name) => fits(glob, name)));
}

function unfitFinding({ cluster: glob, schedule }: ClusterSchedule, known: readonly string[]): CheckFinding {
  const near = nearest(glob, known);
  const text = `The schedule ${schedule} is for ${glob}, which matches no cluster: ${some(known)}.`;
  const remedy = near === null ? 'Name one of them, or remove this schedule.' : `Did you mean ${near}?`;
  return { ok: true, what: `schedule of ${glob}`, problem: { code: 'schedule-unmatched', text, remedy } };
}

function rulesInForce({ rules, overrides }: RuleBook): CheckFinding {
  const off = Object.entries(rules).flatMap(([name, rule]) => (rule === null ? [name] : []));
  const more = overrides.length === 0 ? '' : `, ${counted(overrides.length, 'override')}`;
  return { ok: true, what: `rules: ${off.length === 0 ? 'all on' : `off: ${off.join(', ')}`}${more}` };
}

function checkSchedule(
  scheduler: Scheduler,
  of: { readonly schedule: string; readonly clusters: readonly string[]; readonly timeZone: string | null },
): CheckFinding {
  const { schedule, clusters, timeZone } = of;
  const what = `schedule ${schedule}: ${clusters.length === 0 ? 'no cluster' : clusters.join(', ')}`;
  try {
    scheduler.schedule(schedule, schedule, async () => {});
    const next = scheduler.next(schedule);
    if (next === null) return { ok: true, what };
    const { date, time } = wallTimeAt(next, timeZone);
    return { ok: true, what: `${what}, next at ${date} ${time} (${zoneName(timeZone)})` };
  } catch (error) {
    const [problem] = error instanceof ConfigError ? error.problems : [];
    if (problem === undefined) throw error;
    return { ok: false, what, problem };
  }
}
