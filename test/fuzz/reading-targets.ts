// What clusters, Atlas and files send: $currentOp, the access list, saved dumps, histories, addresses.

import fc from 'fast-check';
import { replay } from '../../src/app/commands/replay.ts';
import type { Commands } from '../../src/app/commands/types.ts';
import { readSavedAccessList } from '../../src/atlas/saved-access-list.ts';
import { showReplay } from '../../src/cli/alerts.ts';
import { reportCsv } from '../../src/cli/csv.ts';
import { reportText } from '../../src/cli/report-text.ts';
import { decodeProbe } from '../../src/cluster/current-op.ts';
import { decodeHello, decodeServerStatus } from '../../src/cluster/decode.ts';
import { readSaved } from '../../src/cluster/saved-dump.ts';
import type { AccessList } from '../../src/core/connections/access-list.ts';
import { DIMENSIONS } from '../../src/core/connections/group-by.ts';
import type { NodeReading } from '../../src/core/connections/reading.ts';
import { buildReport } from '../../src/core/connections/report.ts';
import { DEFAULT_BOOK } from '../../src/core/detection/rules.ts';
import { formatIp, parseClient, parseIp } from '../../src/core/net/address.ts';
import { parseCidr } from '../../src/core/net/cidr.ts';
import { reportView } from '../../src/slack/views/report.ts';
import { now } from '../core/fixtures.ts';
import { damaged, renamed, spoiled } from './outside.ts';
import { mustBeHarmless, mustBePrintable, refused, understood } from './rules.ts';
import { type Target, target } from './target.ts';

const operation = {
  type: 'op',
  host: 'a:27017',
  desc: 'conn1',
  active: false,
  client: '203.0.113.9:51234',
  appName: 'billing',
  clientMetadata: { driver: { name: 'nodejs', version: '7.0.0' }, os: { type: 'Linux' }, platform: 'Node.js v24' },
  effectiveUsers: [{ user: 'app', db: 'admin' }],
};
const row = {
  _id: { n: 'billing', d: 'nodejs', v: '7', p: 'Node', u: [{ user: 'app', db: 'admin' }], k: 'idle' },
  c: [
    { a: '203.0.113.9:1', n: 3 },
    { t: 'TTLMonitor', n: 1 },
  ],
};
const entries = [
  { cidrBlock: '203.0.113.0/24', comment: 'Billing API', groupId: 'x' },
  { awsSecurityGroup: 'sg-0123456789abcdef0', comment: 'Web' },
  { ipAddress: '198.51.100.7', comment: 'Bastion', deleteAfterDate: '2026-11-22T00:00:00Z' },
];

/** Whatever was understood is shown everywhere where it can be shown. */
function mustBeShowable(nodes: readonly NodeReading[], accessList: AccessList | null): void {
  const at = now.toISOString();
  const reading = { cluster: 'prod', at, tookMs: 1, nodes, leftOut: [], problems: [] };
  const report = buildReport({ reading, accessList, networks: null, labels: [], problems: [], now });
  const by = DIMENSIONS[nodes.length % DIMENSIONS.length] ?? 'source';
  mustBePrintable(reportText(report, { by, threads: true, width: 80, paint: (_, text) => text }));
  // Between quotes, tabs and ends of line are data.
  mustBePrintable(reportCsv(report, 'app').replace(/[\t\r\n]/g, ' '));
  mustBeHarmless(reportView({ report, by: 'app', ageMs: 0, tables: 'text', place: { kind: 'answer' } }));
}

const dump = target({
  name: 'saved dumps',
  share: 5,
  inputs: fc.oneof(
    spoiled([operation, operation]).map((value) => JSON.stringify(value)),
    damaged([
      JSON.stringify([operation]),
      JSON.stringify({ inprog: [operation] }),
      '{"host":"a:1","client":{"$oid":"x"}}',
    ]),
    renamed([operation, operation], ['type', 'client']).map((value) => JSON.stringify(value)),
  ),
  async check(text) {
    const saved = await readSaved({ name: 'dump.json', pieces: [text] }).catch(refused);
    if (saved !== null) mustBeShowable(saved.nodes, null);
  },
});

const accessList = target({
  name: 'access list',
  share: 5,
  inputs: fc.oneof(
    spoiled({ results: entries }).map((value) => JSON.stringify(value)),
    renamed(entries, ['cidrBlock', 'deleteAfterDate']).map((value) => JSON.stringify(value)),
    damaged([JSON.stringify({ results: entries }), JSON.stringify(entries)]),
  ),
  async check(text) {
    const list = understood(() => readSavedAccessList([{ path: 'list.json', text }], now));
    const { nodes } = await readSaved({ name: 'd', pieces: [JSON.stringify([operation])] });
    if (list !== null) mustBeShowable(nodes, list);
  },
});

const answers = target({
  name: 'answers of a node',
  share: 8,
  inputs: fc.oneof(
    spoiled([row, row]),
    spoiled({ setName: 'rs', hosts: ['a:1'], arbiters: [], isWritablePrimary: true, me: 'a:1', hidden: false }),
    spoiled({ connections: { current: 5, available: 7, totalCreated: 9, rejected: 0 }, version: '8.0.4' }),
  ),
  check(value) {
    decodeProbe(Array.isArray(value) ? value : [value]);
    decodeHello(value);
    decodeServerStatus(value);
  },
});

const held = [{ name: 'x', host: 'a:1', address: '10.0.0.1', active: 1, dormant: 2 }];
const figures = { active: 1, dormant: 500, monitors: 3, clients: 4, nodes: held, apps: held, hosts: held };
const line = {
  cluster: 'prod',
  at: '2026-11-21T10:00:00Z',
  complete: true,
  nodes: [{ host: 'a:1', role: 'primary', current: 90, limit: 100, totalCreated: 7, rejected: 0 }],
  sources: [{ id: '203.0.113.0/24', name: 'Billing API', class: 'range', ...figures }],
  moves: [{ from: 'x', to: 'y', dormant: 1, pooled: 2, hosts: 3 }],
};

const history = target({
  name: 'replayed histories',
  share: 5,
  inputs: fc.array(
    fc.oneof(
      spoiled(line).map((value) => JSON.stringify(value)),
      renamed(line, ['at']).map((value) => JSON.stringify(value)),
      damaged([JSON.stringify(line)]),
    ),
    { maxLength: 4 },
  ),
  async check(lines) {
    const told: string[] = [];
    const terminal = { columns: 80, colors: false, out: (text: string) => void told.push(text), err: () => undefined };
    const commands = {
      replay: () => replay({ name: 'h', lines: each(lines), book: DEFAULT_BOOK }),
    } as Partial<Commands>;
    const { signal } = new AbortController();
    const options = { explain: true } as const;
    const input = { path: 'h', cluster: null, options, commands: commands as Commands, terminal, signal };
    await showReplay(input).catch(refused);
    for (const text of told) mustBePrintable(text);
  },
});

async function* each(lines: readonly string[]): AsyncIterable<string> {
  yield* lines;
}

const address = target({
  name: 'addresses and blocks',
  share: 10,
  inputs: damaged([
    '203.0.113.9:51234',
    '[2001:db8::1]:27017',
    '::ffff:1.2.3.4',
    '10.0.0.0/8',
    'fe80::1%eth0',
    'fd00::/8',
  ]),
  check(text) {
    parseClient(text);
    parseCidr(text);
    const ip = parseIp(text);
    if (ip !== null && parseIp(formatIp(ip)) === null) throw new Error(`${formatIp(ip)} is not understood`);
  },
});

export const READING_TARGETS: readonly Target[] = [dump, accessList, answers, history, address];
