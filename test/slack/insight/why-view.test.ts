// The views of `why`: what would be freed, the evidence, and what is expected of the clients against what is seen.

import { expect, test } from 'vitest';
import { whyOfClusterView, whyOfSourceView } from '../../../src/slack/insight/why-view.ts';
import { sourceWarnings } from '../../../src/slack/views/notes.ts';
import { reportView } from '../../../src/slack/views/report.ts';
import { sourceView } from '../../../src/slack/views/source.ts';
import { completeReport, report, source } from '../../cli/sample.ts';
import { drawn, said } from '../views/drawn.ts';
import { BILLING, diagnosis, expected, NOTHING, tooLarge, whyOfBilling, whyOfProd } from './why-sample.ts';

const shown = { ageMs: 0, tables: 'data_table', place: { kind: 'answer' }, command: '/atlas-conns' } as const;
const billing = source(BILLING, { name: 'Billing API' });
const lines = (view: Parameters<typeof drawn>[0]) => drawn(view).split('\n');

test('a cluster: how full it is, the reasons by what they would free, and the first three in words', () => {
  const view = whyOfClusterView({ ...shown, report: completeReport(), why: whyOfProd });
  expect(drawn(view)).toMatchInlineSnapshot(`
    "# prod: busiest node 31 % of 1,500
    3 likely reasons. What would be freed is an estimate, on the busiest node unless another is named: **shard-00-00**.
    What | Source | Would free | Do this
    One MongoClient for each request | Billing API | ~468 | Create one MongoClient for each process.
    Pools larger than their use | Web EU | ~66 on shard-00-01 | Set a smaller pool: maxPoolSize=5
    Connections without a name of their own | 198.51.100.9 | – | Set appName.
    **Billing API: ****One MongoClient for each request**, fits.
    240 clients hold 1.1 connections each on shard-00-00. One client for each of 6 hosts is expected.
    **Change: **Create one MongoClient for each process.
    **Would free: **about 468 connections on shard-00-00, about 468 MB: an estimate.
    **Web EU: ****Pools larger than their use**, likely.
    6 clients hold 16 connections each, and use at most 4.
    **Change: **Set a smaller pool: \`maxPoolSize=5\`
    **Would free: **about 66 connections on shard-00-01, about 66 MB: an estimate.
    **198.51.100.9: ****Connections without a name of their own**, fits.
    12 of 12 connections have no appName.
    **Change: **Set appName.
    [Why one source has so many ▾ Billing API (488); Web EU (153); 198.51.100.9 (18); anyone: app "etl" (74)]
    (Back) (Refresh)
    small: read <!date^1795255200^{time_secs}|10:00:00 UTC> in 0.2 s · 3 of 3 nodes · access list of <!date^1795255200^{time}|10:00 UTC>, 41 entries
    small: The store has no reading of prod yet."
  `);
  expect(said(view)).toMatchInlineSnapshot(`
    "prod: busiest node 31 % of 1,500
    3 likely reasons. What would be freed is an estimate, on the busiest node unless another is named: shard-00-00.
    Billing API: “One MongoClient for each request” fits. About 468 connections on shard-00-00 would be freed.
    Web EU: “Pools larger than their use” is likely. About 66 connections on shard-00-01 would be freed.
    198.51.100.9: “Connections without a name of their own” fits."
  `);
});

test('a source: each reason with evidence, change and estimate, then expected against seen', () => {
  const view = whyOfSourceView({ ...shown, report: completeReport(), source: billing, why: whyOfBilling });
  expect(drawn(view)).toMatchInlineSnapshot(`
    "# Why so many: Billing API
    **prod** · 4 active · 412 dormant · 12 clients
    **One MongoClient for each request**, fits.
    240 clients hold 1.1 connections each on shard-00-00. One client for each of 6 hosts is expected.
    **Change: **Create one MongoClient for each process.
    **Would free: **about 468 connections on shard-00-00, about 468 MB: an estimate.
    Node | Heartbeats expected | Heartbeats seen | Pooled | Pooled per client
    shard-00-00 | 24 | 24 | 77 | 6.4
    shard-00-01 | 24 | 26 | 12 | 1
    All nodes | 48 | 50 | 89 | –
    For 12 clients at least 72 connections are expected; 139 are seen.
    67 more than expected: pools of 6.4 for each client.
    (Back) (Whole cluster) (Refresh)
    small: read <!date^1795255200^{time_secs}|10:00:00 UTC> in 0.2 s · 3 of 3 nodes · access list of <!date^1795255200^{time}|10:00 UTC>, 41 entries"
  `);
  expect(said(view)).toMatchInlineSnapshot(`
    "Why so many: Billing API
    prod · 4 active · 412 dormant · 12 clients
    “One MongoClient for each request” fits. About 468 connections on shard-00-00 would be freed.
    For 12 clients at least 72 connections are expected; 139 are seen.
    67 more than expected: pools of 6.4 for each client."
  `);
});

test('a node near its limit leads, with the command that tells the emergency', () => {
  const [first, ...others] = completeReport().nodes;
  if (first === undefined || 'problem' in first) throw new Error('no node');
  const full = completeReport({ nodes: [{ ...first, current: 1_500, available: 0, limit: 1_500 }, ...others] });
  expect(lines(whyOfClusterView({ ...shown, report: full, why: whyOfProd }))[1]).toBe(
    'shard-00-00 is at 100 % of its limit. "/atlas-conns alerts prod" tells what is open, and who is shut out.',
  );
});

test('when nothing is unusual, one line says so; when no source is known, nothing is claimed', () => {
  const fine = lines(whyOfClusterView({ ...shown, report: completeReport(), why: NOTHING }));
  expect(fine[1]).toMatch(/^Nothing unusual/);
  const none = lines(whyOfClusterView({ ...shown, report: completeReport({ sources: [] }), why: NOTHING }));
  expect(none[1]).toMatch(/^No source of this cluster is known/);
  const one = lines(whyOfSourceView({ ...shown, report: completeReport(), source: billing, why: NOTHING }));
  expect(one.slice(1, 3)).toEqual([
    '**prod** · 4 active · 412 dormant · 12 clients',
    expect.stringMatching(/^Nothing unusual/),
  ]);
});

test('more than its clients need is not called usual', () => {
  const view = whyOfSourceView({ ...shown, report: completeReport(), source: billing, why: { ...NOTHING, expected } });
  expect(drawn(view)).toContain('No known cause fits.');
  expect(drawn(view)).not.toContain('Nothing unusual');
});

test('a source that no access list entry lets in is said to be one', () => {
  const unlisted = { ...billing, class: 'unlisted' } as const;
  const view = whyOfSourceView({ ...shown, report: completeReport(), source: unlisted, why: NOTHING });
  expect(lines(view)[2]).toMatch(/^No access list entry lets it in/);
});

test('clients that are unknown are no zero', () => {
  const node = { host: 'shard-00-00.abcde.mongodb.net:27017', pooled: 30, pooledPerClient: null };
  const unknown = {
    ...expected,
    clients: null,
    expected: null,
    seen: 34,
    nodes: [{ ...node, monitors: { expected: null, seen: 4 } }],
  };
  const view = whyOfSourceView({
    ...shown,
    report: completeReport(),
    source: billing,
    why: { ...NOTHING, expected: unknown },
  });
  expect(drawn(view)).toContain('shard-00-00 | ? | 4 | 30 | –');
  expect(drawn(view)).toContain('34 connections are seen.');
});

test('nodes that were not read are named beside the reasons', () => {
  for (const view of [
    whyOfClusterView({ ...shown, report: report(), why: whyOfProd }),
    whyOfSourceView({ ...shown, report: report(), source: billing, why: whyOfBilling }),
  ])
    expect(drawn(view)).toContain('**analytics-2** was not read');
});

test('the drill-down says in one line why a source has so many; a remark is no warning', () => {
  const of = (one: Parameters<typeof diagnosis>[0]) =>
    lines(sourceView({ ...shown, report: completeReport(), source: billing, diagnoses: [diagnosis(one)] }))[3];
  expect(of({})).toBe(
    '**Why so many: **“One MongoClient for each request” fits. About 468 connections on shard-00-00 would be freed.',
  );
  expect(of({ wouldFree: null, confidence: 'likely' })).toBe(
    '**Why so many: **“One MongoClient for each request” is likely.',
  );
  expect(of({ severity: 'info' })).not.toContain('Why so many');
});

test('a report has three warnings at most: sources first, and the worst of the access list keeps its place', () => {
  const many = ['a', 'b', 'c', 'd'].map((id) => diagnosis({ source: id, name: `Source ${id}` }));
  const again = diagnosis({ source: 'a', name: 'Source a', title: 'Pools larger than their use' });
  const warned = (findings: boolean, diagnoses = [...many, again]) => {
    const of = completeReport(findings ? {} : { findings: [] });
    return lines(reportView({ ...shown, report: of, by: 'source', warnings: sourceWarnings({ diagnoses }) })).filter(
      (line) => /MongoClient|Pools|more source|access list entry/.test(line),
    );
  };
  const one = (id: string) =>
    `**Source ${id}**: “One MongoClient for each request” fits. About 468 connections on shard-00-00 would be freed.`;
  expect(warned(true)).toEqual([
    one('a'),
    one('b'),
    'and 2 more sources: `/atlas-conns why prod`',
    '**198.51.100.9** is connected but matches no access list entry',
  ]);
  expect(warned(false)).toEqual([one('a'), one('b'), one('c'), 'and 1 more source: `/atlas-conns why prod`']);
  expect(warned(true, [tooLarge])).toEqual([
    '**Web EU**: “Pools larger than their use” is likely. About 66 connections on shard-00-01 would be freed.',
    '**198.51.100.9** is connected but matches no access list entry',
  ]);
});
