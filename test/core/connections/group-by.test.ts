import { expect, test } from 'vitest';
import { DIMENSIONS, groupReport } from '../../../src/core/connections/group-by.ts';
import { accessListEntry, fc, nodeRead } from '../arbitrary.ts';
import { connections, range, reportOn } from '../fixtures.ts';

test('grouped by app, an app of two sources is one row that names both', () => {
  const entries = [range('203.0.113.0/25', 'east'), range('203.0.113.128/25', 'west')];
  const groups = [connections('203.0.113.1'), connections('203.0.113.200', { count: 4, activity: 'operation' })];
  expect(groupReport(reportOn({ entries, groups }), 'app')).toEqual([
    { name: 'billing', active: 4, dormant: 10, monitors: 0, clients: null, sources: ['east', 'west'] },
  ]);
});

test('by node, clients are the heartbeats that the node sees', () => {
  const groups = [
    connections('203.0.113.1'),
    connections('203.0.113.1', { activity: 'heartbeat', user: null, count: 3 }),
  ];
  expect(groupReport(reportOn({ groups }), 'node')).toMatchObject([{ name: 'a:27017', clients: 3 }]);
});

test('every grouping has the sums of the sources', () => {
  fc.assert(
    fc.property(nodeRead('a:27017'), fc.array(accessListEntry, { maxLength: 6 }), ({ groups }, entries) => {
      const report = reportOn({ groups, entries });
      const { active, dormant, monitors } = report.totals;
      for (const by of DIMENSIONS) {
        if (by === 'source') continue;
        const rows = groupReport(report, by);
        const sum = (key: 'active' | 'dormant' | 'monitors') => rows.reduce((all, row) => all + row[key], 0);
        expect([sum('active'), sum('dormant'), sum('monitors')]).toEqual([active, dormant, monitors]);
        expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
      }
    }),
  );
});

test('connections without a user come last, and only they: most of them are heartbeats', () => {
  const groups = [
    connections('203.0.113.9:1', { count: 40, user: null, app: null }),
    connections('203.0.113.10:1', { count: 2, user: 'web@admin', app: null }),
    connections('203.0.113.11:1', { count: 3, user: 'app@admin', app: 'billing' }),
  ];
  const report = reportOn({ groups });
  expect(groupReport(report, 'user').map(({ name }) => name)).toEqual(['app@admin', 'web@admin', null]);
  expect(groupReport(report, 'app').map(({ name }) => name)).toEqual([null, 'billing']);
});
