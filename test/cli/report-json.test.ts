// The public JSON form, held against the example of the format's description.

import { expect, test } from 'vitest';
import { reportJson } from '../../src/cli/report-export.ts';
import { report, source, unread } from './sample.ts';

const keys = (value: unknown) => Object.keys(Object(value));

test('the keys of every object come in the order of the format, new ones last', () => {
  const document = JSON.parse(reportJson(report()));
  expect(document.schema).toBe('atlas-conns/report/1');
  expect(keys(document).slice(0, 10)).toEqual([
    'schema',
    'cluster',
    'at',
    'tookMs',
    'complete',
    'totals',
    'nodes',
    'sources',
    'findings',
    'problems',
  ]);
  expect(keys(document.totals)).toEqual(['connections', 'active', 'dormant', 'monitors', 'internal', 'own', 'threads']);
  expect(keys(document.nodes[0]).slice(0, 7)).toEqual([
    'host',
    'role',
    'connections',
    'current',
    'available',
    'limit',
    'totalCreated',
  ]);
  const [first] = document.sources;
  expect(keys(first).slice(0, 14)).toEqual([
    'id',
    'name',
    'class',
    'entry',
    'active',
    'dormant',
    'monitors',
    'clients',
    'share',
    'nodes',
    'apps',
    'hosts',
    'drivers',
    'users',
  ]);
  expect(keys(first.entry)).toEqual(['cidrBlock', 'comment', 'deleteAfterDate']);
  expect(keys(first.nodes[0])).toEqual(['host', 'active', 'dormant', 'monitors']);
  expect(keys(first.apps[0]).slice(0, 3)).toEqual(['name', 'active', 'dormant']);
  expect(keys(first.hosts[0]).slice(0, 4)).toEqual(['address', 'active', 'dormant', 'clients']);
  expect(keys(first.drivers[0]).slice(0, 5)).toEqual(['name', 'version', 'platform', 'active', 'dormant']);
  expect(keys(document.findings[0]).slice(0, 3)).toEqual(['kind', 'entry', 'text']);
});

test('a node that was not read has its problem and no figure', () => {
  expect(JSON.parse(reportJson(report())).nodes.at(-1)).toEqual(unread);
});

test('the combinations of the drill-down are not part of the format', () => {
  expect(reportJson(report())).not.toContain('combinations');
});

test('outside text comes back as it was, and no control character leaves as itself', () => {
  const name = 'a\u001b[31m\u009b\u202e\n\u2028漢 \u{e0041}';
  const json = reportJson(report({ sources: [source('203.0.113.0/24', { name })] }));
  expect(JSON.parse(json).sources[0].name).toBe(name);
  expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
});
