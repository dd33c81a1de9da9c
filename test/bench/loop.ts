// The longest that one step of the bot keeps everything else waiting, over a whole reading of a huge cluster: read from
// three nodes, reported, judged, written with its checkpoint, restored, and drawn for Slack.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyze } from '../../src/app/clusters/report-service.ts';
import { type Before, takeReading, writeReading } from '../../src/app/monitor/evaluate-reading.ts';
import { createStateCache } from '../../src/app/monitor/state-cache.ts';
import { openCluster } from '../../src/cluster/cluster.ts';
import type { ConnectionReport } from '../../src/core/connections/report.ts';
import { DEFAULT_BOOK } from '../../src/core/detection/rules.ts';
import type { OpenCluster } from '../../src/core/ports/clusters.ts';
import { reportView } from '../../src/slack/views/report.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { demoUsers } from '../sandbox/scenario/demo.ts';
import type { Row } from './row.ts';

const MOST_MS = 50;
const DAY = 86_400_000;
const READINGS = 4;
const NODES = 3;

export async function benchLoop(): Promise<Row[]> {
  const small = await blocksOf(2_000);
  const large = await blocksOf(20_000);
  return [...small].map(([stage, ms]) => {
    const grown = large.get(stage) ?? Number.NaN;
    const what = `longest step at 2,000 sources (${grown.toFixed(0)} ms at 20,000): ${stage}`;
    return { what, value: ms, unit: 'ms', reach: `≤ ${MOST_MS}`, ok: ms <= MOST_MS };
  });
}

/** By stage, in milliseconds of the thread's own time, so that what else the machine does is not counted. */
async function blocksOf(sources: number): Promise<ReadonlyMap<string, number>> {
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-loop-'));
  const nodes = await Promise.all(Array.from({ length: NODES }, () => startCrowd(sources)));
  const keep = { readings: 35 * DAY, hours: 400 * DAY };
  let at = Date.parse('2026-11-21T10:00:00Z');
  const now = () => new Date(at);
  const store = await openSqliteStore({ directory, keep, now });
  const cluster = together(
    nodes.map(({ uri }, index) => openCluster({ name: `${index}`, uri, now, deadlineMs: 100_000 })),
  );
  const longest = new Map<string, number>();
  const watched = async <Result>(stage: string, work: () => Result | Promise<Result>): Promise<Result> => {
    const { result, ms } = await longestStep(work);
    // The first time everything is still compiled.
    if (at > FIRST) longest.set(stage, Math.max(ms, longest.get(stage) ?? 0));
    return result;
  };
  const FIRST = at;
  try {
    const book = DEFAULT_BOOK;
    const routing = { channel: null, critical: { channel: null, mention: null }, routes: [], fallback: [] };
    const quiet = () => undefined;
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const before: Before = new Map();
    let memory = createStateCache({ store, book });
    for (let reading = 0; reading < READINGS; reading++, at += 61 * 60_000) {
      const report = await watched('read and reported', () => reportOn(cluster, now));
      if (report.sources.length < sources) throw new Error('there are not as many sources as there should be');
      const reports = { clusters: never, headroom: never, report: async () => ({ report, ageMs: 0 }) };
      const asked = { cluster: 'prod', before, last: memory.last('prod') };
      const signal = AbortSignal.timeout(100_000);
      const snapshot = await watched('made a snapshot', () => takeReading({ reports, now }, asked, signal));
      if (snapshot === null) throw new Error('it was not read');
      const taken = { slot: at, snapshot, mayBeWritten: false };
      await watched('judged and written', () => writeReading({ store, book, routing, memory, now, log }, taken));
      await watched('state saved', () => memory.save('prod'));
      memory = createStateCache({ store, book });
      await watched('state restored', () => memory.known('prod'));
      for (const by of ['source', 'app', 'host'] as const) {
        const shown = { report, by, ageMs: 0, tables: 'data_table', place: { kind: 'answer' } } as const;
        await watched(`drawn by ${by}`, () => reportView(shown));
      }
    }
    return longest;
  } finally {
    await Promise.all([cluster.close(), store.close()]);
    await Promise.all(nodes.map((node) => node.close()));
    await rm(directory, { recursive: true });
  }
}

const never = () => Promise.reject(new Error('nobody asks for this here'));

/** Between two turns of the event loop. */
async function longestStep<Result>(work: () => Result | Promise<Result>): Promise<{ result: Result; ms: number }> {
  let [longest, isOver] = [0, false];
  const used = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  };
  await new Promise((resolve) => setImmediate(resolve));
  let last = used();
  const turn = () => {
    const now = used();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const result = await work();
  isOver = true;
  turn();
  return { result, ms: longest };
}

function reportOn(cluster: OpenCluster, now: () => Date): Promise<ConnectionReport> {
  const entries = Array.from({ length: 200 }, (_, index) => {
    return {
      kind: 'range',
      cidrBlock: `203.0.${index}.0/24`,
      comment: `Service ${index}`,
      deleteAfterDate: null,
    } as const;
  });
  const accessList = { entries, complete: true, readAt: now().toISOString(), problems: [] };
  const naming = { read: async () => ({ accessList, networks: null, problems: [] }) };
  return analyze({ cluster, naming, labels: [], signal: AbortSignal.timeout(100_000), now });
}

/** The nodes of several direct connections as one cluster. */
function together(clusters: readonly OpenCluster[]): OpenCluster {
  return {
    name: 'prod',
    async read(options) {
      const readings = await Promise.all(clusters.map((cluster) => cluster.read(options)));
      const [first] = readings;
      if (first === undefined) throw new Error('there is no node');
      return { ...first, cluster: 'prod', nodes: readings.flatMap(({ nodes }) => nodes) };
    },
    headroom: never,
    close: async () => void (await Promise.all(clusters.map((cluster) => cluster.close()))),
  };
}

/** Three connections of each address. */
async function startCrowd(addresses: number): Promise<{ readonly uri: string; close(): Promise<void> }> {
  const file = new URL('crowd-node.ts', import.meta.url).pathname;
  const node = spawn(process.execPath, [file, String(3 * addresses), String(addresses)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [host]: unknown[] = await once(node.stdout, 'data');
  const [reader] = demoUsers;
  return {
    uri: `mongodb://${reader?.user}:${reader?.password}@${String(host).trim()}/?directConnection=true`,
    async close() {
      node.stdin.end();
      await once(node, 'exit');
    },
  };
}
