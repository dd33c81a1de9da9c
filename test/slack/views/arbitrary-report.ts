// Reports as the world may send them: nobody or thousands connected, hostile names, nodes that do not answer, M0.

import type { Problem } from '../../../src/core/base/problem.ts';
import type { AccessListEntry } from '../../../src/core/connections/access-list.ts';
import type { ConnectionGroup, NodeReading } from '../../../src/core/connections/reading.ts';
import { buildReport, type ConnectionReport } from '../../../src/core/connections/report.ts';
import { accessListEntry, fc, hostileText, nodeRead, readNode } from '../../core/arbitrary.ts';
import { now } from '../../core/fixtures.ts';

/** Whatever an app, a user, a comment or a host may be called. */
export const outsideText = fc.oneof(
  hostileText,
  fc.constantFrom(
    '<!channel>',
    '<!everyone> <@U0VICTIM> <#C0VICTIM> <!subteam^S0VICTIM>',
    '@here @channel #general',
    '*bold* _italic_ ~strike~ `code` ```fence```',
    ':tada: :100: 2001:db8:100:1',
    'https://evil.example/?a=1&b=2 evil.example who@evil.example',
    '<https://evil.example|click>',
    '&lt;!channel&gt; &amp;',
    '> quote',
    '\u202Egnp.exe\u2066\u200B\u00AD\u3164',
    'a\nb\r\tc\u2028d',
    '```\n*out of the fence*',
    '👩‍👩‍👧‍👦 🏳️‍🌈 ❤️',
    'x'.repeat(10_000),
    '*<!here>&'.repeat(1_200),
    `${'ê'.normalize('NFD')}${'\u0301'.repeat(3_000)}`,
    '長い名前'.repeat(500),
  ),
);

const problem: fc.Arbitrary<Problem> = fc.record({
  code: fc.constant('timeout'),
  text: outsideText,
  remedy: hostileText,
});

function node(host: string): fc.Arbitrary<NodeReading> {
  return fc.oneof(
    { weight: 5, arbitrary: nodeRead(host) },
    { weight: 2, arbitrary: problem.map((why) => ({ kind: 'unread' as const, host, problem: why })) },
    {
      weight: 1,
      arbitrary: problem.map((why) => {
        const { groups: _groups, threads: _threads, idleUsersTold: _told, ...totals } = readNode(host);
        return { ...totals, kind: 'totals' as const, problem: why };
      }),
    },
  );
}

const nodes = fc
  .tuple(
    fc.constantFrom<readonly string[]>(['a:27017'], ['s0.x.net:27017', 's1.x.net:27017', 's2.x.net:27017']),
    fc.array(outsideText, { maxLength: 8 }),
  )
  .map(([plain, hostile]) => [...new Set([...plain, ...hostile])])
  .chain((hosts) => fc.tuple(...hosts.map(node)));

/** Up to 2,000 sources, each an address on the access list with a comment of its own. */
const crowd = fc.record({
  size: fc.oneof(fc.nat(5), fc.nat(250), fc.constantFrom(99, 100, 101, 2_000)),
  comments: fc.array(outsideText, { minLength: 1, maxLength: 6 }),
  apps: fc.array(fc.option(outsideText), { minLength: 1, maxLength: 40 }),
});

function crowdOf({
  size,
  comments,
  apps,
}: {
  size: number;
  comments: readonly string[];
  apps: readonly (string | null)[];
}) {
  const at = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
  const numbers = [...Array(size).keys()];
  const entries = numbers.map((index): AccessListEntry => {
    const comment = comments[index % comments.length] ?? null;
    return { kind: 'range', cidrBlock: `${at(index)}/32`, comment, deleteAfterDate: null };
  });
  const groups = numbers.map((index): ConnectionGroup => {
    const app = apps[index % apps.length] ?? null;
    const count = 1 + ((index * 7_919) % 4_001);
    return { client: at(index), app, driver: null, user: app, activity: index % 3 === 0 ? 'operation' : 'idle', count };
  });
  return { entries, groups };
}

export const connectionReport: fc.Arbitrary<ConnectionReport> = fc
  .record({
    cluster: fc.oneof(fc.constant('prod'), outsideText),
    nodes,
    crowd,
    entries: fc.option(fc.array(accessListEntry, { maxLength: 8 })),
    comment: fc.option(outsideText),
    complete: fc.boolean(),
    leftOut: fc.array(fc.record({ host: outsideText, reason: hostileText }), { maxLength: 8 }),
    problems: fc.array(problem, { maxLength: 5 }),
  })
  .map(({ cluster, nodes, crowd, entries, comment, complete, leftOut, problems }) => {
    const many = crowdOf(crowd);
    const at = now.toISOString();
    const crowded = nodes.map((node) =>
      node.kind === 'read' ? { ...node, groups: [...node.groups, ...many.groups] } : node,
    );
    const named = (entries ?? []).map((entry) => ({ ...entry, comment: comment ?? entry.comment }));
    return buildReport({
      reading: { cluster, at, tookMs: 212, nodes: crowded, leftOut, problems: [] },
      accessList: entries && { entries: [...named, ...many.entries], complete, readAt: at, problems: [] },
      networks: null,
      labels: [],
      problems,
      now,
    });
  });
